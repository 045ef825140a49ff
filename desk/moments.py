"""The dates and moments that staff enter in forms: by the browser's own pickers, in and out as ISO
8601 writes them. `config.formats` takes nothing else, so that no order of day and month is guessed.
"""

from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

FIRST_YEAR, LAST_YEAR = 2000, 2100
ISO_DATES = ["%Y-%m-%d"]
ISO_TIMES = ["%H:%M", "%H:%M:%S", "%H:%M:%S.%f"]


def refuse_far_years(moment: date | datetime) -> None:
    """Far from now it is a slip of the pen; and at the ends of the calendar no zone can hold it."""
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValidationError(f"Choose a year from {FIRST_YEAR} to {LAST_YEAR}.")


def refuse_past_day(day: date) -> None:
    """By the calendar of the person who enters it."""
    if day < timezone.localdate():
        raise ValidationError("This date has passed. Choose today or a later date.")


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format=ISO_DATES[0])


class ClockInput(forms.TimeInput):
    input_type = "time"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format=ISO_TIMES[0])


class MomentInput(forms.SplitDateTimeWidget):
    """A day and an hour, each with a name for those who cannot see their label."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        forms.MultiWidget.__init__(
            self,
            [DayInput({"aria-label": "Date"}), ClockInput({"aria-label": "Time"})],
            attrs,
        )


# `formfield_overrides` of whatever shows such fields.
NEAR_MOMENTS: dict[type[models.Field[Any, Any]], dict[str, Any]] = {
    models.DateTimeField: {"widget": MomentInput, "validators": [refuse_far_years]},
    models.DateField: {"widget": DayInput, "validators": [refuse_far_years]},
    models.TimeField: {"widget": ClockInput},
}
