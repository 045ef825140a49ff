"""Whatever Redis answers or holds, worker and beat go on, and no email is lost."""

import tempfile
from contextlib import contextmanager
from functools import wraps
from pathlib import Path

import pytest
import redis

from devtools.processes import wait_until
from devtools.services import start_redis
from tests.stack import visitor

EMAILS = 30  # seconds, once it is well again


def put_right(trouble):
    """What follows the `yield` is done however the test ends: the next one has the same server."""

    @contextmanager
    @wraps(trouble)
    def during(client):
        steps = trouble(client)
        who_hears = next(steps)
        try:
            yield who_hears
        finally:
            next(steps, None)

    return during


@put_right
def failing_over(client):
    """The master becomes the replica of a server that is not there."""
    client.replicaof("127.0.0.1", 1)
    yield "worker"
    client.replicaof("NO", "ONE")


@put_right
def without_room(client):
    client.config_set("maxmemory", 1)
    yield "beat"
    client.config_set("maxmemory", 0)


@put_right
def without_enough_replicas(client):
    client.config_set("min-replicas-to-write", 3)
    yield "worker"
    client.config_set("min-replicas-to-write", 0)


@put_right
def with_another_password(client):
    client.config_set("requirepass", "a new one")
    client.client_kill_filter(_type="normal", skipme=True)
    yield "worker"
    client.config_set("requirepass", "")


@put_right
def without_permission(client):
    client.execute_command("ACL", "SETUSER", "default", "-@list", "-@hash", "-@sortedset")
    yield "worker"
    client.execute_command("ACL", "SETUSER", "default", "+@all")


@put_right
def cut_off_from_its_master(client):
    """Each question is answered with MASTERDOWN."""
    client.config_set("replica-serve-stale-data", "no")
    client.replicaof("127.0.0.1", 1)
    yield "worker"
    client.replicaof("NO", "ONE")
    client.config_set("replica-serve-stale-data", "yes")


@put_right
def unable_to_save(client):
    """Each change is answered with MISCONF: the disk takes no snapshot."""
    in_the_way = Path(client.config_get("dir")["dir"]) / "dump.rdb"
    in_the_way.mkdir()
    client.config_set("save", "3600 1000000")
    client.bgsave()
    assert wait_until(
        lambda: client.info("persistence")["rdb_last_bgsave_status"] == "err", seconds=20
    )
    yield "worker"
    client.config_set("save", "")
    in_the_way.rmdir()


@put_right
def loading_its_data(client):
    """Each question is answered with LOADING, until all that another server sent is read."""
    keys, delay = 400, 50_000  # microseconds for each
    with (
        tempfile.TemporaryDirectory(prefix="dev-test-") as folder,
        start_redis(Path(folder)) as master,
        redis.Redis.from_url(master.url) as data,
    ):
        for number in range(keys):
            data.set(f"site:127.0.0.1:key {number}", b"x" * 4096)
        data.config_set("rdbcompression", "no")
        data.config_set("repl-diskless-sync-delay", 0)
        client.config_set("loading-process-events-interval-bytes", 2048)
        client.config_set("key-load-delay", delay)
        client.replicaof("127.0.0.1", master.port)

        def is_loading():
            return client.info("persistence")["loading"]

        assert wait_until(is_loading, seconds=30)
        yield "worker"
        client.config_set("key-load-delay", 0)
        assert wait_until(lambda: not is_loading(), seconds=60)
        client.replicaof("NO", "ONE")


TROUBLES = [
    cut_off_from_its_master,
    unable_to_save,
    loading_its_data,
    failing_over,
    without_room,
    without_enough_replicas,
    with_another_password,
    without_permission,
]


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_redis_that_refuses_ends_neither_worker_nor_beat(stack, trouble):
    during, after = visitor(), visitor()
    heard = logged(stack)
    with redis.Redis.from_url(stack.redis.url) as client, trouble(client) as who_hears:
        assert stack.send_inquiry(during).is_thanks
        wait_for_complaint(stack, who_hears, since=heard)

    assert stack.send_inquiry(after).is_thanks
    stack.expect_emails([during, after], within=EMAILS)
    assert stack.children["worker"].running
    assert stack.children["beat"].running


def logged(stack):
    """How much worker and beat have said so far."""
    return {name: len(stack.children[name].log.read_bytes()) for name in ("worker", "beat")}


def wait_for_complaint(stack, name, *, since):
    """Until worker or beat has met the trouble."""
    log = stack.children[name].log

    def complains():
        said = log.read_bytes()[since[name] :].decode(errors="replace")
        return "Message Error" in said or "onnect" in said

    assert wait_until(complains, seconds=60, pause=0.1), f"{name} logged nothing"


NOT_OURS = {
    "a text": lambda client, key: client.set(key, "a text"),
    "a list": lambda client, key: client.rpush(key, "a text"),
    "a hash": lambda client, key: client.hset(key, "a", "text"),
}


@pytest.mark.parametrize("put", NOT_OURS.values(), ids=NOT_OURS.keys())
def test_a_redis_that_holds_garbage_under_our_names_ends_neither_worker_nor_beat(stack, put):
    with redis.Redis.from_url(stack.redis.url, decode_responses=True) as client:
        prefix = f"site:127.0.0.1:{stack.port}:"
        before = {"messages", "pictures", "unacked", "unacked_index", "_kombu.binding.messages"}
        for name in before:
            client.delete(f"{prefix}{name}")
            put(client, f"{prefix}{name}")
        ada = visitor()

        assert stack.send_inquiry(ada).is_thanks

        stack.expect_emails([ada], within=EMAILS)
        assert stack.children["worker"].running
        assert stack.children["beat"].running


def test_a_redis_with_unreadable_messages_ends_neither_worker_nor_beat(stack):
    with redis.Redis.from_url(stack.redis.url, decode_responses=True) as client:
        prefix = f"site:127.0.0.1:{stack.port}:"
        for content in ["", "\0", "{half", "7", "[]", "{}", '{"properties": 7}', "[[[" * 40_000]:
            client.rpush(f"{prefix}messages", content)
            tag = f"tag {content[:10]}"
            client.hset(f"{prefix}unacked", tag, content)
            client.zadd(f"{prefix}unacked_index", {tag: 1})
        ada = visitor()

        assert stack.send_inquiry(ada).is_thanks

        stack.expect_emails([ada], within=EMAILS)
        gone = wait_until(lambda: not client.zcount(f"{prefix}unacked_index", 0, 2), seconds=40)
        assert gone, client.zrange(f"{prefix}unacked_index", 0, -1, withscores=True)
        assert stack.children["worker"].running


def test_every_key_in_redis_carries_our_prefix(stack):
    ada = visitor()
    assert stack.send_inquiry(ada).is_thanks
    stack.expect_emails([ada], within=EMAILS)

    with redis.Redis.from_url(stack.redis.url, decode_responses=True) as client:
        keys = client.keys("*")

    assert keys
    assert {key for key in keys if not key.startswith("site:127.0.0.1:")} == set()
