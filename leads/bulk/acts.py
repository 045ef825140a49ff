"""What is done to the selected rows of a list or of the inbox, or to all that match."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from accounts.models import User
from desk.bulk import Bulk, Press
from desk.moments import DayInput, refuse_far_years, refuse_past_day
from leads import money
from leads.acts import doing
from leads.acts.each import MAX_AT_ONCE, Done, Shown
from leads.models import Kind, Lead
from leads.pipeline.forms import CurrencyField, StageRadios, who_may_take_care
from web.memo import remembered

NOBODY = "nobody"
People = Sequence[tuple[str, str]]


class Act(Bulk):
    """Does one thing to leads or inquiries."""

    max_at_once = MAX_AT_ONCE
    field_template = "leads/_field.html"

    def __init__(self, data: Any = None, *, user: User, people: People) -> None:
        super().__init__(data, user=user)
        self.people = people
        if "owner" in self.fields:
            self.fields["owner"].choices = self.owners()  # type: ignore[attr-defined]

    def owners(self) -> list[tuple[str, str]]:
        return [(str(self.user.pk), "Me"), *self._others()]

    def _others(self) -> list[tuple[str, str]]:
        return [one for one in self.people if one[0] != str(self.user.pk)]

    def chosen_owner(self) -> User | None:
        key = self.cleaned_data.get("owner")
        return User.objects.filter(pk=key).first() if key and key != NOBODY else None


class OwnerAct(Act):
    name, label, verb, key = "owner", "Owner", "Hand over", "o"
    owner = forms.ChoiceField(error_messages={"required": "Choose who takes them over."})

    def owners(self) -> list[tuple[str, str]]:
        return [*super().owners(), (NOBODY, "Nobody")]

    def presses(self) -> list[Press]:
        *people, nobody = self.owners()
        return [*_numbered(people), Press(*nobody, key="0")]

    def do(self, rows: list[Lead], at: datetime) -> Done:
        return doing.assign(rows, self.chosen_owner(), by=self.user, at=at)


class StageAct(Act):
    """With what each stage needs: an estimate, a value, or why it was lost."""

    name, label, verb, key = "stage", "Stage", "Move", "g"
    stage = forms.ChoiceField(
        choices=Lead.Stage.choices,
        widget=StageRadios,
        error_messages={"required": "Choose a stage."},
    )
    value = forms.CharField(
        required=False,
        max_length=40,
        label="Value of each",
        widget=forms.TextInput({"inputmode": "decimal"}),
        help_text="For proposals and won leads. Empty keeps what each has.",
    )
    currency = CurrencyField(required=False)
    lost_because = forms.ChoiceField(
        required=False, label="Lost because", choices=[("", "Choose…"), *Lead.Lost.choices]
    )
    lost_reason = forms.CharField(required=False, max_length=250, label="In words")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["currency"] = "EUR"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        stage, typed = cleaned.get("stage"), cleaned.get("value")
        cleaned["value"] = None
        if typed and stage in (Lead.Stage.PROPOSAL, Lead.Stage.WON):
            try:
                cleaned["value"] = money.parse(typed, cleaned.get("currency") or "EUR")
            except money.AmountError as error:
                self.add_error("value", str(error))
        if stage == Lead.Stage.LOST and not cleaned.get("lost_because"):
            self.add_error("lost_because", "Say why they were lost.")
        return cleaned

    def do(self, rows: list[Lead], at: datetime) -> Done:
        said = self.cleaned_data
        return doing.move(
            rows,
            said["stage"],
            by=self.user,
            at=at,
            lost_because=said["lost_because"],
            lost_reason=said["lost_reason"],
            value=said["value"],
            currency=said["currency"] if said["value"] is not None else "",
        )


class KindAct(Act):
    name, label, verb, key = "kind", "Kind", "Sort", "x"
    kind = forms.ChoiceField(choices=Kind.choices, error_messages={"required": "Choose a kind."})

    def presses(self) -> list[Press]:
        return [*_numbered(Kind.choices)]

    def do(self, rows: list[Lead], at: datetime) -> Done:
        return doing.sort(rows, Kind(self.cleaned_data["kind"]), by=self.user, at=at)


class StepAct(Act):
    name, label, verb, key = "step", "Next step", "Add to each", "t"
    text = forms.CharField(
        label="Next step", max_length=250, error_messages={"required": "Say what comes next."}
    )
    due_on = forms.DateField(
        label="Due",
        widget=DayInput,
        validators=[refuse_far_years, refuse_past_day],
        error_messages={"required": "Choose a date."},
    )
    owner = forms.ChoiceField(label="For", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["due_on"] = timezone.localdate() + timedelta(days=1)

    def owners(self) -> list[tuple[str, str]]:
        return [("", "Whoever has the lead"), *super().owners()]

    def do(self, rows: list[Lead], at: datetime) -> Done:
        said = self.cleaned_data
        return doing.add_step(
            rows, said["text"], due_on=said["due_on"], owner=self.chosen_owner(),
            by=self.user, at=at,
        )  # fmt: skip


class SpamAct(Act):
    """Of leads what waits on them; of inquiries each."""

    name, label, key = "spam", "Spam", "s"

    def do(self, rows: list[Any], at: datetime) -> Done:
        if rows and isinstance(rows[0], Lead):
            return doing.spam(rows, by=self.user, at=at)
        return doing.spam_inquiries(rows, by=self.user, at=at)


class NotSpamAct(Act):
    """Each inquiry may bring a person, a company and a lead: fewer at once."""

    name, label, key = "not-spam", "Not spam", "u"
    max_at_once = 500

    def do(self, rows: list[Any], at: datetime) -> Done:
        return doing.not_spam(rows, by=self.user, at=at)


class TakeAct(Act):
    name, label, key = "take", "Take", "a"

    def do(self, rows: list[Lead], at: datetime) -> Done:
        return doing.take(rows, by=self.user, at=at)


class AnsweredAct(Act):
    """Of those that the page showed: nobody has answered what they have not read."""

    name, label, key = "answered", "Answered", "e"
    is_needed = True

    def do(self, rows: list[Lead], at: datetime) -> Done:
        data: Any = self.data
        shown = Shown.read(data.getlist("seen"))
        read = [one for one in rows if one.pk in shown]
        done = doing.answer(read, by=self.user, at=at, shown=shown, is_needed=self.is_needed)
        if others := len(rows) - len(read):
            done.left_out.append(
                f"{others} on other pages {'was' if others == 1 else 'were'} left alone: you have "
                "not seen what they wrote."
            )
        return done


class NoAnswerAct(AnsweredAct):
    name, label, key = "no-answer", "No answer", "d"
    is_needed = False


def _numbered(choices: Sequence[tuple[Any, Any]]) -> Iterator[Press]:
    """With the keys 1 to 9."""
    for number, (value, label) in enumerate(choices, 1):
        yield Press(str(value), str(label), str(number) if number < 10 else "")


EVERY: tuple[type[Act], ...] = (
    TakeAct, OwnerAct, KindAct, StageAct, StepAct, AnsweredAct, NoAnswerAct, SpamAct, NotSpamAct,
)  # fmt: skip
ACTS: Mapping[str, type[Act]] = {act.name: act for act in EVERY}


@remembered
def people_to_choose(user: User) -> People:
    """Who may have a lead, by name."""
    may = who_may_take_care(User.objects.filter(pk=user.pk))
    return sorted(((str(one.pk), str(one)) for one in may), key=lambda choice: choice[1].casefold())


def made(names: Sequence[str], *, user: User) -> list[Act]:
    """These acts, as forms."""
    has_owner = any("owner" in ACTS[name].base_fields for name in names)
    people = people_to_choose(user) if has_owner else ()
    return [ACTS[name](user=user, people=people) for name in names]
