import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from mail import delivery, outbox
from mail.models import LEASE, RENEWAL, Message
from mail.tasks import SWEEP_SECONDS, deliver, deliver_due_messages

pytestmark = pytest.mark.django_db


def put(**fields) -> Message:
    email = {"key": "one", "to": "ada@example.com", "subject": "Hello", "text": "Good day."}
    return outbox.put(**{**email, **fields})


def claim(message, *, now) -> bool:
    """Whether the email could be claimed; the instance is what the database has then."""
    claimed = Message.objects.filter(pk=message.pk).claim(now=now)
    message.refresh_from_db()
    return claimed is not None


def test_an_email_leaves_once_its_row_is_committed(
    worker_at_hand, mailoutbox, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        message = put(html="<p>Good day.</p>", reply_to="grace@example.com")
        assert mailoutbox == []

    [email] = mailoutbox
    message.refresh_from_db()
    assert message.state == Message.State.SENT
    assert email.message()["Message-ID"] == message.message_id
    assert email.reply_to == ["grace@example.com"]
    assert email.alternatives[0].content == "<p>Good day.</p>"


def test_the_same_key_is_the_same_email():
    assert put() == put(subject="Something else")
    assert Message.objects.get().subject == "Hello"


def test_the_message_id_is_ours_and_its_own(settings):
    first, second = put(), put(key="two")

    assert first.message_id != second.message_id
    assert re.fullmatch(rf"<[0-9a-f-]{{36}}@{re.escape(settings.SITE_HOST)}>", first.message_id)


def test_a_subject_is_one_line_and_never_too_long():
    message = put(subject="From A\r\nBcc: all@example.com\u202e " + "x" * 400)

    assert message.subject.startswith("From A Bcc: all@example.com x")
    assert len(message.subject) == 250


def test_an_email_that_was_sent_is_not_sent_again(mailoutbox):
    put()

    deliver()
    deliver()

    assert len(mailoutbox) == 1


def test_of_two_workers_one_gets_the_email():
    message = put()
    twin = Message.objects.get()
    now = timezone.now()

    assert claim(message, now=now)
    assert not claim(twin, now=now)


def test_the_email_of_a_dead_worker_is_free_again_when_its_lease_has_run_out():
    message = put()
    now = timezone.now()
    claim(message, now=now)

    assert not claim(message, now=now + LEASE - timedelta(seconds=1))
    assert claim(message, now=now + LEASE)
    assert message.attempts == 2


@pytest.mark.parametrize(
    "settle",
    [
        lambda message, now: message.postpone("Too late.", now=now),
        lambda message, now: message.mark_failed("Too late."),
        lambda message, now: message.mark_unconfirmed(now=now, is_silent=True),
        lambda message, now: message.hand_back(now=now),
    ],
    ids=["postponed", "failed", "unconfirmed", "handed back"],
)
@pytest.mark.parametrize("is_settled", [True, False])
def test_a_worker_that_was_believed_dead_does_not_undo_what_its_successor_did(settle, is_settled):
    message = put()
    now = timezone.now()
    claim(message, now=now)
    successor = Message.objects.get()
    claim(successor, now=now + LEASE)
    if is_settled:
        successor.mark_sent(now=now + LEASE)
    before = Message.objects.values().get()

    settle(message, now + LEASE)

    assert Message.objects.values().get() == before


def test_a_lease_that_is_renewed_does_not_run_out():
    message = put()
    now = timezone.now()
    claim(message, now=now)

    ours = Message.objects.renew([message], now=now + LEASE - timedelta(seconds=1))

    assert ours == {message.claimed_as}
    assert not claim(Message.objects.get(), now=now + LEASE)


def test_a_lease_that_passed_on_is_not_renewed():
    message = put()
    now = timezone.now()
    claim(message, now=now)
    successor = Message.objects.get()
    claim(successor, now=now + LEASE)

    ours = Message.objects.renew([message], now=now + 2 * LEASE)

    assert ours == set()
    assert Message.objects.get().leased_until == successor.leased_until


def test_a_killed_worker_costs_a_lease_and_a_sweep():
    assert LEASE + timedelta(seconds=SWEEP_SECONDS) < timedelta(seconds=15)
    assert 3 * RENEWAL < LEASE


def test_an_email_not_yet_due_stays(mailoutbox):
    put()
    Message.objects.update(due_at=timezone.now() + timedelta(minutes=1))

    deliver()

    assert mailoutbox == []


def test_what_can_wait_is_sent_after_all_others(mailoutbox):
    for number in range(3):
        put(key=f"visitor {number}", to=f"visitor-{number}@example.com", can_wait=True)
        put(key=f"sales {number}", to=f"sales-{number}@example.org")

    delivery.take_turn(ask_for_another=lambda: None, seconds=600)

    assert [email.to[0].partition("-")[0] for email in mailoutbox] == ["sales"] * 3 + [
        "visitor"
    ] * 3


def test_a_turn_ends_and_the_rest_is_asked_for(mailoutbox):
    for number in range(3):
        put(key=f"{number}")
    asked = []

    delivery.take_turn(ask_for_another=lambda: asked.append(len(mailoutbox)), seconds=0)

    assert len(mailoutbox) == 1
    assert asked == [0]  # before the first could take its time


def test_a_turn_with_what_can_wait_ends_sooner(mailoutbox, monkeypatch):
    monkeypatch.setattr(delivery, "PART_FOR_OTHERS", 0)
    for number in range(3):
        put(key=f"visitor {number}", can_wait=True)
        put(key=f"sales {number}")

    delivery.take_turn(ask_for_another=lambda: None, seconds=600)

    assert len(mailoutbox) == 4  # all that cannot wait, and one


def test_the_last_email_asks_for_no_further_turn(mailoutbox):
    put()
    asked = []

    delivery.take_turn(ask_for_another=lambda: asked.append(True))

    assert len(mailoutbox) == 1 and asked == []


def test_the_sweep_delivers_what_the_queue_lost(worker_at_hand, mailoutbox):
    put()
    put(key="two")
    put(key="later")
    Message.objects.filter(key="later").update(due_at=timezone.now() + timedelta(minutes=1))

    deliver_due_messages()

    assert len(mailoutbox) == 2


def test_pauses_grow_to_a_minute_and_after_an_hour_of_trying_to_a_quarter_of_one():
    message = put()
    pauses = []
    for _ in range(63):
        now = timezone.now()
        Message.objects.update(due_at=now)
        claim(message, now=now)
        message.postpone("Nobody answers.", now=now)
        pauses.append((message.due_at - now).total_seconds())

    assert pauses[:5] == [10, 20, 40, 60, 60]
    assert pauses[-1] == 15 * 60


def test_after_more_than_four_days_it_has_failed():
    message = put()
    Message.objects.update(attempts=449)
    claim(message, now=timezone.now())

    message.postpone("Nobody answers.", now=timezone.now())

    assert message.state == Message.State.FAILED
    assert message.error == "Failed after 450 attempts. Nobody answers."


def test_a_refusal_that_is_about_us_has_an_hour_to_end():
    message = put()
    began = timezone.now()
    states = []
    for minutes in [0, 30, 59, 60]:
        now = began + timedelta(minutes=minutes)
        assert claim(message, now=now)
        message.postpone("550 5.7.1 no", now=now, is_about_us=True)
        states.append(message.state)

    assert states == ["queued", "queued", "queued", "failed"]
    assert message.error == "550 5.7.1 no"


def test_the_hour_begins_with_the_first_refusal_and_not_with_the_email():
    message = put()
    Message.objects.update(created_at=timezone.now() - timedelta(days=2))
    claim(message, now=timezone.now())

    message.postpone("550 5.7.1 no", now=timezone.now(), is_about_us=True)

    assert message.state == Message.State.QUEUED


def test_other_trouble_never_ends_in_an_hour():
    message = put()
    now = timezone.now()
    claim(message, now=now)
    message.postpone("550 5.7.1 no", now=now, is_about_us=True)
    claim(message, now=now + timedelta(hours=2))

    message.postpone("Nobody answers.", now=now + timedelta(hours=2))

    assert message.state == Message.State.QUEUED


@pytest.mark.parametrize(
    ("ends", "pauses"),
    [
        ([True, True, True], [timedelta(hours=1), timedelta(hours=6)]),
        ([False, False, False], [timedelta(minutes=1), timedelta(minutes=1)]),
        ([False, True, False], [timedelta(minutes=1), timedelta(hours=6)]),
    ],
    ids=["silence", "breaks", "both"],
)
def test_what_nobody_confirms_goes_three_times_at_most(ends, pauses):
    message = put()
    seen = []
    now = timezone.now()
    for is_silent in ends:
        assert claim(message, now=now)
        message.mark_unconfirmed(now=now, is_silent=is_silent)
        assert message.delivery == "Possibly delivered"
        seen.append(message.due_at - now)
        now = message.due_at

    assert seen[:2] == pauses
    assert message.state == Message.State.FAILED
    assert "3 copies may have arrived" in message.error


def test_what_is_confirmed_in_the_end_is_sent():
    message = put()
    now = timezone.now()
    claim(message, now=now)
    message.mark_unconfirmed(now=now, is_silent=False)
    claim(message, now=message.due_at)

    message.mark_sent(now=timezone.now())

    assert message.delivery == "Sent"
    assert not Message.objects.possibly_delivered().exists()


def test_what_is_handed_back_is_due_at_once_and_has_lost_no_attempt():
    message = put()
    now = timezone.now()
    claim(message, now=now)

    message.hand_back(now=now)

    assert message.attempts == 0
    assert claim(Message.objects.get(), now=now)


def test_what_is_being_sent_is_not_sent_again_meanwhile():
    message = put()
    now = timezone.now()
    claim(message, now=now)

    assert not Message.objects.get().send_again(now=now)
    assert Message.objects.get().claimed_as == message.claimed_as
    assert message.send_again(now=now + LEASE)


def test_sent_again_it_begins_anew():
    message = put()
    Message.objects.update(
        state="failed", attempts=450, unconfirmed=3, refused_since=timezone.now()
    )

    assert message.send_again(now=timezone.now())

    assert (message.state, message.attempts, message.unconfirmed) == ("queued", 0, 0)
    assert message.refused_since is None


def test_sent_again_it_goes_under_the_same_message_id(mailoutbox):
    message = put()
    deliver()

    message.refresh_from_db()
    message.send_again(now=timezone.now())
    deliver()

    first, second = mailoutbox
    assert first.message()["Message-ID"] == second.message()["Message-ID"]


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"state": "sent"}, "mail_sent_has_a_moment"),
        ({"sent_at": timezone.now()}, "mail_sent_has_a_moment"),
        ({"state": "somewhere"}, "mail_state_is_known"),
        ({"unconfirmed": 4}, "mail_copies_are_few"),
    ],
)
def test_the_database_refuses(change, constraint):
    put()

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Message.objects.update(**change)


@pytest.mark.parametrize("field", ["key", "message_id"])
def test_an_email_is_never_there_twice(field):
    first = put()
    fields = {"key": "other", "message_id": "<other@example.com>", field: getattr(first, field)}

    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.create(to="a@b.example", subject="s", text="t", **fields)
