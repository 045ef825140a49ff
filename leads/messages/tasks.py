"""One inquiry, one result: queued as a hint the moment they are safe. Each may be repeated."""

from celery import shared_task

from leads.messages import notify


@shared_task
def announce_inquiry(inquiry_id: int) -> None:
    """Tell sales and the visitor about one inquiry. An announced one is left alone."""
    notify.announce(inquiry_id)


@shared_task
def tell_result(inquiry_assessment_id: int) -> None:
    """Tell sales and the visitor what an assessment came to. A told one is left alone."""
    notify.tell_result(inquiry_assessment_id)
