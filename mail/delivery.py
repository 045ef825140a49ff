"""One attempt at one email, and what its outcome means."""

import logging
import time
from collections.abc import Callable
from contextlib import suppress

from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone
from structlog.contextvars import bound_contextvars

from mail import verdicts
from mail.composing import Email, SenderError
from mail.leases import Holding, Keeper, keeper
from mail.models import Message
from mail.smtp_errors import BrokenError, RefusedError, UnconfirmedError
from mail.verdicts import Verdict
from web import request_ids

logger = logging.getLogger(__name__)

# How often what became of an email is written down while the database is away: it was sent, and
# whoever does not know it sends it again.
PAUSES_TO_SETTLE = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0)  # seconds

# How long a worker sends before it looks whether something else is to be done.
TURN = 1.0  # seconds
PART_FOR_OTHERS = 0.1  # of a turn
# After an email that took longer, the mail server may be slow again.
QUICK = 1.0  # seconds


def take_turn(
    *, ask_for_another: Callable[[], None], seconds: float = TURN, leases: Keeper = keeper
) -> None:
    """Send what is due, one email after another over one connection, until nothing is due or the
    time is up. `ask_for_another` is called when there is more, before anything is sent: whoever
    comes takes the next email, be this one as slow as it may. With what `can_wait` it ends sooner:
    someone who is not notified yet may be waiting for this worker.
    """
    started_at = time.monotonic()
    has_asked = is_quick = False
    with get_connection() as backend:
        while message := Message.objects.claim(now=timezone.now()):
            if not has_asked and Message.objects.due(timezone.now()).exists():
                ask_for_another()
            has_asked = True
            began_at = time.monotonic()
            attempt(message, backend=backend, leases=leases, keep_database=is_quick)
            is_quick = time.monotonic() - began_at < QUICK
            has_time = seconds * PART_FOR_OTHERS if message.can_wait else seconds
            if time.monotonic() - started_at >= has_time or leases.is_stopping():
                return


def attempt(
    message: Message,
    *,
    backend: BaseEmailBackend,
    leases: Keeper = keeper,
    keep_database: bool = False,
) -> None:
    """Send an email that was claimed, and write down how that went. Never raises for mail trouble.
    What it logs has the id of the request that the email goes back to.

    Sending happens outside any transaction and, unless told otherwise, without a connection to the
    database: a slow mail server holds none. A worker that dies in between leaves a lease that runs
    out, and the email goes again under the same Message-ID: delivered at least once.
    """
    request_id = message.headers.get(request_ids.HEADER) or request_ids.current()
    with bound_contextvars(request_id=request_id):
        _attempt(message, backend, leases, keep_database=keep_database)


def _attempt(
    message: Message, backend: BaseEmailBackend, leases: Keeper, *, keep_database: bool
) -> None:
    try:
        email = message.as_email()
    except SenderError as error:
        logger.error("Message %s waits: %s", message.pk, str(error))
        message.postpone(str(error), now=timezone.now())
    except ValueError as error:
        # The sender was fine: what is wrong is in the row, and will be at the next attempt.
        why = f"This email cannot be composed: {verdicts.readable(str(error), hide=[message.to])}"
        logger.error("Message %s has failed: %s", message.pk, why)
        message.mark_failed(why)
    except Exception as error:  # a fault of ours, which the next release may have fixed
        why = f"This email could not be composed ({type(error).__name__})."
        logger.error("Message %s will be tried again: %s", message.pk, why)
        message.postpone(why, now=timezone.now())
    else:
        if not (keep_database or connection.in_atomic_block):
            connection.close()
        with leases.holding(message, getattr(backend, "cut", _nothing)) as holding:
            _send(message, email, backend, holding)


def _send(message: Message, email: Email, backend: BaseEmailBackend, holding: Holding) -> None:
    try:
        backend.send_messages([email])
    except Exception as error:  # whatever it is, the row must say so: a time limit's among them
        _settle(message, error, email, holding)
    else:
        _surely(lambda: message.mark_sent(now=timezone.now()))


def _settle(message: Message, error: Exception, email: Email, holding: Holding) -> None:
    now = timezone.now()
    hide = [message.to, email.recipient]
    match error:
        case UnconfirmedError(is_silent=is_silent):
            logger.warning("Message %s is possibly delivered: not confirmed", message.pk)
            _surely(lambda: message.mark_unconfirmed(now=now, is_silent=is_silent))
        case BrokenError() if holding.is_handed_back:
            _surely(lambda: message.hand_back(now=now))
        case RefusedError(phase=phase, code=code, reply=reply):
            why = verdicts.refusal(error, hide=hide)
            verdict = verdicts.judge(phase, code, reply)
            if verdict is Verdict.FINAL:
                logger.error("Message %s has failed: %s", message.pk, why)
                _surely(lambda: message.mark_failed(why))
            else:
                logger.warning("Message %s will be tried again: %s", message.pk, why)
                is_about_us = verdict is Verdict.RETRY_FOR_AN_HOUR
                _surely(lambda: message.postpone(why, now=now, is_about_us=is_about_us))
        case _:
            why = verdicts.trouble(error, hide=hide)
            logger.warning("Message %s will be tried again: %s", message.pk, why)
            _surely(lambda: message.postpone(why, now=now))


def _surely(write: Callable[[], None]) -> None:
    """Write it down, though the connection to the database may have ended since it was last used.

    The lease is renewed meanwhile, so nobody else takes the email as soon as the database is back.
    """
    if connection.in_atomic_block:  # whoever opened the transaction decides
        write()
        return
    for pause in PAUSES_TO_SETTLE:
        time.sleep(pause)
        with suppress(DatabaseError, InterfaceError):
            write()
            return
        connection.close()
    write()


def _nothing() -> None:
    """A backend that waits for nobody cannot be cut off."""
