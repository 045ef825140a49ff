"""What sales fill in on a record. Every act is a form of its own, with an address of its own."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import User
from desk.facts import FactForm
from desk.moments import DayInput, refuse_far_years, refuse_past_day
from desk.zones import validate_zone
from leads import money
from leads.acts import doing, revising
from leads.acts.doing import Done
from leads.bulk.acts import people_to_choose
from leads.models import Kind, Lead
from leads.pipeline.forms import CurrencyField, StageRadios, who_may_take_care
from leads.pipeline.history import display


class OwnerField(forms.ModelChoiceField[User]):
    """Active people in sales, and whoever has the lead."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(User.objects.none(), required=False, empty_label="Nobody", **kwargs)


class DueField(forms.DateField):
    def __init__(self, **kwargs: Any) -> None:
        validators = [refuse_far_years, refuse_past_day]
        super().__init__(label="Due", widget=DayInput, validators=validators, **kwargs)

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> forms.BoundField:
        """The day on which the page is shown is the first to choose."""
        self.widget.attrs["min"] = timezone.localdate().isoformat()
        return super().get_bound_field(form, field_name)


def tomorrow() -> date:
    return timezone.localdate() + timedelta(days=1)


def offer(form: "ActForm", current: User | None) -> None:
    """The people to choose from; whoever has it stays among them."""
    field = form.fields["owner"]
    assert isinstance(field, OwnerField)
    present = User.objects.filter(pk__in=[one.pk for one in (current, form.user) if one])
    field.queryset = who_may_take_care(present)
    if form.is_bound:
        return
    people = dict(people_to_choose(form.user))
    if current:
        people.setdefault(str(current.pk), str(current))
    field.choices = [("", field.empty_label or ""), *people.items()]


class ActForm(FactForm):
    """Does one thing to a lead, which the caller holds."""

    def __init__(self, *args: Any, lead: Lead, user: User, **kwargs: Any) -> None:
        self.lead, self.user = lead, user
        super().__init__(*args, **kwargs)

    def said(self, name: str, value: Any) -> str:
        return display(value)

    def act(self, at: datetime) -> Done:
        raise NotImplementedError


class OwnerForm(ActForm):
    key, verb = "owner", "Hand over"
    owner = OwnerField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, self.lead.owner)

    def facts(self) -> dict[str, Any]:
        return {"owner": self.lead.owner_id}

    def said(self, name: str, value: Any) -> str:
        return str(self.lead.owner or "nobody")

    def act(self, at: datetime) -> Done:
        return doing.assign([self.lead], self.cleaned_data["owner"], by=self.user, at=at)


class AmountForm(ActForm):
    """A value and its currency: one thing."""

    value = forms.CharField(
        required=False, max_length=40, widget=forms.TextInput({"inputmode": "decimal"})
    )
    currency = CurrencyField(required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        typed = cleaned.get("value", "")
        currency = cleaned.get("currency") or self.lead.currency
        if typed and (typed, currency) == (self._plain(), self.lead.currency):
            cleaned["value"] = self.lead.value  # whatever it is, it was not typed now
        elif typed:
            try:
                cleaned["value"] = money.parse(typed, currency)
            except money.AmountError as error:
                self.add_error("value", str(error))
        else:
            cleaned["value"] = None
        cleaned["currency"] = currency
        return cleaned

    def _plain(self) -> str:
        value: Decimal | None = self.lead.value
        return money.plain(value, self.lead.currency) if value is not None else ""


class ValueForm(AmountForm):
    key, verb = "value", "Save"

    def facts(self) -> dict[str, Any]:
        return {"value": self._plain(), "currency": self.lead.currency}

    def act(self, at: datetime) -> Done:
        details = {name: self.cleaned_data[name] for name in ("value", "currency")}
        return doing.revise(self.lead, details, by=self.user, at=at)


class StageForm(AmountForm):
    """With what each stage needs: an estimate, a value, or why it was lost."""

    key, verb = "stage", "Move"
    stage = forms.ChoiceField(choices=Lead.Stage.choices, widget=StageRadios)
    lost_because = forms.ChoiceField(
        required=False, label="Lost because", choices=[("", "Choose…"), *Lead.Lost.choices]
    )
    lost_reason = forms.CharField(required=False, max_length=250, label="In words")

    field_order = ("stage", "value", "currency", "lost_because", "lost_reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.update(
            value=self._plain(),
            currency=self.lead.currency,
            lost_because=self.lead.lost_because,
            lost_reason=self.lead.lost_reason,
        )

    def facts(self) -> dict[str, Any]:
        return {"stage": self.lead.stage}

    def said(self, name: str, value: Any) -> str:
        return self.lead.get_stage_display()

    def act(self, at: datetime) -> Done:
        said = self.cleaned_data
        is_worth = said["stage"] in (Lead.Stage.PROPOSAL, Lead.Stage.WON)
        return doing.move(
            [self.lead],
            said["stage"],
            by=self.user,
            at=at,
            lost_because=said["lost_because"],
            lost_reason=said["lost_reason"],
            value=said["value"] if is_worth else None,
            currency=said["currency"],
        )


class AnswerByForm(ActForm):
    key, verb = "answer-by", "Save"
    respond_by = forms.DateTimeField(
        label="Answer by",
        validators=[refuse_far_years],
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def facts(self) -> dict[str, Any]:
        due = self.lead.respond_by
        return {"respond_by": due.replace(second=0, microsecond=0) if due else None}

    def clean_respond_by(self) -> datetime:
        moment: datetime = self.cleaned_data["respond_by"]
        if moment < timezone.now():
            raise ValidationError("This time has passed. Choose a later one.")
        return moment

    def act(self, at: datetime) -> Done:
        details = {"respond_by": self.cleaned_data["respond_by"]}
        return doing.revise(self.lead, details, by=self.user, at=at)


class PersonForm(ActForm):
    """What we know of the person, in the header."""

    key, verb = "person", "Save"
    phone = forms.CharField(required=False, max_length=40, widget=forms.TextInput({"type": "tel"}))
    job_title = forms.CharField(required=False, max_length=120, label="Job title")
    timezone = forms.CharField(
        required=False,
        max_length=64,
        label="Time zone",
        validators=[validate_zone],
        widget=forms.TextInput({"placeholder": "Europe/Copenhagen"}),
    )

    def facts(self) -> dict[str, Any]:
        return {
            name: getattr(self.lead.contact, name) for name in ("phone", "job_title", "timezone")
        }

    def act(self, at: datetime) -> Done:
        details = {name: self.cleaned_data[name] for name in self.facts()}
        return revising.revise_person(self.lead.contact, details, by=self.user, at=at)


class NoteForm(ActForm):
    """With what comes next, if anything: most notes end with it."""

    key, verb = "note", "Add note"
    note = forms.CharField(
        label="Note. @name emails a colleague",
        max_length=20_000,
        widget=forms.Textarea({"rows": 4}),
    )
    text = forms.CharField(label="Next step, if any", max_length=250, required=False)
    due_on = DueField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.update(due_on=tomorrow())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not cleaned.get("text"):
            self.errors.pop("due_on", None)  # of no step
        elif not cleaned.get("due_on") and "due_on" not in self.errors:
            self.add_error("due_on", "Choose a date.")
        return cleaned

    def act(self, at: datetime) -> Done:
        said = self.cleaned_data
        step = (said["text"], said["due_on"]) if said["text"] else None
        return doing.note(self.lead, said["note"], step=step, by=self.user, at=at)


class StepForm(ActForm):
    key, verb = "step", "Add next step"
    text = forms.CharField(label="Next step", max_length=250)
    due_on = DueField()
    owner = OwnerField(label="For")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, self.user)
        self.initial.update(due_on=tomorrow(), owner=self.user.pk)

    def act(self, at: datetime) -> Done:
        said = self.cleaned_data
        return doing.add_step(
            [self.lead], said["text"], due_on=said["due_on"], owner=said["owner"],
            by=self.user, at=at,
        )  # fmt: skip


class KindForm(ActForm):
    key, verb = "kind", "Sort"
    kind = forms.ChoiceField(choices=Kind.choices)

    def act(self, at: datetime) -> Done:
        return doing.sort([self.lead], Kind(self.cleaned_data["kind"]), by=self.user, at=at)


FACTS: tuple[type[ActForm], ...] = (AnswerByForm, OwnerForm, StageForm, ValueForm, PersonForm)
ADDING: tuple[type[ActForm], ...] = (NoteForm, StepForm)
ALL: tuple[type[ActForm], ...] = (*FACTS, *ADDING, KindForm)
FORMS = {form.key: form for form in ALL}

Press = Callable[[Lead, User, datetime, dict[int, doing.Shown], bool], Done]
# Acts of one press: nothing to fill in.
PRESSES: dict[str, Press] = {
    "take": lambda lead, by, at, shown, again: doing.take([lead], by=by, at=at),
    "answered": lambda lead, by, at, shown, again: doing.answer(
        [lead], by=by, at=at, shown=shown, again=again
    ),
    "no-answer": lambda lead, by, at, shown, again: doing.answer(
        [lead], by=by, at=at, shown=shown, again=again, is_needed=False
    ),
    "spam": lambda lead, by, at, shown, again: doing.spam([lead], by=by, at=at),
}
