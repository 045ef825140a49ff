from celery import shared_task
from django.utils import timezone

from accounts import familiar, links, sessions
from accounts.models import User


@shared_task
def send_reset_links(*users: int) -> None:
    """As soon as somebody asked: away from the web, where how long it takes would tell who has an
    account. If it is lost, they ask again.
    """
    for user in User.objects.filter(pk__in=users, is_active=True, is_staff=True):
        links.send_reset(user, at=timezone.now())


@shared_task
def delete_what_signing_in_left() -> None:
    """Every hour: sessions that have ended, links and familiar places that are too old."""
    now = timezone.now()
    sessions.delete_expired()
    familiar.delete_old(now=now)
    links.delete_old(now=now)
