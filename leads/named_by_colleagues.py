"""Where colleagues have named a person in their own words, on the leads of others."""

from typing import Any

from django.db.models import JSONField, QuerySet, Value

from leads import people
from leads.models import Activity, Lead, NextStep
from web.personal import ERASED, Named, Personal

_ALL_OF_A_LEAD = tuple(field.name for field in Lead._meta.concrete_fields)


def lines_of_others(person: Named) -> QuerySet[Activity]:
    """In histories of other people’s leads, lines that name them."""
    return Activity.objects.filter(
        pk__in=people.naming(_of_others(Activity, person), "text", person)
    )


def steps_of_others(person: Named) -> QuerySet[NextStep]:
    """On other people’s leads, next steps that name them."""
    return NextStep.objects.filter(
        pk__in=people.naming(_of_others(NextStep, person), "text", person)
    )


def lost_for_others(person: Named) -> QuerySet[Lead]:
    """Other people’s leads that were lost for a reason that names them."""
    others = Lead.objects.exclude(pk__in=people.leads_with_them(person).values("pk"))
    return Lead.objects.filter(pk__in=people.naming(others, "lost_reason", person))


def _of_others(model: type[Activity] | type[NextStep], person: Named) -> QuerySet[Any]:
    theirs = people.leads_with_them(person).values("pk")
    return model._default_manager.exclude(lead__in=theirs)


NAMED_BY_COLLEAGUES = (
    Personal(
        "leads.Lead",
        "Leads",
        "The reason why someone else’s lead was lost names them.",
        lost_for_others,
        stays=True,
        emptied={"lost_reason": ERASED},
        hidden=_ALL_OF_A_LEAD,
    ),
    Personal(
        "leads.Activity",
        "Leads",
        "A line in the history of someone else’s lead names them.",
        lines_of_others,
        stays=True,
        emptied={"text": ERASED, "before": Value(None, JSONField())},
        hidden=("text", "before"),
    ),
    Personal(
        "leads.NextStep",
        "Leads",
        "A next step on someone else’s lead names them.",
        steps_of_others,
        stays=True,
        emptied={"text": ERASED},
        hidden=("text",),
    ),
)
