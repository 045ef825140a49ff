"""What is wanted: the unscored step of the assessment, never part of the result.

What a visitor chooses is kept as its key and shown as its label, so that a label can be worded
better at any time. A key that was offered once stays here for good: finished assessments have it
and never change.
"""

from collections.abc import Mapping

from django.db.models import Q, TextChoices


class Wanted(TextChoices):
    HANDS = "hands", "Extra engineers for a while"
    PROJECT = "project", "One bounded project"
    RESCUE = "rescue", "Rescue or handover of a system"
    NOT_SURE = "not_sure", "Not sure"


class Start(TextChoices):
    MONTH = "month", "Within a month"
    THREE_MONTHS = "three_months", "Within three months"
    LATER = "later", "Later, or no date yet"


class Team(TextChoices):
    NONE = "none", "None yet"
    UP_TO_5 = "up_to_5", "1 to 5"
    UP_TO_20 = "up_to_20", "6 to 20"
    MORE = "more", "More than 20"


CHOICES: dict[str, type[TextChoices]] = {"wanted": Wanted, "start": Start, "team": Team}

# Every field of the step, and how staff read it.
HEADINGS = {
    "wanted": "Looking for",
    "start": "When",
    "team": "Team",
    "timezone": "Time zone",
    "system": "System",
}


def label(name: str, value: str) -> str:
    """What stands for the value of this field: a choice's label, or the visitor's own text."""
    return CHOICES[name](value).label if value and name in CHOICES else value


def labeled(wishes: Mapping[str, str]) -> list[tuple[str, str]]:
    """What was filled in, in the order of the step, as staff read it."""
    return [
        (heading, label(name, wishes[name]))
        for name, heading in HEADINGS.items()
        if wishes.get(name)
    ]


def check(wishes: Mapping[str, str]) -> None:
    """Raises ValueError for a field that the step does not have, and for a key nobody offered."""
    for name, value in wishes.items():
        if name not in HEADINGS:
            raise ValueError(f"There is no such wish: {name}.")
        label(name, value)


def are_keys(column: str) -> Q:
    """What the database demands of the column they are kept in."""
    condition = Q()
    for name, choices in CHOICES.items():
        key = f"{column}__{name}"
        condition &= Q(**{f"{key}__isnull": True}) | Q(**{f"{key}__in": ["", *choices.values]})
    return condition
