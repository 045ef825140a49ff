"""The dates and moments that staff enter in forms."""

from datetime import date, datetime
from typing import Any

from django.contrib.admin.widgets import AdminSplitDateTime
from django.core.exceptions import ValidationError
from django.db import models

FIRST_YEAR, LAST_YEAR = 2000, 2100


def refuse_far_years(moment: date | datetime) -> None:
    """Far from now it is a slip of the pen; and at the ends of the calendar no zone can hold it."""
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValidationError(f"Choose a year from {FIRST_YEAR} to {LAST_YEAR}.")


class NamedSplitDateTime(AdminSplitDateTime):
    """Django's two fields for a moment, each with a name for those who cannot see its label."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        for widget, name in zip(self.widgets, ["Date", "Time"], strict=True):
            widget.attrs["aria-label"] = name


# `formfield_overrides` of whatever shows such fields.
NEAR_MOMENTS: dict[type[models.Field], dict[str, Any]] = {
    models.DateTimeField: {"widget": NamedSplitDateTime, "validators": [refuse_far_years]},
    models.DateField: {"validators": [refuse_far_years]},
}
