"""The cache with Redis behind Sentinel."""

import socket

import pytest
from celery.beat import SchedulingError
from django.core.cache.backends.redis import RedisCache
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError
from redis.exceptions import TimeoutError as AnsweredLate
from redis.retry import Retry

from config.celery import Schedule, app
from config.redis_queue import SentinelChannel
from config.sentinels import ClosedWhenLate, Sentinels
from devtools.services import find_redis, start_redis
from devtools.stores import sentinel_url, start_sentinels

pytestmark = pytest.mark.skipif(not find_redis(), reason="Redis is not installed")
POOL = "config.sentinels.Pool"
# As in CACHES: whoever is silent is not asked again.
ONCE_MORE = Retry(NoBackoff(), 1, supported_errors=(ConnectionError,))


def tell(server, command):
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(f"{command}\r\n".encode())
        return connection.recv(100)


def patiently(cache, key):
    for _ in range(20):
        try:
            return cache.get(key)
        except AnsweredLate:
            continue
    raise AssertionError("It never answered.")


def test_an_answer_that_comes_late_is_nobody_elses(tmp_path):
    with start_redis(tmp_path) as server:
        sentinels = start_sentinels(tmp_path, [server], quick=60_000)
        try:
            options = {"pool_class": POOL, "socket_connect_timeout": 10, "socket_timeout": 1}
            options["retry"] = ONCE_MORE
            cache = RedisCache([sentinel_url(sentinels)], {"OPTIONS": options})
            cache.set("mine", "my words")
            cache.set("yours", "your words")

            tell(server, "CLIENT PAUSE 1500 ALL")
            with pytest.raises(AnsweredLate):
                cache.get("mine")

            assert patiently(cache, "yours") == "your words"
        finally:
            for one in sentinels:
                one.stop()


def test_the_queue_has_the_same_connections():
    assert SentinelChannel.connection_class is ClosedWhenLate


def test_a_sentinel_that_is_away_is_asked_once_without_a_pause():
    asked = Sentinels.read("sentinel://a.example:26379,b.example/site/0").sentinel_options()

    assert asked["retry"].get_retries() == 0


def test_beat_connects_anew_after_a_turn_that_could_not_be_queued():
    schedule = Schedule(app=app)
    entry = schedule.schedule["mail.tasks.deliver_due_messages"]
    schedule.producer.channel.close()  # as kombu does when its connection was lost
    lost = schedule.connection
    with pytest.raises(SchedulingError):  # which beat logs
        schedule.apply_async(entry, producer=schedule.producer, advance=False)

    assert lost is not schedule.connection and not lost.connected
    assert schedule.apply_async(entry, producer=schedule.producer, advance=False)
