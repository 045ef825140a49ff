"""Sending what the outbox holds. Every task may be repeated, in any number of workers at once."""

from celery import shared_task
from django.utils import timezone

from mail import delivery
from mail.models import Message

SWEEP_SECONDS = 5


# Above all that `mail.smtp.Times` allows, and below the visibility timeout of the queue.
@shared_task(soft_time_limit=710, time_limit=720)
def deliver_message(message_id: int) -> None:
    """Try once to send one email, unless it is sent, not yet due or claimed by another worker."""
    message = Message.objects.filter(pk=message_id).first()
    if message is not None:
        delivery.attempt(message)


@shared_task
def deliver_due_messages() -> None:
    """Every five seconds: hand out what a lost queue, a dead worker or a mute server left behind.

    The emails go back through the queue, so that one slow attempt does not hold up the others,
    and expire there at the next sweep, so that a slow queue does not fill with repetitions.
    """
    due = Message.objects.due(timezone.now()).oldest_first().values_list("pk", flat=True)
    for message_id in due[:200]:
        deliver_message.apply_async((message_id,), expires=SWEEP_SECONDS)
