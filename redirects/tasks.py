from celery import shared_task

from redirects import missing


@shared_task
def delete_old_missing_pages() -> None:
    """Every hour: delete addresses that nobody requests anymore."""
    missing.delete_old()
