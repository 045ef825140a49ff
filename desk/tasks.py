from celery import shared_task

from desk import keeping, presence


@shared_task
def delete_old_kept_forms() -> None:
    """Every hour: delete what nobody came back for."""
    keeping.delete_old()
    presence.delete_old()
