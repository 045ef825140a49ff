"""Notifying people of inquiries, and deleting answers when we say we do.

Every task may be repeated, in any number of workers at once.
"""

from celery import shared_task
from django.utils import timezone

from leads import old_spam
from leads.messages import digests
from leads.messages.tasks import notify_about_inquiry, notify_about_result
from leads.models import Inquiry, InquiryAssessment
from leads.pipeline import assessments

SWEEP_SECONDS = 10


@shared_task
def send_missing_notifications() -> None:
    """Every ten seconds: take up what a lost broker or a dead worker dropped, and what visitors
    have finished since we wrote about them: the assessment itself knows nobody to hint to.
    """
    waiting = (
        Inquiry.objects.awaiting_notification().order_by("received_at").values_list("pk", flat=True)
    )
    for inquiry_id in waiting[:200]:
        notify_about_inquiry.apply_async((inquiry_id,), expires=SWEEP_SECONDS)
    unsent = (
        InquiryAssessment.objects.awaiting_notification()
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    for inquiry_assessment_id in unsent[:200]:
        notify_about_result.apply_async((inquiry_assessment_id,), expires=SWEEP_SECONDS)


@shared_task
def delete_expired_assessments() -> None:
    """Every hour: the pages say how long an assessment is kept, and that has to be true."""
    assessments.delete_expired()


@shared_task
def mail_suspected_spam() -> None:
    """Every ten minutes, with work once a day: send the list of suspected spam."""
    digests.send_due(timezone.now())


@shared_task
def delete_old_spam() -> None:
    """Every hour: spam is kept 90 days, in which a mistake can be undone."""
    old_spam.delete_old_spam(timezone.now())
