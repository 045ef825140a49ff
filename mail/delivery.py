"""One attempt at one letter, and what its outcome means."""

import logging
import smtplib

from django.utils import timezone

from mail.models import Message

logger = logging.getLogger(__name__)


def attempt(message: Message) -> None:
    """Claim the letter, send it, and write down how that went. Never raises for mail trouble.

    Sending happens outside any transaction: a slow mail server holds no database lock. A worker
    that dies in between leaves a lease that runs out, and the letter goes again under the same
    Message-ID: delivered at least once.
    """
    if not message.claim(now=timezone.now()):
        return
    try:
        message.as_email().send()
    except Exception as error:  # whatever it is, the row must say so: the time limit's among them
        why = explain(error)
        if is_final(error):
            logger.error("Message %s was refused: %s", message.pk, why)
            message.mark_failed(why)
        else:
            logger.warning("Message %s will be tried again: %s", message.pk, why)
            message.postpone(why, now=timezone.now())
    else:
        message.mark_sent(now=timezone.now())


def is_final(error: Exception) -> bool:
    """Whether trying again is pointless: a reply in the 500s about this letter.

    RFC 5321, section 4.2.1. A refused greeting, login or sender is between us and our mail server,
    not with the letter: it is mended there, and the letter waits. A `ValueError` is a letter that
    cannot be written.
    """
    match error:
        case smtplib.SMTPConnectError() | smtplib.SMTPHeloError():
            return False
        case smtplib.SMTPAuthenticationError() | smtplib.SMTPSenderRefused():
            return False
        case smtplib.SMTPRecipientsRefused(recipients=refused):
            return all(500 <= code < 600 for code, _ in refused.values())
        case smtplib.SMTPResponseException(smtp_code=code):
            return 500 <= code < 600
        case ValueError():
            return True
    return False


def explain(error: Exception) -> str:
    """The trouble in a line that staff can read."""
    match error:
        case smtplib.SMTPRecipientsRefused(recipients=refused):
            code, reply = next(iter(refused.values()))
            return f"The mail server refused the address: {code} {_decoded(reply)}"
        case smtplib.SMTPResponseException(smtp_code=code, smtp_error=reply):
            return f"The mail server answered: {code} {_decoded(reply)}"
        case TimeoutError():
            return "The mail server did not answer in time."
        case ConnectionRefusedError():
            return "The mail server could not be reached: connection refused."
    return f"{type(error).__name__}: {error}"


def _decoded(reply: bytes | str) -> str:
    return reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
