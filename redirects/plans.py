"""The one door by which redirects enter: the admin's form and its import.

An old address leads to where it ends at once, never by way of another redirect. Where staff ask
for a chain (a to b, and later b to c) they mean its end, so the door writes that (a to c, b to c);
a ring has no end and is refused. The database forbids both whoever writes.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db import connection, transaction

from redirects.models import Redirect
from redirects.paths import path_of, with_query, without_query

# The key of the lock that the triggers of redirects/migrations/_redirect_triggers.py take as well.
LOCK = 7_001_020
SAID = ["target", "target_path", "is_permanent", "note"]


@dataclass
class Plan:
    """What would change. `carry_out` changes it."""

    added: list[Redirect] = field(default_factory=list)
    changed: list[Redirect] = field(default_factory=list)
    # Nobody named these: they led to an address that itself leads on now.
    led_on: list[Redirect] = field(default_factory=list)
    unchanged: int = 0
    # Where those in `changed` and `led_on` led before.
    was: dict[str, str] = field(default_factory=dict)
    # Paths among those wanted that would lead back to themselves.
    rings: set[str] = field(default_factory=set)

    def stamp(self) -> str:
        """Equal for equal changes, so that exactly the confirmed plan is carried out."""
        rows = [*self.added, *self.changed, *self.led_on]
        said = [(row.path, self.was.get(row.path), row.target, row.is_permanent) for row in rows]
        return hashlib.sha256(repr(sorted(said, key=str)).encode()).hexdigest()


def plan(wanted: Iterable[Redirect]) -> Plan:
    """What these redirects, with normal paths and targets, would do to those that are there.

    Inside a transaction nobody else changes redirects until its end, so the plan stays true.
    """
    if connection.vendor == "postgresql":  # SQLite lets in one writer at a time anyway
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    present = {redirect.path: redirect for redirect in Redirect.objects.all()}
    asked = {redirect.path: redirect for redirect in wanted}
    every = present | asked
    made = Plan()
    for path, redirect in every.items():
        before = present.get(path)
        end = _end(redirect, every)
        if end is None:
            made.rings.add(path)
            continue
        said = (*end, redirect.note)
        if before is not None and said == (before.target, before.is_permanent, before.note):
            made.unchanged += path in asked
            continue
        row = redirect if before is None or redirect.pk else before
        if before is not None:
            made.was[path] = before.target
        row.target, row.is_permanent, row.note = said
        row.target_path = path_of(row.target)
        if before is None:
            made.added.append(row)
        else:
            (made.changed if path in asked else made.led_on).append(row)
    made.rings &= asked.keys()
    return made


@transaction.atomic
def carry_out(plan: Plan) -> None:
    """All of it or nothing. Changes come first, so that there is never a chain."""
    if plan.rings:
        raise ValueError("A plan with rings cannot be carried out.")
    Redirect.objects.bulk_update([*plan.changed, *plan.led_on], SAID, batch_size=200)
    Redirect.objects.bulk_create(plan.added, batch_size=500)


def _end(redirect: Redirect, every: dict[str, Redirect]) -> tuple[str, bool] | None:
    """Where it ends, and whether every step is permanent; None in a loop."""
    target, is_permanent = redirect.target, redirect.is_permanent
    met = {redirect.path}
    while following := answering(path_of(target), every):
        if following.path in met:
            return None
        met.add(following.path)
        query = target.partition("#")[0].partition("?")[2]
        target = with_query(following.target, query)
        is_permanent = is_permanent and following.is_permanent
    return target, is_permanent


def answering(path: str, every: Mapping[str, Redirect]) -> Redirect | None:
    """The row that leads on from there: that of the whole address, or else of the path alone."""
    return every.get(path) or every.get(without_query(path))
