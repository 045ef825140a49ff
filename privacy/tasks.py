from celery import shared_task
from django.utils import timezone

from privacy import retention, wordings


@shared_task
def delete_what_is_old() -> None:
    """Every minute, with work at night: see `privacy.retention`."""
    wordings.renew()
    retention.go_on(timezone.now())
