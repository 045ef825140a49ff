"""Hints to the worker that something waits, gathered so that a burst of them makes few tasks.

Whoever gives one has the row for truth and a sweep to fall back on: a hint may be lost, or come
twice. A thread publishes them, so that nobody waits for the broker, alive, dead or silent.
"""

import logging
import threading
import time
from typing import Any

from celery import Task
from django.db import transaction

from web import request_ids

logger = logging.getLogger(__name__)

PAUSE = 0.2  # seconds; what is hinted at meanwhile goes together
MAX_ROWS = 20  # that one task is asked to look at: others get their share

AnyTask = Task[..., Any]


class Hints:
    """What is to be published. The first hint goes out at once, later ones every PAUSE.

    The thread lives only while there is something to publish: a process that forks has none to
    lose, and one that ends waits for it.
    """

    def __init__(self) -> None:
        # The rows to look at, each with the id of the request that asks for it.
        self._waiting: dict[AnyTask, list[tuple[int, str]]] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def give(self, task: AnyTask, rows: tuple[int, ...] = ()) -> None:
        if task.app.conf.task_always_eager:  # it runs here and now: there is nothing to gather
            task.delay(*rows)
            return
        with self._lock:
            request_id = request_ids.current()
            self._waiting.setdefault(task, []).extend((row, request_id) for row in rows)
            if self._thread is None or not self._thread.is_alive():  # or it stayed behind at a fork
                self._thread = threading.Thread(target=self._publish, name="hints")
                self._thread.start()

    def _publish(self) -> None:
        while True:
            with self._lock:
                waiting, self._waiting = self._waiting, {}
                if not waiting:
                    self._thread = None
                    return
            for task, rows in waiting.items():
                try:
                    for start in range(0, len(rows) or 1, MAX_ROWS):
                        part = rows[start : start + MAX_ROWS]
                        ids = [request_id for _, request_id in part]
                        headers: dict[str, Any] = {request_ids.IN_MESSAGES: ids}
                        task.apply_async(tuple(row for row, _ in part), headers=headers)
                except Exception as error:  # the sweep finds the rows
                    logger.error("No hint to %s could be queued", task.name, exc_info=error)
            time.sleep(PAUSE)


_hints = Hints()


def hint(task: AnyTask, *rows: int) -> None:
    """Ask for the task once this is committed, with the rows of all who ask at that time."""
    # robust, and a lambda: Django logs the callback by __qualname__.
    transaction.on_commit(lambda: _hints.give(task, rows), robust=True)
