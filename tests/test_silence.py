"""Who waits for a silent PostgreSQL, and for how long."""

import socket
import struct
import threading
from contextlib import suppress

import psycopg
import pytest

from config import postgresql
from config.postgresql import Watch, base
from devtools.processes import wait_until


@pytest.fixture
def watch():
    watch = Watch()
    watch.is_on = True
    return watch


@pytest.fixture(autouse=True)
def quickly(monkeypatch):
    monkeypatch.setattr(postgresql, "PAUSE", 0.001)


class Server:
    """Says nothing until it is told what to say."""

    def __init__(self):
        self.asked = 0
        self.error = None
        self.may_say = threading.Event()

    def __call__(self):
        self.asked += 1
        assert self.may_say.wait(60)
        if self.error:
            raise self.error


@pytest.fixture
def server():
    server = Server()
    yield server
    server.error = None
    server.may_say.set()


def test_while_one_asks_the_others_are_refused_until_there_is_an_answer(watch, server):
    for _ in range(5):
        watch.suspect(server, waited=60)

    assert watch.is_silent()
    assert server.asked == 1
    server.may_say.set()
    assert wait_until(lambda: not watch.is_silent(), seconds=60)


def test_it_is_asked_until_it_answers(watch, monkeypatch, caplog):
    monkeypatch.setattr(postgresql, "SILENT", 0)  # each no is a late one
    errors = [psycopg.OperationalError("timeout")] * 3

    def ask():
        if errors:
            raise errors.pop()

    watch.suspect(ask, waited=60)

    assert wait_until(lambda: not watch.is_silent(), seconds=60)
    assert errors == []
    said = ["PostgreSQL is silent. Requests that need it are refused.", "PostgreSQL answers again."]
    assert [record.message for record in caplog.records] == said


def test_one_that_refuses_is_not_silent(watch, server, caplog):
    server.error = psycopg.OperationalError("refused")
    server.may_say.set()

    watch.suspect(server, waited=60)

    assert wait_until(lambda: not watch.is_silent(), seconds=60)
    assert (server.asked, caplog.records) == (1, [])


def test_where_a_connection_only_broke_the_answer_is_waited_for(watch, server, monkeypatch):
    monkeypatch.setattr(postgresql, "SILENT", 60)
    threading.Timer(0.2, server.may_say.set).start()

    watch.suspect(server, waited=0)

    assert not watch.is_silent()


def test_where_nobody_waits_nothing_is_refused(watch, server):
    watch.is_on = False

    watch.suspect(server, waited=60)

    assert not watch.is_silent()
    assert server.asked == 0


# Through a pooler


class Pooler:
    """Lets everyone in. The first who asks something is handed a dead connection of its own, and
    hears nothing; who comes later has an answer.
    """

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.callers = []

    def __enter__(self):
        threading.Thread(target=self.take_calls, daemon=True).start()
        return self

    def __exit__(self, *details):
        for each in [self.listener, *self.callers]:
            each.close()

    def take_calls(self):
        with suppress(OSError):
            while True:
                caller, _ = self.listener.accept()
                self.callers.append(caller)
                while struct.unpack("!II", caller.recv(8))[1] != 3 << 16:  # TLS, or the like
                    caller.sendall(b"N")
                caller.recv(1024)
                caller.sendall(message(b"R", struct.pack("!I", 0)) + message(b"Z", b"I"))
                caller.recv(1024)
                if len(self.callers) > 1:
                    caller.sendall(ONE)

    @property
    def parameters(self):
        port = self.listener.getsockname()[1]
        return {"host": "127.0.0.1", "port": port, "user": "site", "dbname": "site"}


def message(kind, content):
    """https://www.postgresql.org/docs/current/protocol-message-formats.html"""
    return kind + struct.pack("!I", len(content) + 4) + content


ONE = (
    message(b"T", struct.pack("!H2sIHIhiH", 1, b"a", 0, 0, 23, 4, -1, 0))
    + message(b"D", struct.pack("!HI", 1, 1) + b"1")
    + message(b"C", b"SELECT 1\0")
    + message(b"Z", b"I")
)  # fmt: skip


def test_a_dead_connection_of_a_pooler_is_not_listened_to_forever(monkeypatch):
    monkeypatch.setattr(base, "PATIENCE", 0.1)
    with Pooler() as pooler:
        with pytest.raises(psycopg.OperationalError, match="no answer"):
            base.ask(pooler.parameters)

        base.ask(pooler.parameters)
