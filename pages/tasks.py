from celery import shared_task

from articles import search_log
from redirects import missing


@shared_task
def delete_old_counts() -> None:
    """Every hour: what visitors looked for and did not find is counted, and not for ever."""
    missing.delete_old()
    search_log.delete_old()
