"""How we behave towards a broker that is away: patient as a worker, brief as a web server."""

import time

import pytest
import redis
from kombu.exceptions import OperationalError

from config import file_queue, redis_queue
from config.celery import App, app
from devtools.processes import free_port
from leads.messages.tasks import notify_about_inquiry

NOBODY = f"redis://127.0.0.1:{free_port()}/0"


@pytest.fixture
def deserted_app(monkeypatch):
    """An app like ours whose broker is never there, and which counts the attempts to publish."""
    deserted = App("deserted", set_as_current=False)
    deserted.attempts = []

    def try_to_publish(self, *args, **options):
        deserted.attempts.append(args)
        raise OperationalError("nobody is there")

    monkeypatch.setattr("celery.Celery.send_task", try_to_publish)
    return deserted


def test_a_broker_that_stays_away_is_tried_every_few_seconds(monkeypatch):
    monkeypatch.setattr("kombu.utils.functional.sleep", lambda seconds: None)
    pauses = []

    with app.connection_for_read(NOBODY) as connection, pytest.raises(OperationalError):
        connection.ensure_connection(lambda error, pause: pauses.append(pause), max_retries=20)

    assert len(pauses) == 20
    assert max(pauses) <= 4


def test_worker_and_beat_never_give_up():
    assert app.conf.broker_connection_max_retries is None
    assert app.conf.broker_connection_retry_on_startup


def test_after_a_failure_nobody_tries_to_publish_for_some_seconds(deserted_app, monkeypatch):
    for _ in range(5):
        with pytest.raises(OperationalError):
            deserted_app.send_task(notify_about_inquiry.name, (1,))
    assert len(deserted_app.attempts) == 1

    later = time.monotonic() + 6
    monkeypatch.setattr("config.celery.time.monotonic", lambda: later)
    with pytest.raises(OperationalError):
        deserted_app.send_task(notify_about_inquiry.name, (1,))
    assert len(deserted_app.attempts) == 2


def test_beat_which_brings_its_own_producer_is_never_held_back(deserted_app):
    for _ in range(5):
        with pytest.raises(OperationalError):
            deserted_app.send_task(notify_about_inquiry.name, (1,), producer=object())

    assert len(deserted_app.attempts) == 5


@pytest.mark.parametrize("finish", ["ack", "reject", "requeue"])
def test_a_message_that_cannot_be_acknowledged_takes_nobodys_place(redis_server, finish):
    """A worker that is full asks for no more, and so would not notice that its broker is gone."""
    with (
        redis.Redis.from_url(redis_server.url) as client,
        app.connection_for_read(redis_server.url) as connection,
    ):
        queue = connection.SimpleQueue(f"refused-{finish}")
        queue.put("a task")
        message = queue.get(timeout=5)
        queue.channel.qos.prefetch_count = 1
        assert not queue.channel.qos.can_consume()
        client.config_set("requirepass", "a new one")
        client.client_kill_filter(_type="normal", skipme=True)
        try:
            with pytest.raises((OSError, redis.RedisError)):
                getattr(message, finish)()
        finally:
            client.config_set("requirepass", "")

        assert queue.channel.qos.can_consume()
        assert client.hlen(f"{app.conf.broker_transport_options['global_keyprefix']}unacked")


def test_what_is_acknowledged_on_a_channel_that_was_left_open_is_no_crash(redis_server):
    """A task may end at the very moment at which the worker loses its broker."""
    with app.connection_for_read(redis_server.url) as connection:
        queue = connection.SimpleQueue("acknowledged-late")
        queue.put("a task")
        message = queue.get(timeout=5)
        # As kombu leaves a channel that it could not close: no pool, and a transport of nobody's.
        message.channel._disconnect_pools()
        transport, owner = connection.transport, connection.transport.client
        transport.client = None

        with pytest.raises(connection.connection_errors):
            message.ack()

        transport.client = owner


@pytest.mark.parametrize(
    ("url", "transport"),
    [
        ("filesystem://localhost//", file_queue.Transport),
        (NOBODY, redis_queue.Transport),
        (NOBODY.replace("redis", "rediss"), redis_queue.Transport),
    ],
    ids=["files", "redis", "rediss"],
)
def test_all_connections_to_the_broker_are_ours_those_of_pools_as_well(url, transport):
    connection = app.connection_for_write(url)
    pooled = connection.Pool(1).prepare(connection.Pool(1).new())

    assert connection.get_transport_cls() is transport
    assert pooled.get_transport_cls() is transport


def test_what_a_task_or_a_request_sends_reaches_the_queue():
    notify_about_inquiry.delay(0)

    with app.connection_for_read() as connection:
        message = connection.SimpleQueue("messages").get(timeout=5)

    assert message.headers["task"] == notify_about_inquiry.name
