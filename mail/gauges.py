"""What /metrics tells about emails. Rows say it, so it is the same whichever machine is asked."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Count, Min
from django.utils import timezone

from mail.models import Message
from web.metrics import Gauge
from web.queries import bounded

HOUR = timedelta(hours=1)
State = Message.State


def emails() -> Iterator[Gauge]:
    """By what there is an index for: the sent ones of all time are too many to be counted."""
    now = timezone.now()
    queued = Message.objects.undelivered()
    with bounded():
        waiting = queued.aggregate(count=Count("*"), oldest=Min("created_at"))
        due = Message.objects.due(now).aggregate(oldest=Min("due_at"))
        counts = {State.QUEUED: waiting["count"], State.FAILED: Message.objects.failed().count()}
        of_last_hour = _of_last_hour(now)
    yield Gauge(
        "site_emails",
        "Emails that are queued, and those that have failed and are not tried again.",
        ("state",),
        [((str(state),), count) for state, count in counts.items()],
    )
    yield Gauge(
        "site_oldest_queued_email_seconds",
        "Age of the oldest email that is not sent; 0 if there is none.",
        samples=[((), _age(waiting["oldest"], now))],
    )
    yield Gauge(
        "site_oldest_due_email_seconds",
        "How long the oldest email that is due has been waiting to be tried; 0 if there is none.",
        samples=[((), _age(due["oldest"], now))],
    )
    yield Gauge(
        "site_emails_of_last_hour",
        "Emails written within the hour, by what has become of them.",
        ("state",),
        [((str(state),), count) for state, count in of_last_hour.items()],
    )


def _of_last_hour(now: datetime) -> dict[State, int]:
    counts = dict.fromkeys(State, 0)
    for can_wait in (False, True):  # there is an index for each
        rows = Message.objects.filter(can_wait=can_wait, created_at__gt=now - HOUR).order_by()
        for state, count in rows.values_list("state").annotate(count=Count("*")):
            counts[State(state)] += count
    return counts


def _age(since: datetime | None, now: datetime) -> float:
    return max((now - since).total_seconds(), 0.0) if since else 0.0
