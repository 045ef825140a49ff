"""Renews the leases of what this process is sending, and drops those it has lost."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

from mail.models import RENEWAL, Message
from mail.stopping import is_stopping

logger = logging.getLogger(__name__)

# How long sending may continue once the worker is asked to stop. Then the email is handed back.
GRACE = 20.0  # seconds


@dataclass(eq=False)
class Holding:
    """One email that this process is sending."""

    message: Message
    cut: Callable[[], None]
    renewed_at: float = field(default_factory=time.monotonic)
    is_lost: bool = False  # another worker has it by now
    is_handed_back: bool = False  # the worker was asked to stop and its grace period is over


class Keeper:
    """One thread for all that a process is sending. It ends soon after the last of it, so a worker
    that dies renews nothing; one for each email would cost more than sending it.
    """

    def __init__(
        self,
        *,
        every: float = RENEWAL.total_seconds(),
        grace: float = GRACE,
        is_stopping: Callable[[], bool] = is_stopping,
    ) -> None:
        self.every, self.grace, self.is_stopping = every, grace, is_stopping
        self._held: set[Holding] = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stopping_since: float | None = None

    @contextmanager
    def holding(self, message: Message, cut: Callable[[], None]) -> Iterator[Holding]:
        """Renew the lease until the block ends. `cut` is called, from the thread, when it must."""
        holding = Holding(message, cut)
        with self._lock:
            self._held.add(holding)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._keep, name="leases", daemon=True)
                self._thread.start()
        try:
            yield holding
        finally:
            with self._lock:
                self._held.discard(holding)

    def _keep(self) -> None:
        try:
            while True:
                time.sleep(self.every)
                with self._lock:
                    held = list(self._held)
                    if not held:
                        self._thread = None
                        return
                self._renew(held)
                self._heed_stop(held)
                for one in held:
                    if one.is_lost or one.is_handed_back:
                        self._cut(one)
        finally:
            with self._lock:
                if self._thread is threading.current_thread():  # an error: the next one starts anew
                    self._thread = None
            connection.close()  # this thread's own

    def _renew(self, held: list[Holding]) -> None:
        now = time.monotonic()
        aged = [one for one in held if now - one.renewed_at >= self.every and not one.is_lost]
        if not aged:
            return
        try:
            ours = Message.objects.renew((one.message for one in aged), now=timezone.now())
        except (DatabaseError, InterfaceError) as error:
            # The lease may run out; the next turn takes it back unless someone else has it then.
            logger.warning("Leases could not be renewed: %s", type(error).__name__)
            connection.close()
            return
        for one in aged:
            one.renewed_at = now
            if one.message.claimed_as not in ours and one in self._held:
                logger.warning(
                    "Message %s now belongs to another process; letting go of it", one.message.pk
                )
                one.is_lost = True

    def _heed_stop(self, held: list[Holding]) -> None:
        if not self.is_stopping():
            self._stopping_since = None
            return
        now = time.monotonic()
        self._stopping_since = self._stopping_since or now
        if now - self._stopping_since >= self.grace:
            for one in held:
                one.is_handed_back = True

    def _cut(self, one: Holding) -> None:
        with self._lock:  # or the next email, over the same connection, would be cut instead
            if one in self._held:
                one.cut()


keeper = Keeper()
