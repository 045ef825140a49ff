"""The only way out for an email: written as a row now, sent by a worker after the commit."""

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone

from mail import eml_files
from mail.addresses import wire
from mail.header_text import one_line, shortened
from mail.models import Message, MessageQuerySet
from mail.tasks import deliver
from web import request_ids
from web.hints import hint
from web.memo import remembered


def put(**email: Any) -> Message:
    """Put one email into the outbox: see `message` and `put_all`."""
    [kept] = put_all([message(**email)])
    return kept


def message(
    *,
    key: str,
    to: str,
    subject: str,
    text: str,
    html: str = "",
    reply_to: str = "",
    reply_to_name: str = "",
    headers: dict[str, str] | None = None,
    hold: timedelta = timedelta(0),
    can_wait: bool = False,
    is_private: bool = False,
    request_id: str = "",
) -> Message:
    """An email for the outbox, unsaved. It leaves at once, or after `hold`. What `can_wait` is sent
    when nothing else is due. What `is_private` is shown to nobody at the desk. Its header names the
    request that it goes back to: `request_id`, or the one that is being served.

    Line breaks and invisible direction marks are taken out of the subject and the name, so a
    visitor's words may stand there.
    """
    now = timezone.now()
    request_id = request_id or request_ids.current()
    return Message(
        key=key,
        to=wire(to),
        subject=shortened(one_line(subject), 250),
        sender_name=sender_name(),
        text=text,
        html=html,
        reply_to=wire(reply_to),
        reply_to_name=shortened(one_line(reply_to_name), 250),
        headers=(headers or {})
        | ({eml_files.SENSITIVITY: "Private"} if is_private else {})
        | ({request_ids.HEADER: request_id} if request_id else {}),
        created_at=now,
        due_at=now + hold,
        message_id=f"<{uuid.uuid4()}@{settings.SITE_HOST}>",
        can_wait=can_wait,
        is_private=is_private,
    )


def put_all(messages: Sequence[Message]) -> list[Message]:
    """Put emails into the outbox, each once: a second one with the same key changes nothing, and
    what is returned for it stands for the first one's row.

    Call it inside the transaction that gives the reason for writing.
    """
    # One statement: of the same key, the row that is there stays as it is.
    kept = Message.objects.bulk_create(
        messages, update_conflicts=True, unique_fields=["key"], update_fields=["key"]
    )
    # What is held is left to the sweep: retry times are in the row.
    if any(one.due_at <= one.created_at for one in messages):
        ask_for_delivery()
    return kept


def take_back(emails: MessageQuerySet) -> list[str]:
    """Delete those that have not left; say which have."""
    held = emails.undelivered().filter(leased_until=None, attempts=0)
    held.select_for_update(of=("self",)).delete()
    return [f"The email to {message.to} had already been sent." for message in emails.all()]


@remembered
def sender_name() -> str:
    """The name that emails come from: the site's."""
    return shortened(one_line(render_to_string("mail/sender.txt")), 250)


def ask_for_delivery() -> None:
    """Once this is committed. A lost hint costs one sweep, not an email."""
    hint(deliver)
