"""One attempt at one email, from its row to a real mail server and back."""

import threading
from datetime import timedelta

import pytest
from django.core.mail import EmailMessage
from django.db import OperationalError, connection
from django.utils import timezone

from devtools.processes import wait_until
from mail import delivery, outbox
from mail.backends import SmtpBackend
from mail.leases import Keeper
from mail.models import LEASE, Message
from mail.smtp import Times
from mail.tasks import deliver
from tests.smtp import BREAK, STALL, MailServer

PATIENT = Times(phase=60, before_dot=60, dot=60, goodbye=0.1)
HASTY = Times(phase=1, before_dot=10, dot=60)
HASTY_AT_THE_DOT = Times(phase=60, before_dot=60, dot=0.5)


@pytest.fixture
def sink():
    with MailServer() as server:
        yield server


@pytest.fixture
def message(db):
    return put()


def put(**fields) -> Message:
    email = {"key": "one", "to": "ada@private.example", "subject": "Hello", "text": "Good day."}
    return outbox.put(**{**email, **fields})


def claim(message, *, now=None) -> Message | None:
    return Message.objects.filter(pk=message.pk).claim(now=now or timezone.now())


def send(message, sink, times=PATIENT, **options) -> Message | None:
    backend = SmtpBackend(host="127.0.0.1", port=sink.port, times=times)
    if claimed := claim(message):
        delivery.attempt(claimed, backend=backend, **options)
    return Message.objects.filter(pk=message.pk).first()


def test_what_is_confirmed_is_sent(message, sink):
    assert send(message, sink).state == "sent"
    assert sink.emails[0].message_id == message.message_id


@pytest.mark.parametrize(
    "setting", ["Clean Systems", "", "Clean Systems <website>", "website@exa mple.com"]
)
def test_a_fault_of_the_settings_costs_no_email(message, sink, settings, setting):
    settings.DEFAULT_FROM_EMAIL = setting
    waiting = send(message, sink)
    assert (waiting.state, waiting.refused_since) == ("queued", None)
    assert "DEFAULT_FROM_EMAIL" in waiting.error

    settings.DEFAULT_FROM_EMAIL = "web@example.com"
    Message.objects.update(due_at=timezone.now())

    assert send(message, sink).state == "sent"


@pytest.mark.parametrize("setting", ["Clean Systems, Inc. <a@b.example>", "A: [B] <a@b.example>"])
def test_a_senders_name_with_any_character_is_sent(message, sink, settings, setting):
    settings.DEFAULT_FROM_EMAIL = setting

    assert send(message, sink).state == "sent"


@pytest.mark.parametrize(
    "fields", [{"to": "jörg@example.com"}, {"headers": {"References": "a\r\nBcc: b@c.example"}}]
)
def test_an_email_that_cannot_be_composed_fails_for_good(db, sink, fields):
    failed = send(put(**fields), sink)

    assert failed.state == "failed"
    assert failed.error.startswith("This email cannot be composed: ")
    assert "@" not in failed.error


@pytest.mark.parametrize(
    ("phase", "reply", "state"),
    [
        ("RCPT", "550 5.1.1 no such user", "failed"),
        ("RCPT", "550 no such user", "failed"),
        ("DOT", "554 5.6.0 unreadable", "failed"),
        ("RCPT", "554 5.7.1 Relay access denied", "queued"),
        ("RCPT", "550 5.4.5 daily limit", "queued"),
        ("DOT", "550 5.7.501 not from this address", "queued"),
        ("MAIL", "550 go away", "queued"),
        ("EHLO", "550 who?", "queued"),
        ("GREETING", "554 no service", "queued"),
        ("RCPT", "450 4.2.1 busy", "queued"),
        ("DOT", "451 4.3.0 out of paper", "queued"),
        ("MAIL", STALL, "queued"),
        ("DATA", BREAK, "queued"),
    ],
)
def test_only_a_refusal_of_the_recipient_or_the_email_is_final(message, sink, phase, reply, state):
    sink.faults = {phase: reply, "HELO": reply}

    after = send(message, sink, HASTY if reply == STALL else PATIENT)

    assert after.state == state
    assert after.error
    is_about_us = reply[:1] == "5" and state == "queued" and phase != "GREETING"
    assert bool(after.refused_since) == is_about_us
    assert after.unconfirmed == 0


def test_a_server_that_cannot_be_reached_is_tried_again(message, sink):
    sink.refuse_connections()

    after = send(message, sink)

    assert after.state == "queued"
    assert after.error == "The mail server could not be reached: connection refused (connecting)."


@pytest.mark.parametrize(
    ("how", "pause"), [(STALL, timedelta(hours=1)), (BREAK, timedelta(minutes=1))]
)
def test_what_nobody_confirmed_is_possibly_delivered(message, sink, how, pause):
    sink.faults = {"DOT": how}
    began = timezone.now()

    after = send(message, sink, HASTY_AT_THE_DOT if how == STALL else PATIENT)

    assert after.delivery == "Possibly delivered"
    assert pause <= after.due_at - began < pause + timedelta(minutes=3)
    assert len(sink.emails) == 1


def test_every_copy_is_the_same(message, sink):
    sink.faults = {"DOT": BREAK}
    for _ in range(4):
        Message.objects.update(due_at=timezone.now())
        after = send(message, sink)

    assert after.state == "failed"
    assert len(sink.emails) == 3
    assert len({copy.wire for copy in sink.emails}) == 1


@pytest.mark.parametrize(
    "reply",
    [
        "550 5.1.1 <ada@private.example>: no such user ada",
        "550 5.1.1 no\x1b[2J\x1b]0;title\x07 such user ada@private.example",
        "450-4.2.1 busy\r\n450 4.2.1 2026-01-01 ERROR mail: forged for ada@private.example",
    ],
)
def test_neither_log_nor_row_has_addresses_escapes_or_line_breaks(message, sink, caplog, reply):
    sink.faults = {"RCPT": reply}

    after = send(message, sink)

    for said in [after.error, *[record.getMessage() for record in caplog.records]]:
        assert "ada" not in said
        assert "private" not in said
        assert said.isprintable()
    assert "such user" in after.error or "busy" in after.error
    assert caplog.records


# While it is being sent


def in_background(work):
    def and_close():
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=and_close)
    thread.start()
    return thread


@pytest.mark.django_db(transaction=True)
class TestLeases:
    @pytest.fixture
    def stalled(self, sink):
        """An email whose confirmation is waited for, by a worker with quick fingers."""
        sink.faults = {"DOT": STALL}
        message = put()
        self.is_stopping = False
        leases = Keeper(every=0.05, grace=0.3, is_stopping=lambda: self.is_stopping)
        thread = in_background(lambda: send(message, sink, PATIENT, leases=leases))
        assert wait_until(lambda: sink.is_stalling, seconds=20)
        yield message
        sink.close()
        thread.join(timeout=20)
        assert not thread.is_alive()
        assert wait_until(lambda: leases._thread is None, seconds=20)

    def test_a_lease_is_renewed_as_long_as_it_takes(self, stalled):
        first = Message.objects.get().leased_until

        assert wait_until(lambda: Message.objects.get().leased_until > first, seconds=20)
        second = Message.objects.get().leased_until
        assert wait_until(lambda: Message.objects.get().leased_until > second, seconds=20)
        assert Message.objects.get().state == "queued"

    def test_who_lost_the_email_lets_go_and_changes_nothing(self, stalled, sink):
        now = timezone.now() + LEASE
        Message.objects.update(leased_until=None, claimed_as=None)
        successor = claim(stalled, now=now)

        assert wait_until(lambda: not sink.connections, seconds=20)

        assert Message.objects.get().claimed_as == successor.claimed_as
        assert Message.objects.get().unconfirmed == 0

    def test_an_email_that_is_erased_meanwhile_stays_erased(self, stalled, sink):
        Message.objects.all().delete()

        assert wait_until(lambda: not sink.connections, seconds=20)
        assert not Message.objects.exists()

    def test_a_worker_asked_to_stop_hands_back_what_nobody_confirms(self, stalled):
        self.is_stopping = True

        assert wait_until(lambda: Message.objects.get().claimed_as is None, seconds=20)
        assert Message.objects.get().delivery == "Possibly delivered"


@pytest.mark.django_db(transaction=True)
def test_a_worker_asked_to_stop_hands_back_what_is_not_accepted_yet(sink):
    sink.faults = {"MAIL": STALL}
    message = put()
    leases = Keeper(every=0.05, grace=0.1, is_stopping=lambda: True)

    after = send(message, sink, PATIENT, leases=leases)

    assert (after.state, after.claimed_as, after.attempts) == ("queued", None, 0)
    assert after.due_at <= timezone.now()


@pytest.mark.django_db(transaction=True)
def test_what_was_sent_is_written_down_though_the_database_was_away(sink, monkeypatch):
    message = put()
    monkeypatch.setattr(delivery, "PAUSES_TO_SETTLE", (0, 0, 0))
    refusals = iter([OperationalError("gone"), OperationalError("gone")])

    def refuse_twice(execute, sql, params, many, context):
        if '"sent_at" =' in sql and '"state" =' in sql and (error := next(refusals, None)):
            raise error
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse_twice):
        after = send(message, sink)

    assert next(refusals, None) is None
    assert after.state == "sent"
    assert len(sink.emails) == 1


def test_a_backend_of_djangos_is_as_good(message, mailoutbox):
    deliver()

    assert mailoutbox[0].message()["Message-ID"] == message.message_id
    assert Message.objects.get().state == "sent"


def test_djangos_test_email_goes_out_as_well(sink):
    email = EmailMessage("Test", "Good day.", "Web <web@example.com>", ["Ada <ada@example.com>"])
    SmtpBackend(host="127.0.0.1", port=sink.port).send_messages([email])

    [received] = sink.emails
    assert (received.sender, received.recipients) == ("web@example.com", ("ada@example.com",))
