"""The Celery app: its settings are the `CELERY_…` lines of config/settings.py."""

import os
import time
from typing import Any

import kombu
from celery import Celery
from celery.app.amqp import AMQP
from kombu.exceptions import OperationalError
from kombu.transport import redis
from redis.exceptions import ConnectionError as BrokerGone

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

LONGEST_PAUSE = 4  # seconds
BREATHER = 5  # seconds


class HonestChannel(redis.Channel):
    """Says that its connection is gone, where kombu stumbles over it (celery/kombu issue 582).

    A task that ends while the worker loses its broker is acknowledged on the old channel. Celery
    takes a lost connection calmly there; of an `AttributeError` the worker died.
    """

    def _connparams(self, *args: Any, **kwargs: Any):
        if self.connection is None or self.connection.client is None:
            raise BrokerGone("The connection of this channel was closed.")
        return super()._connparams(*args, **kwargs)


class HonestTransport(redis.Transport):
    Channel = HonestChannel


class PatientConnection(kombu.Connection):
    """Knocks at a broker that is away every few seconds, however long it has been away.

    Kombu waits two seconds longer each time, up to thirty, and Celery has no setting for it:
    worker and beat would be back half a minute after the broker, and the letters later still.
    """

    def get_transport_cls(self):
        found = super().get_transport_cls()
        return HonestTransport if found is redis.Transport else found

    def ensure_connection(self, *args: Any, interval_max: float = LONGEST_PAUSE, **kwargs: Any):
        return super().ensure_connection(*args, interval_max=interval_max, **kwargs)


class PatientAMQP(AMQP):
    Connection = PatientConnection


class App(Celery):
    """Publishing to a silent broker costs one time-out, and that only now and then.

    Otherwise each visitor in turn would wait for it, and those who come at once would wait for
    each other. Whoever publishes has the row for truth and a sweep to fall back on. Beat brings
    its own producer and is not held back: a turn it misses is lost.
    """

    amqp_cls = PatientAMQP
    _away_until = 0.0

    def send_task(self, *args: Any, producer: Any = None, **options: Any):
        if producer is not None:
            return super().send_task(*args, producer=producer, **options)
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
