from celery import shared_task

from redirects import missing


@shared_task
def delete_old_missing_pages() -> None:
    """Every hour: addresses that nobody asks for any more are forgotten."""
    missing.delete_old()
