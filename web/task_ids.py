"""Listens to Celery, so that the id of a request goes along with its tasks (`web.request_ids`), and
what they ask of the database is theirs (`web.queries`).
"""

from contextlib import ExitStack
from threading import get_ident
from typing import Any

from celery.signals import before_task_publish, task_postrun, task_prerun

from web import queries, request_ids


@before_task_publish.connect
def send_request_id_along(headers: dict[str, Any], **details: Any) -> None:
    if request_id := request_ids.current():
        headers.setdefault(request_ids.IN_MESSAGES, [request_id])


_running: dict[tuple[str, int], ExitStack] = {}


@task_prerun.connect
def take_request_id(task_id: object, task: Any, args: Any, **details: Any) -> None:
    sent = getattr(task.request, request_ids.IN_MESSAGES, None)
    running = _running[str(task_id), get_ident()] = ExitStack()
    running.enter_context(request_ids.task(task_id, args, sent))
    running.enter_context(queries.watched(task.name))


@task_postrun.connect
def forget_request_id(task_id: object, **details: Any) -> None:
    if running := _running.pop((str(task_id), get_ident()), None):
        running.close()
