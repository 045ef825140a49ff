"""Many emails over one connection, and what becomes of them when the server ends it."""

import pytest

from devtools.processes import wait_until
from mail import backends, delivery, outbox
from mail.backends import SmtpBackend
from mail.models import Message
from mail.smtp import Times
from tests.smtp import BREAK, STALL, MailServer

pytestmark = pytest.mark.django_db


@pytest.fixture
def sink(settings):
    with MailServer() as server:
        settings.EMAIL_BACKEND = "mail.backends.SmtpBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


def put(count, **fields):
    for number in range(count):
        email = {"key": f"{number}", "to": f"v{number}@example.com", "subject": "Hello"}
        outbox.put(**{**email, "text": "Good day.", **fields})


def take_turn():
    delivery.take_turn(ask_for_another=lambda: None, seconds=60)


def states():
    return list(Message.objects.order_by("pk").values_list("state", flat=True))


def test_a_turn_has_one_connection(sink):
    put(10)

    take_turn()

    assert [one.recipients[0] for one in sink.emails] == [f"v{n}@example.com" for n in range(10)]
    assert states() == ["sent"] * 10
    assert sink.greeted == 1


@pytest.mark.parametrize(
    "beyond",
    [
        "421 4.7.0 enough for now",
        "452 4.5.3 too many emails",
        "550 5.7.0 too many emails",
        "500 what?",
        "what?",
        BREAK,
        STALL,
    ],
)
def test_a_server_that_ends_a_connection_costs_no_email_an_attempt(sink, monkeypatch, beyond):
    monkeypatch.setattr(SmtpBackend, "__init__", _hasty(SmtpBackend.__init__))
    sink.limit, sink.beyond_limit = 3, beyond
    put(7)

    take_turn()

    assert states() == ["sent"] * 7
    assert len(sink.emails) == len({one.message_id for one in sink.emails}) == 7
    assert set(Message.objects.values_list("attempts", "error")) == {(1, "")}
    assert sink.greeted == 3


def _hasty(init):
    def with_little_time(self, *args, **kwargs):
        init(self, *args, times=Times(phase=0.5, before_dot=20, dot=20, goodbye=0.1), **kwargs)

    return with_little_time


def test_a_connection_carries_no_more_than_servers_allow(sink, monkeypatch):
    monkeypatch.setattr(backends, "MAX_EMAILS", 4)
    put(10)

    take_turn()

    assert states() == ["sent"] * 10
    assert sink.greeted == 3


@pytest.mark.parametrize("phase", ["RCPT", "DATA", "DOT"])
@pytest.mark.parametrize(
    ("reply", "state"),
    [("550 5.1.1 no such user", "failed"), ("450 4.2.1 busy", "queued"), ("421 no", "queued")],
)
def test_an_email_refused_in_the_middle_holds_up_no_other(sink, phase, reply, state):
    sink.faults, sink.faults_for = {phase: reply}, {"v2@example.com"}
    put(5)

    take_turn()

    assert states() == ["sent", "sent", state, "sent", "sent"]
    assert [one.recipients[0] for one in sink.emails if one.recipients != ("v2@example.com",)] == [
        "v0@example.com", "v1@example.com", "v3@example.com", "v4@example.com",
    ]  # fmt: skip
    assert all(len(one.recipients) == 1 for one in sink.emails)


def test_a_connection_that_breaks_at_the_final_dot_leaves_one_email_unconfirmed(sink):
    sink.faults, sink.faults_for = {"DOT": BREAK}, {"v2@example.com"}
    put(5)

    take_turn()

    assert states() == ["sent", "sent", "queued", "sent", "sent"]
    assert list(Message.objects.filter(unconfirmed=1).values_list("to", flat=True)) == [
        "v2@example.com"
    ]
    assert len(sink.emails) == 5  # no copy


def test_a_server_that_refuses_to_begin_anew_gets_a_new_connection(sink):
    sink.faults, sink.faults_for = {"RCPT": "550 5.1.1 no", "RSET": "500 what?"}, {"v1@example.com"}
    put(4)

    take_turn()

    assert states() == ["sent", "failed", "sent", "sent"]


def test_no_connection_stays_behind(sink):
    put(3)

    take_turn()

    assert wait_until(lambda: not sink.connections, seconds=20)
