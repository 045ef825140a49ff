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
from web.hints import MAX_ROWS, AnyTask

SWEEP_SECONDS = 10
MAX_SWEPT = 200


@shared_task
def send_missing_notifications() -> None:
    """Every ten seconds: take up what a lost broker or a dead worker dropped, and what visitors
    have finished since we wrote about them: the assessment itself knows nobody to hint to.
    """
    waiting = (
        Inquiry.objects.awaiting_notification().order_by("received_at").values_list("pk", flat=True)
    )
    _ask(notify_about_inquiry, waiting)
    unsent = (
        InquiryAssessment.objects.awaiting_notification()
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    _ask(notify_about_result, unsent)


def _ask(task: AnyTask, rows: QuerySet[Any, int]) -> None:
    found = list(rows[:MAX_SWEPT])
    for start in range(0, len(found), MAX_ROWS):
        task.apply_async(tuple(found[start : start + MAX_ROWS]), expires=SWEEP_SECONDS)


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
