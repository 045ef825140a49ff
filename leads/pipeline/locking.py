"""Holding leads: until the commit, nobody else changes them or opens others.

Rows are held in one order, whoever does it: inquiries, people, leads, each by their numbers. Of two
colleagues at the same moment the second waits, and then sees what the first did. Intake and erasure
take them in the same order.
"""

from collections.abc import Iterable, Sequence

from django.db import transaction

from leads.models import Contact, Inquiry, Lead


class Gone(Lead.DoesNotExist):
    """The lead no longer exists: its person was erased in the meantime."""


def lock(lead: Lead) -> None:
    """Hold a lead, and bring it up to date. Raises `Gone` when there is nothing to hold."""
    try:
        # Before the person, as whoever deletes an inquiry does.
        list(lead.inquiries.select_for_update(no_key=True).order_by("pk").values_list("pk"))
        Contact.objects.select_for_update(of=("self",)).get(leads=lead.pk)
        lead.refresh_from_db(from_queryset=Lead.objects.select_for_update())
    except (Contact.DoesNotExist, Lead.DoesNotExist) as error:
        raise Gone from error


def hold(numbers: Iterable[int]) -> list[Lead]:
    """Hold leads, however many, in three queries: those that still exist, in the order given, with
    their people, companies, owners and offices.
    """
    numbers = list(dict.fromkeys(numbers))
    leads = Lead.objects.filter(pk__in=numbers)
    inquiries = Inquiry.objects.filter(lead__in=numbers).select_for_update(no_key=True)
    list(inquiries.order_by("pk").values_list("pk"))
    people = Contact.objects.filter(pk__in=leads.order_by().values("contact"))
    list(people.select_for_update().order_by("pk").values_list("pk"))
    held = leads.select_related("contact__company", "owner", "office")
    found = {one.pk: one for one in held.select_for_update(of=("self",)).order_by("pk")}
    return [found[number] for number in numbers if number in found]


def write(leads: Sequence[Lead], *names: str) -> None:
    """Save these fields of leads that are held, in one query however they differ."""
    if leads:
        # Every one of them exists, so that nothing is inserted: it updates many rows, each to
        # values of its own, in a hundredth of the time of `bulk_update`.
        with transaction.atomic():
            Lead.objects.bulk_create(
                leads, update_conflicts=True, unique_fields=["pk"], update_fields=names
            )
