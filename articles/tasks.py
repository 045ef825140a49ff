from celery import shared_task

from articles import search_log


@shared_task
def delete_old_searches() -> None:
    """Every hour: delete old counts of what visitors searched for."""
    search_log.delete_old()
