"""Deletes what is old, by the rules that the apps declare and the periods that are set.

A night begins at two o'clock, or whenever the first worker runs after that, and fixes what counts
as old. Its work is done in batches of one transaction each, with a count of what it deleted, so
that a worker can be killed at any moment: the next run goes on, and no row is counted twice.
"""

import logging
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from privacy import collecting, erasing
from privacy.models import Hold, Night, NightCount, Period
from web.contributions import contributions
from web.memo import remembered
from web.retention import Rule

BEGINS = timedelta(hours=2)  # after midnight
BATCH = 50  # of which the search index takes about ten milliseconds each
# Of each minute, so that a worker that has much to delete still sends emails meanwhile.
MAX_SECONDS = 5
EXAMPLES = 5

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Due:
    """What one rule would delete."""

    rule: Rule
    days: int | None
    count: int
    examples: list[str]


def rules() -> list[Rule]:
    """From the roof down: what goes with a lead need not be emptied before."""
    return [rule for one in reversed(contributions().values()) for rule in one.retention]


def rule(key: str) -> Rule:
    return next(one for one in rules() if one.key == key)


def periods() -> dict[str, int | None]:
    """In days, by rule; None is for ever. One query."""
    set_to = dict(Period.objects.values_list("rule", "days"))
    return {one.key: _within(one, set_to.get(one.key, one.days)) for one in rules()}


@remembered
def kept_for(key: str) -> timedelta:
    """How long the rows of a rule are kept that are not kept for ever. One query."""
    one = rule(key)
    set_to = Period.objects.filter(rule=key).first()
    days = _within(one, set_to.days if set_to else one.days)
    return timedelta(days=one.at_most if days is None else days)


def _within(one: Rule, days: int | None) -> int | None:
    """The bounds may have changed since the period was set."""
    if days is None:
        return None if one.may_be_forever else one.at_most
    return min(max(days, one.at_least), one.at_most)


def preview(now: datetime, days: dict[str, int | None]) -> Iterator[Due]:
    """What a night that begins now would delete, with these periods."""
    held = held_keys()
    for one in rules():
        rows = _due(one, now, days[one.key], held)
        examples = [str(row) for row in rows[:EXAMPLES]] if rows is not None else []
        yield Due(one, days[one.key], rows.count() if rows is not None else 0, examples)


def held_keys() -> dict[str, set[Any]]:
    """By model, the rows of people whom someone has marked to be kept."""
    keys: dict[str, set[Any]] = defaultdict(set)
    if mailboxes := list(Hold.objects.values_list("mailbox", flat=True)):
        for group in collecting.collect(mailboxes).groups:
            keys[group.said.model].update(group.keys)
    return keys


def go_on(now: datetime, *, seconds: float = MAX_SECONDS) -> Night | None:
    """Do some of this night's work. The night, if there was any left."""
    night = _night(now)
    if night.finished_at:
        return None
    work_through(night, until=time.monotonic() + seconds)
    return night


def work_through(night: Night, *, until: float = float("inf")) -> None:
    """Delete what was old when the night began; when the time is over, the next call goes on."""
    days, held = periods(), held_keys()
    for one in rules():
        if (rows := _due(one, night.began_at, days[one.key], held)) is None:
            continue
        before = night.began_at - timedelta(days=days[one.key] or 0)
        while _batch(night, one, rows, before):
            if time.monotonic() > until:
                return
    Night.objects.filter(pk=night.pk, finished_at=None).update(finished_at=timezone.now())


def _night(now: datetime) -> Night:
    day = (timezone.localtime(now) - BEGINS).date()
    return Night.objects.get_or_create(day=day, defaults={"began_at": now})[0]


def _due(
    one: Rule, now: datetime, days: int | None, held: dict[str, set[Any]]
) -> QuerySet[Any] | None:
    if days is None or one.due is None:
        return None
    return one.due(now - timedelta(days=days)).exclude(pk__in=held[one.model]).order_by("pk")


def _batch(night: Night, one: Rule, rows: QuerySet[Any], before: datetime) -> int:
    """Delete some rows; how many. A rule that fails stops none of the others."""
    try:
        with transaction.atomic():
            # Two workers take turns.
            Night.objects.select_for_update().filter(finished_at=None).get(pk=night.pk)
            keys = list(rows.values_list("pk", flat=True)[:BATCH])
            if not keys:
                return 0
            some = rows.filter(pk__in=keys)
            count = one.delete(some) if one.delete else _delete(some)
            if not count:
                return 0
            line, _ = NightCount.objects.get_or_create(
                night=night, rule=one.key, defaults={"before": before}
            )
            NightCount.objects.filter(pk=line.pk).update(count=F("count") + count)
            return count
    except Night.DoesNotExist:
        return 0  # another worker has finished it
    except Exception as error:
        logger.exception("What is old was not deleted by the rule %s", one.key)
        NightCount.objects.update_or_create(
            night=night, rule=one.key, defaults={"error": type(error).__name__},
            create_defaults={"before": before, "error": type(error).__name__},
        )  # fmt: skip
        return 0


def _delete(rows: QuerySet[Any]) -> int:
    model = rows.model
    erasing.lock(model, list(rows.values_list("pk", flat=True)))
    keys = list(rows.values_list("pk", flat=True))
    erasing.delete(model, keys)
    return len(keys)


def check() -> str:
    """Whether the latest night did all that the rules say."""
    latest = Night.objects.order_by("-day").first()
    failed = NightCount.objects.filter(night=latest).exclude(error="") if latest else None
    if not failed:
        return "ok"
    names = ", ".join(failed.order_by("rule").values_list("rule", flat=True))
    return f"Old records were not deleted ({names}): see the log."


def called(one: Rule, count: int) -> str:
    """ "3 inquiries"."""
    meta = apps.get_model(one.model)._meta
    return f"{count} {meta.verbose_name if count == 1 else meta.verbose_name_plural}"
