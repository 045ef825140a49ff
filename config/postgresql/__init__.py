"""PostgreSQL when it falls silent: its machine is cut off, and whoever asks hears nothing at all.

A web process has few threads. If each request found out for itself, by waiting, they would soon all
wait, and pages that need no database would wait behind them. So whoever got no answer tells the
others, who are refused at once, and one thread that serves nobody asks until there is an answer.
A server that says no is not silent: it is asked by each, as it always was.
"""

import logging
import threading
import time
from collections.abc import Callable

logger = logging.getLogger(__name__)

SILENT = 1.0  # seconds without a word
PAUSE = 0.5  # seconds between two questions to who is silent


class Watch:
    """Whether PostgreSQL is there, for all threads of this process. It is off until `is_on` is set,
    as `config.wsgi` does: a worker or a command has nobody waiting, and tries for itself.
    """

    def __init__(self) -> None:
        self.is_on = False
        self._lock = threading.Lock()
        self._answered = threading.Event()
        self._answered.set()
        self._patient_until = 0.0

    def suspect(self, ask: Callable[[], object], *, waited: float) -> None:
        """Have it asked whether it is there: someone lost a connection, or got none, after so many
        seconds. `ask` raises when it is not; a quick no is an answer.
        """
        with self._lock:
            if not self.is_on or not self._answered.is_set():
                return
            self._patient_until = time.monotonic() + SILENT - waited
            self._answered.clear()
        threading.Thread(
            target=self._ask_until_answered, args=(ask,), name="postgresql-watch", daemon=True
        ).start()

    def is_silent(self) -> bool:
        """Whether it is being asked and does not answer. Takes a second at most, and none of who
        comes later.
        """
        return not self._answered.wait(max(0.0, self._patient_until - time.monotonic()))

    def _ask_until_answered(self, ask: Callable[[], object]) -> None:
        is_told = False
        try:
            while not _answers(ask):
                if not is_told:
                    logger.warning("PostgreSQL is silent. Requests that need it are refused.")
                is_told = True
                time.sleep(PAUSE)
        finally:
            self._answered.set()
        if is_told:
            logger.warning("PostgreSQL answers again.")


def _answers(ask: Callable[[], object]) -> bool:
    began = time.monotonic()
    try:
        ask()
    except Exception:
        return time.monotonic() - began < SILENT
    return True


watch = Watch()
