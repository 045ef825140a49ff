"""What narrows a list. Each field stands in the address by its name; an empty one says nothing."""

from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast
from django.utils import timezone

from accounts.models import User
from accounts.roles import SALES
from desk.moments import DayInput, refuse_far_years
from leads import search
from leads.bulk.acts import NOBODY
from leads.models import Inquiry, Kind, Lead
from offices.models import Office

MAX_WORDS = 20
ME, ALL = "me", "all"


class Day(forms.DateField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, widget=DayInput, validators=[refuse_far_years], **kwargs)


class Choice(forms.ChoiceField):
    def __init__(self, *choices: tuple[str, str], **kwargs: Any) -> None:
        unknown = {"invalid_choice": "There is no such choice any more."}
        super().__init__(choices=choices, required=False, error_messages=unknown, **kwargs)


class Filter(forms.Form):
    """Fields that say nothing of use are left aside, with an error beside each. The `first` stand
    in the open, the others behind “More filters”.
    """

    first: tuple[str, ...] = ("q", "standing", "domain")

    q = forms.CharField(
        required=False,
        max_length=200,
        label="Search",
        widget=forms.TextInput({"type": "search", "data-key": "/", "data-key-name": "Search"}),
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.auto_id = "filter-%s"
        self.label_suffix = ""
        self.use_required_attribute = False

    def offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, Choice)
        field.choices = choices

    @property
    def first_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name in self.first]

    @property
    def other_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name not in self.first]

    @property
    def uses_others(self) -> bool:
        return any(self.data.get(one.name) for one in self.other_fields)

    def said(self, name: str) -> Any:
        return self.cleaned_data.get(name) or ""

    def clean_q(self) -> str:
        words: str = self.cleaned_data["q"].replace("\0", "")
        if len(words.split()) > MAX_WORDS:
            raise forms.ValidationError(f"Search for at most {MAX_WORDS} words.")
        return words

    def rows(self) -> QuerySet[Any]:
        raise NotImplementedError

    def searched(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Those that say all the words anywhere, despite typing errors."""
        return search.matching(rows, self.said("q"))


def beginning(day: Any) -> datetime:
    """Of a day, in the person’s zone."""
    return timezone.make_aware(datetime.combine(day, time.min))


class LeadFilter(Filter):
    first = ("q", "stage", "owner", "kind", "answer")

    stage = Choice(("", "Open"), (ALL, "All"), *Lead.Stage.choices)
    owner = Choice(("", "Anyone"))
    kind = Choice(
        ("", "Work"), ("unsorted", "Not sorted yet"), (ALL, "All"), *Kind.choices[1:],
        ("spam", "Spam"),
    )  # fmt: skip
    answer = Choice(
        ("", "Any"), ("waiting", "Waiting"), ("overdue", "Overdue"), ("answered", "Answered")
    )
    step = Choice(
        ("", "Any"), ("due", "Due"), ("planned", "Planned"), ("none", "None"), label="Next step"
    )
    office = Choice(("", "Any"))
    value_from = forms.DecimalField(required=False, max_digits=13, min_value=0, label="Value from")
    value_to = forms.DecimalField(required=False, max_digits=13, min_value=0, label="to")
    opened_from = Day(label="Opened from")
    opened_to = Day(label="to")
    source = forms.CharField(
        required=False,
        max_length=253,
        label="Came by",
        help_text="A campaign, a site, or the address of an article.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owners, offices = people_and_offices()
        self.offer("owner", [("", "Anyone"), (ME, "Me"), (NOBODY, "Nobody"), *owners])
        self.offer("office", [("", "Any"), *offices])

    def rows(self) -> QuerySet[Lead]:
        rows = self._of_kind(Lead.objects.all())
        stage = self.said("stage")
        if stage != ALL:
            rows = rows.filter(stage=stage) if stage else rows.open()
        match self.said("owner"):
            case "me":
                rows = rows.filter(owner=self.user)
            case "nobody":
                rows = rows.filter(owner=None)
            case owner if owner:
                rows = rows.filter(owner=owner)
        if office := self.said("office"):
            rows = rows.filter(office=office)
        rows = self._between(self._waiting(rows))
        return self.searched(self._from_there(rows))

    def _of_kind(self, rows: Any) -> Any:
        match self.said("kind"):
            case "":
                return rows.work()
            case "unsorted":
                return rows.filter(kind="")
            case "all":
                return rows.not_spam()
        return rows.filter(kind=self.said("kind"))

    def _waiting(self, rows: Any) -> Any:
        match self.said("answer"):
            case "waiting":
                rows = rows.unanswered()
            case "overdue":
                rows = rows.overdue()
            case "answered":
                rows = rows.filter(responded_at__isnull=False)
        match self.said("step"):
            case "due":
                return rows.filter(step_due__lte=timezone.localdate())
            case "planned":
                return rows.filter(step_due__isnull=False)
            case "none":
                return rows.filter(step_due__isnull=True)
        return rows

    def _between(self, rows: Any) -> Any:
        low, high = self.cleaned_data.get("value_from"), self.cleaned_data.get("value_to")
        if isinstance(low, Decimal):
            rows = rows.filter(value__gte=low)
        if isinstance(high, Decimal):
            rows = rows.filter(value__lte=high)
        if day := self.said("opened_from"):
            rows = rows.filter(opened_at__gte=beginning(day))
        if day := self.said("opened_to"):
            rows = rows.filter(opened_at__lt=beginning(day + timedelta(days=1)))
        return rows

    def _from_there(self, rows: Any) -> Any:
        if source := self.said("source").strip():
            theirs = Inquiry.objects.filter(lead=OuterRef("pk")).filter(came_by(source))
            rows = rows.filter(Exists(theirs))
        return rows


def came_by(source: str) -> Q:
    """Inquiries of a campaign, from a site, or from an article."""
    names = ("utm_source", "utm_campaign", "referrer_host", "article__slug")
    said = Q()
    for name in names:
        said |= Q(**{f"{name}__iexact": source})
    return said


def people_and_offices() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """To choose from, in one query: who may have a lead or has one, and our offices."""
    has_one = Exists(Lead.objects.filter(owner=OuterRef("pk")))
    sales = User.objects.with_role(SALES).values("pk")
    owners = User.objects.filter(Q(pk__in=sales) | has_one)
    named = [
        rows.order_by().values_list(
            Value(what, output_field=CharField()), "pk", Cast("name", CharField())
        )
        for what, rows in (("owner", owners), ("office", Office.objects.all()))
    ]
    found: dict[str, list[tuple[str, str]]] = {"owner": [], "office": []}
    for what, pk, name in named[0].union(named[1], all=True):
        found[what].append((str(pk), name))
    for one in found.values():
        one.sort(key=lambda choice: choice[1].casefold())
    return found["owner"], found["office"]
