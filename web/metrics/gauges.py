"""What is asked at a scrape: of rows, of the queue, of the disk. What apps know, they say."""

import platform
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext, suppress
from itertools import chain
from pathlib import Path
from typing import Any

from celery import current_app
from django.conf import settings

from web import health
from web.backups.places import places
from web.contributions import every
from web.jobs import jobs
from web.metrics import Gauge, Gauges
from web.queries import bounded

WORKERS_ANSWER = 0.5  # seconds
# After so many seconds nothing more is asked: a database that is silent costs five, once.
PATIENCE = 3.0


def info() -> Iterator[Gauge]:
    labels = ("version", "python")
    values = (settings.VERSION.number, platform.python_version())
    yield Gauge("site_info", "What runs here.", labels, [(values, 1)])


def checks() -> Iterator[Gauge]:
    until = time.monotonic() + PATIENCE
    of_apps = {name for one in every() for name in one.checks}  # which ask rows
    asked = health.checks()
    stores = {name: asked.pop(name) for name in ("uploads", "backups")}
    found = [
        ((name,), float(_is_well(check, bounded() if name in of_apps else nullcontext())))
        for name, check in asked.items()
        if time.monotonic() < until
    ]
    # Asked once all else has been: a store that is silent would take all the time there is.
    last = (((name,), float(_is_well(check, nullcontext()))) for name, check in stores.items())
    yield Gauge(
        "site_check_ok", "Each part of /status: 1 if it is well.", ("check",), chain(found, last)
    )


def _is_well(check: Callable[[], str], within: AbstractContextManager[None]) -> bool:
    def ask() -> str:
        with within:
            return check()

    ask.__name__ = check.__name__
    return health.finding(ask) == "ok"


def periodic_jobs() -> Iterator[Gauge]:
    with bounded():
        found = jobs()
    yield Gauge(
        "site_job_last_run_timestamp_seconds",
        "When each periodic job last came to its end.",
        ("task",),
        [((job.task,), job.last_ran_at.timestamp()) for job in found if job.last_ran_at],
    )
    yield Gauge(
        "site_job_interval_seconds",
        "How often it is to run.",
        ("task",),
        [((job.task,), job.every.total_seconds()) for job in found],
    )


def queue() -> Iterator[Gauge]:
    """How much waits in each queue, and who takes from it. Of a queue of files nobody knows who.

    All over one connection, which is tried once: a broker that is away must not cost the time in
    which all else is asked.
    """
    served: list[str] | None = None
    with current_app.connection_for_write() as broker:
        broker.ensure_connection(max_retries=0, timeout=1)
        channel: Any = broker.default_channel
        sizes = {one.name: channel._size(one.name) for one in settings.CELERY_TASK_QUEUES}
        if settings.REDIS_URL:
            asked = current_app.control.inspect(timeout=WORKERS_ANSWER, connection=broker)
            answers = asked.active_queues() or {}
            served = [one["name"] for queues in answers.values() for one in queues]
    yield Gauge(
        "site_queue_length",
        "Tasks that wait in each queue.",
        ("queue",),
        [((name,), float(size)) for name, size in sizes.items()],
    )
    if served is not None:
        yield Gauge(
            "site_workers",
            "Workers that answer, by the queue they take from.",
            ("queue",),
            [((name,), float(served.count(name))) for name in sizes],
        )


def disk() -> Iterator[Gauge]:
    folders = {"var": Path(settings.VAR_DIR), "backups": settings.BACKUP_DIR}
    usage = {}
    for name, folder in folders.items():
        # One that is not there, an unmounted disk for example, must not hide how full the other is.
        with suppress(FileNotFoundError):
            if folder is not None:
                usage[name] = shutil.disk_usage(folder)
    yield Gauge(
        "site_disk_free_bytes",
        "Room on the disk of VAR_DIR and of BACKUP_DIR.",
        ("folder",),
        [((name,), float(one.free)) for name, one in usage.items()],
    )
    yield Gauge(
        "site_disk_size_bytes",
        "The size of that disk.",
        ("folder",),
        [((name,), float(one.total)) for name, one in usage.items()],
    )


def backups() -> Iterator[Gauge]:
    """Of a site whose backups are told where to go."""
    made, tried = [], []
    for place in places():
        # A bucket that is away must not hide what the folder has.
        with suppress(OSError):
            kept = place.kept()
            newest = [one.changed_at.timestamp() for one in kept.archives[-1:]]
            made += [((place.kind,), at) for at in newest]
            tried += [((place.kind,), kept.tried_at.timestamp())] if kept.tried_at else []
    yield Gauge(
        "site_backup_timestamp_seconds",
        "When the newest backup was made, in BACKUP_DIR and in BACKUP_STORAGE_URL.",
        ("place",),
        made,
    )
    yield Gauge(
        "site_backup_test_timestamp_seconds",
        "When a backup from there was last restored to try it.",
        ("place",),
        tried,
    )


OWN: tuple[Gauges, ...] = (info, disk, queue, checks, periodic_jobs, backups)
