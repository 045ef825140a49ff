from collections.abc import Mapping
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.db.models import TextChoices

from readiness import wishes
from readiness.models import NOT_SURE, Dimension, Question
from readiness.scoring import Answers
from web.lengths import say_how_long

UNSURE = "unsure"  # how a page says it; an answer says None


class StepForm(forms.Form):
    """One step of the assessment. Its page knows which question set it was made from, and by its
    key which assessment it belongs to, once there is one.
    """

    version = forms.CharField(required=False, widget=forms.HiddenInput)
    key = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True  # see accounts.requests.refuse_foreign_posts


class DimensionForm(StepForm):
    """The questions of one dimension. A question's key is the name of its field."""

    def __init__(self, *args: Any, dimension: Dimension, answers: Answers, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for question in dimension.questions.all():
            self.fields[question.key] = _choice(question)
            if question.key in answers:
                value = answers[question.key]
                self.initial[question.key] = UNSURE if value is None else str(value)

    def valid_answers(self) -> dict[str, int | None]:
        """What can be kept of what was sent, be the rest as it may."""
        self.is_valid()
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if name not in StepForm.base_fields and value != ""
        }


def _choice(question: Question) -> forms.Field:
    options = [(str(option.value), option.text) for option in question.options.all()]
    return forms.TypedChoiceField(
        label=question.text,
        choices=[*options, (UNSURE, NOT_SURE)],
        coerce=lambda value: None if value == UNSURE else int(value),
        widget=forms.RadioSelect,
        error_messages={
            "required": f"Please choose an answer, or “{NOT_SURE}”: {question.text}",
            "invalid_choice": f"That isn’t one of the answers. Please choose one: {question.text}",
        },
    )


def _one_of(label: str, choices: type[TextChoices]) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        required=False,
        choices=choices.choices,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": f"Please choose one of the answers: {label}"},
    )


class WishesForm(StepForm):
    """What is wanted: never part of the result, and every field may stay empty."""

    wanted = _one_of("What are you looking for?", wishes.Wanted)
    start = _one_of("When should it start?", wishes.Start)
    team = _one_of("How many engineers do you have?", wishes.Team)
    timezone = forms.CharField(
        label="Where do you work? (city or time zone)",
        required=False,
        max_length=60,
    )
    system = forms.CharField(
        label="One sentence about the system",
        required=False,
        max_length=300,
        help_text="What it does and what it is written in. Please don’t name people.",
        widget=forms.Textarea({"rows": 3}),
    )

    def __init__(self, *args: Any, kept: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.update(kept)
        say_how_long(self.fields["timezone"], "Your city or time zone")
        say_how_long(self.fields["system"], "The sentence about your system")

    def valid_wishes(self) -> dict[str, str]:
        """What can be kept of what was sent, be the rest as it may."""
        self.is_valid()
        return {
            name: self.cleaned_data[name] for name in wishes.HEADINGS if name in self.cleaned_data
        }
