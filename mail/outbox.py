"""The only way out for an email: written as a row now, sent by a worker after the commit."""

import uuid

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string

from mail.addresses import wire
from mail.header_text import one_line, shortened
from mail.models import Message
from mail.tasks import deliver_message


def put(
    *,
    key: str,
    to: str,
    subject: str,
    text: str,
    html: str = "",
    reply_to: str = "",
    reply_to_name: str = "",
    headers: dict[str, str] | None = None,
) -> Message:
    """Put an email into the outbox once: a second call with the same key returns the first one.

    Call it inside the transaction that gives the reason for writing. Line breaks and invisible
    direction marks are taken out of the subject and the name, so a visitor's words may stand there.
    """
    message, is_new = Message.objects.get_or_create(
        key=key,
        defaults={
            "to": wire(to),
            "subject": shortened(one_line(subject), 250),
            "sender_name": sender_name(),
            "text": text,
            "html": html,
            "reply_to": wire(reply_to),
            "reply_to_name": shortened(one_line(reply_to_name), 250),
            "headers": headers or {},
            "message_id": f"<{uuid.uuid4()}@{settings.SITE_HOST}>",
        },
    )
    if is_new:
        hint(message)
    return message


def sender_name() -> str:
    """The name that emails come from: the site's."""
    return shortened(one_line(render_to_string("mail/sender.txt")), 250)


def hint(message: Message) -> None:
    """Ask for delivery once the row is committed. A lost hint costs one sweep, not an email."""
    # robust, and a lambda: a dead broker is logged, and Django logs the callback by __qualname__.
    transaction.on_commit(lambda: deliver_message.delay(message.pk), robust=True)
