"""The Celery app: its settings are the `CELERY_…` lines of config/settings.py."""

import logging
import os
import time
from datetime import timedelta
from typing import Any, Self

import kombu
from celery import Celery
from celery.app.amqp import AMQP
from celery.beat import Scheduler, SchedulingError
from celery.result import AsyncResult
from celery.signals import beat_init, setup_logging, worker_init
from kombu.exceptions import OperationalError
from kombu.transport import TRANSPORT_ALIASES

from config import private_files
from config.checks import check_before_the_start

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

MAX_PAUSE = 4  # seconds
BREATHER = 5  # seconds
# By name: the connections of Celery's pools are of kombu's own class.
TRANSPORT_ALIASES.update(
    filesystem="config.file_queue:Transport",
    redis="config.redis_queue:Transport",
    rediss="config.redis_queue:Transport",
    sentinel="config.redis_queue:SentinelTransport",
)


class PatientConnection(kombu.Connection):
    """Knocks at a broker that is away every few seconds, however long it has been away.

    Kombu waits two seconds longer each time, up to thirty, and Celery has no setting for it:
    worker and beat would be back half a minute after the broker, and the emails later still.
    """

    def ensure_connection(self, *args: Any, **options: Any) -> Self:
        return super().ensure_connection(*args, **{"interval_max": MAX_PAUSE} | options)


class PatientAMQP(AMQP):
    Connection = PatientConnection


class Schedule(Scheduler):
    """Everything is due at the start, and nothing is kept in a file that could be broken.

    What is scheduled looks at the rows, so that once more than needed does no harm.
    """

    def setup_schedule(self) -> None:
        super().setup_schedule()
        for entry in self.schedule.values():
            entry.last_run_at = entry.default_now() - timedelta(days=1)

    def apply_async(self, *args: Any, **options: Any) -> Any:
        """After a turn that could not be queued, the next one connects anew.

        A channel whose connection is lost stays closed: kombu revives it only before it tries
        again, and we have each message tried once.
        """
        try:
            return super().apply_async(*args, **options)
        except SchedulingError:
            self.connection.release()
            del self.producer, self.connection  # kombu's cached properties: made again when asked
            raise


@beat_init.connect
@worker_init.connect
def check(**details: Any) -> None:
    check_before_the_start()


class App(Celery):
    """Publishing to a silent broker costs one time-out, and that only now and then.

    Otherwise each visitor in turn would wait for it, and those who come at once would wait for
    each other. Whoever publishes has the row for truth and a sweep to fall back on. Beat brings
    its own producer and is not held back: a turn it misses is lost.
    """

    amqp_cls = "config.celery:PatientAMQP"
    _away_until = 0.0

    def send_task(self, *args: Any, **options: Any) -> AsyncResult[Any]:
        if options.get("producer") is not None:
            return super().send_task(*args, **options)
        if time.monotonic() < self._away_until:
            raise OperationalError("Not tried: the broker did not answer a moment ago.")
        try:
            return super().send_task(*args, **options)
        except OperationalError:
            self._away_until = time.monotonic() + BREATHER
            raise


app = App("config")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
@beat_init.connect
def create_privately(**kwargs: Any) -> None:
    private_files.create_privately()


@setup_logging.connect
def keep_our_log(loglevel: int | None = None, **details: Any) -> None:
    """Celery would add handlers of its own, with lines of another form."""
    logging.getLogger().setLevel(loglevel or logging.WARNING)
    logging.captureWarnings(True)
