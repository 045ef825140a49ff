"""Notifying people of inquiries, and learning from what they decide.

Every task may be repeated, in any number of workers at once.
"""

from typing import Any

from celery import shared_task
from celery.exceptions import Ignore
from django.db.models import QuerySet
from django.utils import timezone

from leads.languages import detecting
from leads.messages import digests, hourly, mornings
from leads.messages.tasks import notify_about_inquiry, notify_about_result
from leads.models import Inquiry, InquiryAssessment
from leads.spam import lessons
from web import request_ids
from web.hints import MAX_ROWS, AnyTask

SWEEP_SECONDS = 10
MAX_SWEPT = 200


@shared_task
def send_missing_notifications() -> None:
    """Every ten seconds: take up what a lost broker or a dead worker dropped, and what visitors
    have finished since we wrote about them: the assessment itself knows nobody to hint to.
    """
    waiting = Inquiry.objects.awaiting_notification().order_by("received_at")
    _ask(notify_about_inquiry, waiting.values_list("pk", "request_id"))
    unsent = InquiryAssessment.objects.awaiting_notification().order_by("pk")
    _ask(notify_about_result, unsent.values_list("pk", "assessment__request_id"))


def _ask(task: AnyTask, rows: QuerySet[Any, tuple[int, str]]) -> None:
    """Each row goes with the id of the request that it came by, so that its emails have it."""
    found = list(rows[:MAX_SWEPT])
    for start in range(0, len(found), MAX_ROWS):
        part = found[start : start + MAX_ROWS]
        ids = [request_id or request_ids.current() for _, request_id in part]
        headers: dict[str, Any] = {request_ids.IN_MESSAGES: ids}
        keys = tuple(row for row, _ in part)
        task.apply_async(keys, headers=headers, expires=SWEEP_SECONDS)


@shared_task
def detect_languages() -> None:
    """Every ten seconds, with work where inquiries came: nobody who is notified waits for it."""
    try:
        detecting.detect_missing(timezone.now())
    except detecting.Resting as error:
        raise Ignore from error  # it has not run, and the status page says so


@shared_task
def mail_hourly_digests() -> None:
    """Every minute, with work once an hour: send what was too much for single notifications."""
    hourly.send_due(timezone.now())


@shared_task
def mail_suspected_spam() -> None:
    """Every ten minutes, with work once a day: send the list of suspected spam."""
    digests.send_due(timezone.now())


@shared_task
def mail_unattended_leads() -> None:
    """Every ten minutes, with work once a day: send the list of leads that nobody looks after."""
    digests.send_unattended(timezone.now())


@shared_task
def mail_what_is_due() -> None:
    """Every ten minutes, with work once a day for each: send the morning emails."""
    mornings.send_due(timezone.now())


@shared_task
def learn_from_spam_decisions() -> None:
    """Every five minutes, with work where anybody has decided or anything was deleted."""
    lessons.learn(timezone.now())
