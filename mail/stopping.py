"""Whether this worker has been asked to stop, for its processes and threads.

Celery tells the main process alone, and waits for what is running. A pipe that is open before the
pool starts reaches them all: written to once and never read, it is readable from then on.
"""

import os
import select

from celery.signals import worker_init, worker_shutting_down

_pipe: tuple[int, int] | None = None


@worker_init.connect(dispatch_uid="mail.stopping")
def _prepare(**kwargs: object) -> None:
    global _pipe
    _pipe = os.pipe()


@worker_shutting_down.connect(dispatch_uid="mail.stopping")
def _tell(**kwargs: object) -> None:
    if _pipe:
        os.write(_pipe[1], b".")


def is_stopping() -> bool:
    """False outside a worker."""
    if _pipe is None:
        return False
    poll = select.poll()
    poll.register(_pipe[0], select.POLLIN)
    return bool(poll.poll(0))
