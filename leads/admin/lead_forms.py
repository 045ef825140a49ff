"""What sales fill in on a lead's page of the stock admin."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextInputWidget
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from desk.contested import Change
from desk.merging import MergingForm
from desk.moments import DayInput, refuse_far_years, refuse_past_day
from leads import money
from leads.acts import colleagues
from leads.acts.each import Shown
from leads.models import Activity, Lead, NextStep
from leads.pipeline import history, many, moves
from leads.pipeline.forms import CurrencyField, who_may_take_care
from leads.pipeline.locking import lock

# Which lines of a lead's history tell who changed a field.
HISTORY_OF = {
    "stage": Activity.Kind.STAGE,
    "lost_because": Activity.Kind.STAGE,
    "lost_reason": Activity.Kind.STAGE,
    "owner": Activity.Kind.OWNER,
}


class LeadForm(MergingForm[Lead]):
    currency = CurrencyField(
        error_messages={"invalid_choice": "Choose a currency from the list, such as EUR."}
    )
    value = forms.CharField(
        required=False,
        max_length=40,
        widget=forms.TextInput({"inputmode": "decimal", "class": "vTextField lead__value"}),
        help_text="Estimated value of the work.",
    )
    note = forms.CharField(
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text="Added to the history below. @name emails a colleague.",
    )
    next_step = forms.CharField(
        required=False,
        max_length=250,
        widget=AdminTextInputWidget,
        help_text="What we do next, and by when.",
    )
    next_due = forms.DateField(
        required=False, widget=DayInput, label="Due", validators=[refuse_far_years, refuse_past_day]
    )

    together = (("value", "currency"), ("stage", "lost_because", "lost_reason"))

    class Meta:
        model = Lead
        fields = [
            "stage", "lost_because", "lost_reason", "owner", "office", "value", "currency",
            "respond_by",
        ]  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "next_due" in self.fields:
            self.fields["next_due"].widget.attrs["min"] = timezone.localdate().isoformat()
        self.order_fields(["currency", "value"])  # what an amount is depends on its currency
        owner = self.fields.get("owner")
        if isinstance(owner, forms.ModelChoiceField):  # not there for who may only look
            present = User.objects.filter(pk=self.instance.owner_id or 0)  # 0 is nobody's
            owner.queryset = who_may_take_care(present)

    def hold(self) -> None:
        lock(self.instance)

    def as_entered(self, name: str, value: Any) -> Any:
        if name == "value" and value is not None:
            return money.plain(value, self.instance.currency)
        return value

    def facts(self) -> dict[str, str]:
        shown = Shown.of(self.instance)
        return {"latest_inquiry": str(shown.inquiry), "answer": str(shown.answer)}

    def said(self, name: str, value: Any) -> str:
        if name == "value" and value is not None:
            return money.display(value, self.instance.currency)
        return super().said(name, value)

    def last_change(self, name: str, since: datetime | None) -> Change:
        """By the lead's history, which knows of changes outside its form, too."""
        kind = HISTORY_OF.get(name, Activity.Kind.CHANGE)
        label = moves.DETAILS.get(name, "")
        lines = self.instance.activities.filter(kind=kind, text__contains=label)
        return _last_of(lines, since) or super().last_change(name, since)

    def clean_note(self) -> str:
        note: str = self.cleaned_data["note"]
        try:
            colleagues.named_in(note)
        except ValidationError as error:
            raise ValidationError(error.messages) from error
        return note

    def clean_value(self) -> Decimal | None:
        typed: str = self.cleaned_data["value"]
        if not typed:
            return None
        currency = self.cleaned_data.get("currency", "")
        if (typed, currency) == (self.initial.get("value"), self.instance.currency):
            return self.instance.value  # whatever it is, it was not typed now
        try:
            return money.parse(typed, currency)
        except money.AmountError as error:
            raise ValidationError(str(error)) from error

    @property
    def says_answered(self) -> bool:
        return "_answer" in self.data

    @property
    def takes_answer_back(self) -> bool:
        return "_not_answered" in self.data

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        step, due = cleaned.get("next_step"), cleaned.get("next_due")
        if (
            (step or due)
            and not (step and due)
            and not self.errors.keys() & {"next_step", "next_due"}
        ):
            empty = "next_due" if step else "next_step"
            self.add_error(empty, "A next step needs both a description and a due date.")
        answer_by = self.changes.get("respond_by")
        if answer_by and answer_by < timezone.now():
            self.add_error("respond_by", "This time has passed. Choose a later one.")
        self._check_the_move(self.instance)
        self._check_that_all_is_read(self.instance)
        self._check_that_no_colleague_was_first(self.instance)
        return self.cleaned_data

    def _check_the_move(self, lead: Lead) -> None:
        moved = self.changes.keys() & {"stage", "lost_because", "lost_reason"}
        if not moved or "stage" in self.errors:
            return
        stage = self.cleaned_data.get("stage", lead.stage)
        because = self.cleaned_data.get("lost_because", "")
        try:
            many.refuse_impossible_move(lead, stage, because, value=self.cleaned_data.get("value"))
        except ValidationError as error:
            self.add_error(None, error)
        for name in ("lost_because", "lost_reason"):
            if name in self.changes and self.cleaned_data.get(name) and stage != Lead.Stage.LOST:
                self.add_error(
                    name,
                    "Only a lost lead has a reason. Choose the stage Lost, or remove the reason.",
                )

    def _check_that_all_is_read(self, lead: Lead) -> None:
        """Refuse to mark an inquiry as answered that came after the page was opened."""
        is_first_step = lead.stage == Lead.Stage.NEW and "stage" in self.changes
        now = self.facts()
        is_read = self.seen.get("latest_inquiry") == now["latest_inquiry"]
        if (self.says_answered or is_first_step) and not is_read:
            self.look_again(["latest_inquiry"])
            self.add_error(
                None,
                f"{lead.contact.name} has written again while you had the page open. Nothing is "
                "saved yet: read the inquiry above, then save again.",
            )

    def _check_that_no_colleague_was_first(self, lead: Lead) -> None:
        """Refuse “Answered”, or undoing it, if a newer answer has not been seen."""
        now = self.facts()
        if not (self.says_answered or self.takes_answer_back) or (
            self.seen.get("answer") == now["answer"]
        ):
            return
        self.look_again(["answer"])
        latest = lead.answers.first()
        if latest is None:
            said = "“Answered” was taken back while you had the page open."
        else:
            said = (
                f"{latest.by or 'Someone'} answered on {history.display(latest.at)}, while you had "
                "the page open."
            )
        again = "“Answered”" if self.says_answered else "“Not answered yet”"
        self.add_error(None, f"{said} Nothing is saved yet. To go ahead anyway, press {again}.")


class NextStepForm(MergingForm[NextStep]):
    is_done = forms.BooleanField(required=False, label="Done")

    together = (("text", "due_on"),)

    class Meta:
        model = NextStep
        fields = ["text", "due_on", "owner"]

    def shown(self) -> dict[str, Any]:
        return {**super().shown(), "is_done": self.instance.is_done}

    def last_change(self, name: str, since: datetime | None) -> Change:
        lines = Activity.objects.filter(
            lead=self.instance.lead_id,
            kind=Activity.Kind.NEXT_STEP,
            text__contains=self.instance.text,
        )
        return _last_of(lines, since) or super().last_change(name, since)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if "is_done" in self.changes or self.is_gone:
            self.instance.done_at = timezone.now() if cleaned.get("is_done") else None
        if "due_on" in self.changes:
            try:
                refuse_past_day(self.changes["due_on"])
            except ValidationError as error:
                self.add_error("due_on", error)
        return cleaned


def _last_of(lines: QuerySet[Activity], since: datetime | None) -> Change | None:
    if since is None:
        return None
    line = lines.filter(at__gte=since).select_related("by").order_by("-at", "-pk").first()
    return Change(str(line.by or "A colleague"), line.at) if line else None
