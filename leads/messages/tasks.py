"""One inquiry, one result: queued as a hint the moment they are safe. Each may be repeated."""

from celery import shared_task

from leads.messages import notify


@shared_task
def notify_about_inquiry(inquiry_id: int) -> None:
    """Tell sales and the visitor about one inquiry. One that is done is left alone."""
    notify.about_inquiry(inquiry_id)


@shared_task
def notify_about_result(inquiry_assessment_id: int) -> None:
    """Tell sales and the visitor what an assessment came to. One that is done is left alone."""
    notify.about_result(inquiry_assessment_id)
