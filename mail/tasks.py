"""Sending what the outbox holds. Every task may be repeated, in any number of workers at once."""

from celery import shared_task
from django.utils import timezone

from mail import delivery
from mail.models import Message
from web.hints import hint

SWEEP_SECONDS = 5


# Above all that `mail.smtp.Times` allows, and below the visibility timeout of the queue.
@shared_task(soft_time_limit=710, time_limit=720)
def deliver() -> None:
    """Send what is due, for a second or so. One hint is enough for any number of emails: while
    there are more of them, each worker that takes its turn asks for another one.
    """
    delivery.take_turn(ask_for_another=lambda: hint(deliver))


@shared_task
def deliver_due_messages() -> None:
    """Every five seconds: ask for what a lost queue, a dead worker or a mute server left behind.

    Asked for in the queue, so that one slow attempt does not hold up the next sweep, and expiring
    there with it, so that a slow queue does not fill with repetitions.
    """
    if Message.objects.due(timezone.now()).exists():
        deliver.apply_async(expires=SWEEP_SECONDS)
