from celery import shared_task

from desk import audit


@shared_task
def delete_outdated_audit_events() -> None:
    """Every hour: delete the lines of the audit log whose time is over."""
    audit.delete_outdated()
