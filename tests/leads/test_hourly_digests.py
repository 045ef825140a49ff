"""Above NOTIFICATIONS_PER_HOUR sales get one digest an hour, with each inquiry in it once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone

from leads.contributes import check_inquiries, check_notifications
from leads.intake import receiving, spam_marks
from leads.messages import hourly
from leads.messages.tasks import notify_about_inquiry
from leads.models import ByHand, Digest, DigestLine, Inquiry, Notification, Recipient
from leads.tasks import mail_hourly_digests
from mail.models import Message
from privacy import erasing
from privacy.collecting import collect
from tests import builders

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 30, 12, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def clock(settings):
    settings.NOTIFICATIONS_PER_HOUR = 3
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def sales():
    return Recipient.objects.create(email="sales@example.org")


def receive(*numbers, together=False):
    inquiries = [
        receiving.receive(
            Inquiry(
                name=f"Visitor {number}",
                email=f"visitor-{number}@example.com",
                message=f"We need ledger {number}.",
            )
        )
        for number in numbers
    ]
    if together:
        notify_about_inquiry(*(one.pk for one in inquiries))
    for one in inquiries:
        notify_about_inquiry(one.pk)
    return inquiries


def singles():
    return Notification.objects.filter(kind=Notification.Kind.NOTIFICATION)


def digests_to(recipient="sales@example.org"):
    return Message.objects.filter(to=recipient, digest__isnull=False).order_by("pk")


def told_in(text):
    """How often each inquiry stands in it."""
    return Counter(word for word in text.split() if word.startswith("<visitor-"))


@pytest.mark.parametrize("together", [False, True])
def test_what_is_above_the_limit_comes_in_one_digest_and_nothing_is_lost(clock, together):
    receive(*range(8), together=together)
    clock.shift(HOUR)

    mail_hourly_digests()

    [digest] = digests_to()
    alone = set(singles().values_list("inquiry__email", flat=True))
    assert len(alone) == 3
    assert told_in(digest.text) == {
        f"<visitor-{number}@example.com>": 1
        for number in range(8)
        if f"visitor-{number}@example.com" not in alone
    }
    assert digest.subject == "5 inquiries in one list"
    for words in (digest.text, digest.html):
        assert "Visitor 7" in words and "We need ledger 7." in words and "/admin/" in words
    assert not Inquiry.objects.awaiting_notification().exists()
    assert check_inquiries() == "ok"


def test_visitors_are_written_to_all_the_same(clock):
    receive(*range(5))

    assert Notification.objects.filter(kind=Notification.Kind.ACKNOWLEDGMENT).count() == 5


def test_it_comes_at_the_full_hour_and_once(clock):
    receive(*range(5))

    counts = []
    for _ in range(12):
        clock.shift(timedelta(minutes=10))
        mail_hourly_digests()
        mail_hourly_digests()
        counts.append(digests_to().count())

    assert counts == [0, 0, 0, 0, 1] + [1] * 7


def test_each_hour_has_one_with_what_came_since(clock):
    receive(*range(5))
    clock.shift(timedelta(minutes=45))
    receive(5, 6)
    for _ in range(3):
        clock.shift(HOUR)
        mail_hourly_digests()

    assert sum((told_in(one.text) for one in digests_to()), Counter()).keys() == {
        f"<visitor-{number}@example.com>" for number in (3, 4, 5, 6)
    }
    assert set(sum((told_in(one.text) for one in digests_to()), Counter()).values()) == {1}


def test_when_the_hour_is_over_each_has_an_email_of_its_own_again(clock):
    receive(*range(5))
    clock.shift(HOUR + timedelta(minutes=1))
    receive(5)

    assert singles().count() == 4


def test_each_recipient_has_a_digest_or_single_emails_of_one_inquiry(clock):
    Recipient.objects.create(email="second@example.org")
    receive(*range(4))  # the first has two emails; a second would make four
    clock.shift(HOUR)
    mail_hourly_digests()

    assert singles().count() == 2
    for to in ("sales@example.org", "second@example.org"):
        [digest] = digests_to(to)
        assert len(told_in(digest.text)) == 3


def test_what_a_colleague_wrote_down_is_no_flood(clock):
    receive(*range(3))
    inquiry = receiving.receive(Inquiry(name="Ada", email="ada@example.com", message="By phone."))
    ByHand.objects.create(
        inquiry=inquiry, by=builders.user(role="Sales"), way="call", tells_sales=True,
        tells_person=False,
    )  # fmt: skip

    notify_about_inquiry(inquiry.pk)

    assert singles().filter(inquiry=inquiry).count() == 1


def test_no_limit_of_zero_loses_any(clock, settings):
    settings.NOTIFICATIONS_PER_HOUR = 0
    receive(*range(2))
    clock.shift(HOUR)
    mail_hourly_digests()

    assert not singles().exists()
    assert len(told_in(digests_to().get().text)) == 2


def test_what_is_too_much_for_one_email_comes_with_the_next(clock, monkeypatch):
    monkeypatch.setattr(hourly, "MAX_LISTED", 2)
    receive(*range(8))
    for _ in range(4):
        clock.shift(HOUR)
        mail_hourly_digests()

    assert [len(told_in(one.text)) for one in digests_to()] == [2, 2, 1]
    assert "3 more come with the next list" in digests_to()[0].text


def test_what_was_marked_as_spam_meanwhile_is_not_listed(clock):
    *_, last = receive(*range(5))
    spam_marks.mark(last, by=builders.user(role="Sales"), at=timezone.now())
    clock.shift(HOUR)
    mail_hourly_digests()

    assert told_in(digests_to().get().text) == {"<visitor-3@example.com>": 1}
    assert not DigestLine.objects.waiting().exists()


def test_a_digest_whose_worker_ends_before_the_commit_is_written_by_the_next(clock):
    receive(*range(5))
    clock.shift(HOUR)

    def break_off(execute, sql, *rest):
        if sql.startswith("UPDATE") and "leads_digestline" in sql and '"digest_id"' in sql:
            raise OperationalError("the server closed the connection unexpectedly")
        return execute(sql, *rest)

    with connection.execute_wrapper(break_off), pytest.raises(OperationalError):
        hourly.send_due(timezone.now())
    assert not digests_to().exists() and DigestLine.objects.waiting().count() == 2

    mail_hourly_digests()

    assert len(told_in(digests_to().get().text)) == 2


def test_a_digest_that_failed_is_an_alert_until_someone_answers(clock):
    *_, last = receive(*range(4))
    clock.shift(HOUR)
    mail_hourly_digests()
    digests_to().update(state="failed", error="550")

    assert "1 unanswered inquiry" in check_notifications()

    spam_marks.mark(last, by=builders.user(role="Sales"), at=timezone.now())

    assert check_notifications() == "ok"


def test_a_digest_that_nobody_writes_is_an_alert(clock):
    receive(*range(5))
    clock.shift(HOUR + timedelta(minutes=6))

    assert check_inquiries() == "Nobody has been notified of 2 inquiries."


def test_whoever_is_erased_takes_nobody_else_out_of_a_digest_that_has_not_left(clock):
    receive(*range(6))
    clock.shift(HOUR)
    mail_hourly_digests()

    erasing.erase(collect(["visitor-4@example.com"]), by=builders.user(role="Administrator"))
    mail_hourly_digests()

    assert told_in(digests_to().get().text).keys() == {
        "<visitor-3@example.com>", "<visitor-5@example.com>",
    }  # fmt: skip


def test_and_what_has_left_is_not_told_again(clock):
    receive(*range(6))
    clock.shift(HOUR)
    mail_hourly_digests()
    digests_to().update(state="sent", sent_at=timezone.now())

    erasing.erase(collect(["visitor-4@example.com"]), by=builders.user(role="Administrator"))
    clock.shift(HOUR)
    mail_hourly_digests()

    assert not digests_to().exists()


class TestInTheDatabase:
    def test_an_inquiry_is_in_one_digest_of_a_recipient(self, clock):
        [inquiry] = receive(1)
        line = {"inquiry": inquiry, "recipient": "a@example.org", "created_at": NOON}
        DigestLine.objects.create(**line)

        with pytest.raises(IntegrityError), transaction.atomic():
            DigestLine.objects.create(**line)

    def test_what_a_digest_has_was_put(self, clock):
        [inquiry] = receive(1)
        digest = Digest.objects.create(message=Message.objects.first())

        with pytest.raises(IntegrityError, match="was_put"), transaction.atomic():
            DigestLine.objects.create(
                inquiry=inquiry, recipient="a@example.org", created_at=NOON, digest=digest
            )


@pytest.mark.django_db(transaction=True)
def test_four_workers_at_once_write_one(clock):
    receive(*range(9))
    clock.shift(HOUR)

    def work(number):
        try:
            return hourly.send_due(timezone.now())
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as workers:
        assert sum(workers.map(work, range(8))) == 1

    assert set(told_in(digests_to().get().text).values()) == {1}
    assert len(told_in(digests_to().get().text)) == 6


@pytest.mark.django_db(transaction=True)
def test_four_workers_that_announce_at_once_pass_no_limit(clock):
    inquiries = [
        receiving.receive(
            Inquiry(name=str(n), email=f"visitor-{n}@example.com", message=f"Ledger {n}")
        )
        for n in range(9)
    ]

    def work(inquiry):
        try:
            notify_about_inquiry(inquiry.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as workers:
        list(workers.map(work, inquiries))

    assert singles().count() == 3
    assert DigestLine.objects.waiting().count() == 6
