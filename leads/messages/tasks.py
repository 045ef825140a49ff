"""Inquiries and results: queued as a hint the moment they are safe. Each may be repeated."""

from celery import shared_task

from leads.messages import notify
from leads.messages.waiting import awaiting
from web.memo import remembering


@shared_task
def notify_about_inquiry(*inquiry_ids: int) -> None:
    """Email sales and the visitor about each of these inquiries. Does nothing if that is done."""
    with remembering():  # who is notified, and what everyone is told, is the same for all
        notify.about_inquiries(awaiting(inquiry_ids))


@shared_task
def notify_about_result(*inquiry_assessment_ids: int) -> None:
    """Email sales and the visitor the result of each of these assessments. Does nothing if that is
    done.
    """
    errors = []
    with remembering():
        for one in inquiry_assessment_ids:
            try:
                notify.about_result(one)
            except Exception as error:  # it holds up no other: the sweep brings it again
                errors.append(error)
    if errors:
        raise errors[0]
