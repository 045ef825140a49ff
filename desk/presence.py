"""Who has a form of the desk open, since when, and who has taken it over from the others.

A page says three times a minute that it is there (`static/admin/desk/people.js`). Taking over asks
the others to stop, and their pages do. It locks nothing: what somebody has typed meanwhile is
saved with the form's own check for a second editor, so that no word depends on who is here.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F
from django.db.models.functions import Least

from desk.models import Presence

SHOWN_FOR = timedelta(seconds=90)  # a page that nobody looks at is slow to say that it is there
# A page that is left may be the same one, opened again: saving does that.
LEFT_FOR = timedelta(seconds=30)
KEPT_FOR = timedelta(days=1)


@dataclass(frozen=True)
class Colleague:
    """One of the others."""

    name: str
    short_name: str
    initials: str
    since: datetime

    @classmethod
    def of(cls, row: Presence) -> "Colleague":
        name, user = str(row.user), row.user
        words = [word for word in name.replace("@", " ").split() if word[:1].isalnum()]
        initials = "".join(word[0] for word in [*words[:1], *words[1:][-1:]]).upper()
        return cls(name, user.get_short_name() or name, initials or "?", row.since)


@dataclass(frozen=True)
class People:
    """Who else is here, and which of them has taken over."""

    others: list[Colleague] = field(default_factory=list)
    holder: Colleague | None = None  # who of them has taken over
    is_holder: bool = False  # the person has

    @property
    def sentence(self) -> str:
        names = [one.short_name for one in self.others]
        if len(names) == 1:
            return f"{names[0]} is here too"
        return f"{', '.join(names[:-1])} and {names[-1]} are here too" if names else ""


def come(user: Any, form: str, *, at: datetime) -> None:
    """They are here, or still are. Whoever was away for long comes anew, and holds nothing."""
    rows = Presence.objects.filter(user=user, form=form)
    if rows.filter(until__gt=at).update(until=at + SHOWN_FOR):
        return
    Presence.objects.bulk_create(
        [Presence(user=user, form=form, since=at, until=at + SHOWN_FOR)],
        update_conflicts=True,
        unique_fields=["form", "user"],
        update_fields=["since", "until", "took_over_at"],
    )


def leave(user: Any, form: str, *, at: datetime) -> None:
    rows = Presence.objects.filter(user=user, form=form, until__gt=at)
    rows.update(until=Least(F("until"), at + LEFT_FOR))


def take_over(user: Any, form: str, *, at: datetime) -> None:
    """From everybody else, for as long as they stay, or until another does the same. Of two who
    do it at once the later one has it, and both are told the same.
    """
    come(user, form, at=at)
    Presence.objects.filter(user=user, form=form).update(took_over_at=at)


def people(user: Any, form: str, *, at: datetime) -> People:
    """One query."""
    here = list(Presence.objects.now(form, at).select_related("user"))
    took = [one for one in here if one.took_over_at]
    holder = max(took, key=lambda one: (one.took_over_at, one.pk), default=None)
    return People(
        [Colleague.of(one) for one in here if one.user_id != user.pk],
        Colleague.of(holder) if holder and holder.user_id != user.pk else None,
        is_holder=holder is not None and holder.user_id == user.pk,
    )
