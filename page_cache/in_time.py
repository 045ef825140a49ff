"""An answer in time, or none: for a question that a visitor's request should not wait for."""

from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Thread
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class InTime(Generic[Answer]):
    """Asks in a thread of its own, for one caller at a time. Raises `TimeoutError` when the answer
    takes longer than that; once it has come, the next caller has it.
    """

    def __init__(self, ask: Callable[[], Answer], *, seconds: float) -> None:
        self._ask = ask
        self._seconds = seconds
        self._thread: Thread | None = None  # of this process, not of one it came from
        self._questions = SimpleQueue[Future[Answer]]()
        self._asked: Future[Answer] | None = None

    def __call__(self) -> Answer:
        if self._thread is None:
            # A daemon, unlike those of an executor: a process may end without the answer.
            self._thread = Thread(target=self._answer, name="in-time", daemon=True)
            self._thread.start()
        if self._asked is None:
            self._asked = Future()
            self._questions.put(self._asked)
        try:
            error = self._asked.exception(timeout=self._seconds)
        except TimeoutError:
            raise TimeoutError(f"no answer within {self._seconds:g} s") from None
        answered, self._asked = self._asked, None
        if error:
            raise error
        return answered.result()

    def _answer(self) -> None:
        while True:
            asked = self._questions.get()
            try:
                asked.set_result(self._ask())
            except Exception as error:
                asked.set_exception(error)
