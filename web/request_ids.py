"""One id for all that a request sets off: its lines in the logs, its tasks, and their emails.

nginx makes it, writes it into its own log and passes it on. It goes along with tasks in the header
of their message, and with an email in a header of its own, so that a bounce leads back to the
request. What nobody asked for (a periodic task) has the id of its task.
"""

import re
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from structlog.contextvars import bound_contextvars, get_contextvars

HEADER = "X-Request-ID"
# nginx's are 32 hexadecimal digits, a UUID has hyphens as well.
WELL_FORMED = re.compile(r"[0-9A-Za-z-]{16,64}")
IN_MESSAGES = "request_ids"  # the header of a task: an id for each row it is asked to look at

_of_rows: ContextVar[dict[int, str] | None] = ContextVar("request_ids", default=None)


def current() -> str:
    """The id of what is being done; empty outside of requests and tasks."""
    return str(get_contextvars().get("request_id", ""))


def of_row(row: int) -> str:
    """The id of the request that asked this task to look at this row."""
    return (_of_rows.get() or {}).get(row) or current()


@contextmanager
def task(task_id: object, arguments: Sequence[Any], sent: object) -> Iterator[None]:
    """While a task runs. `sent` is what came in the header of its message, whatever that is."""
    sent = list(sent) if isinstance(sent, list | tuple) else []
    ids = {one for one in sent if isinstance(one, str) and is_one(one)}
    of_task = task_id if is_one(task_id) else uuid.uuid4().hex
    with bound_contextvars(request_id=ids.pop() if len(ids) == 1 else current() or of_task):
        pairs = zip(arguments, sent, strict=False)
        token = _of_rows.set(
            {row: one for row, one in pairs if isinstance(row, int) and is_one(one)}
        )
        try:
            yield
        finally:
            _of_rows.reset(token)


def is_one(sent: object) -> bool:
    """Whether it looks like an id: a line of the log, or a header, may hold it as it is."""
    return isinstance(sent, str) and bool(WELL_FORMED.fullmatch(sent))
