"""One inquiry, one result: queued as a hint the moment they are safe. Each may be repeated."""

from celery import shared_task

from leads.messages import notify


@shared_task
def notify_about_inquiry(inquiry_id: int) -> None:
    """Email sales and the visitor about one inquiry. Does nothing if that is done."""
    notify.about_inquiry(inquiry_id)


@shared_task
def notify_about_result(inquiry_assessment_id: int) -> None:
    """Email sales and the visitor the result of an assessment. Does nothing if that is done."""
    notify.about_result(inquiry_assessment_id)
