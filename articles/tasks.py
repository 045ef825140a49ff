from celery import shared_task

from articles import search_log


@shared_task
def delete_old_searches() -> None:
    """Every hour: what visitors looked for is counted, and not for ever."""
    search_log.delete_old()
