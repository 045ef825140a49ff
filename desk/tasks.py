from celery import shared_task

from desk import audit, keeping, presence


@shared_task
def delete_old_kept_forms() -> None:
    """Every hour: delete what nobody came back for."""
    keeping.delete_old()
    presence.delete_old()


@shared_task
def delete_outdated_audit_events() -> None:
    """Every hour: delete the lines of the audit log whose time is over."""
    audit.delete_outdated()
