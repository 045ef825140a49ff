import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from mail import outbox
from mail.models import LEASE, Message
from mail.tasks import deliver_due_messages, deliver_message

pytestmark = pytest.mark.django_db


def put(**fields) -> Message:
    letter = {"key": "one", "to": "ada@example.com", "subject": "Hello", "text": "Good day."}
    return outbox.put(**{**letter, **fields})


def test_a_letter_leaves_once_its_row_is_committed(
    worker_at_hand, mailoutbox, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        message = put(html="<p>Good day.</p>", reply_to="grace@example.com")
        assert mailoutbox == []

    [letter] = mailoutbox
    message.refresh_from_db()
    assert message.state == Message.State.SENT
    assert letter.message()["Message-ID"] == message.message_id
    assert letter.reply_to == ["grace@example.com"]
    assert letter.alternatives[0].content == "<p>Good day.</p>"


def test_the_same_key_is_the_same_letter():
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


def test_a_letter_that_was_sent_is_not_sent_again(mailoutbox):
    message = put()

    deliver_message(message.pk)
    deliver_message(message.pk)

    assert len(mailoutbox) == 1


def test_of_two_workers_one_gets_the_letter():
    message = put()
    twin = Message.objects.get()
    now = timezone.now()

    assert message.claim(now=now)
    assert not twin.claim(now=now)


def test_the_letter_of_a_dead_worker_is_free_again_when_its_lease_has_run_out():
    message = put()
    now = timezone.now()
    message.claim(now=now)

    assert not message.claim(now=now + LEASE - timedelta(seconds=1))
    assert message.claim(now=now + LEASE)
    assert message.attempts == 2


def test_a_worker_that_was_believed_dead_does_not_undo_what_its_successor_wrote():
    message = put()
    now = timezone.now()
    message.claim(now=now)
    successor = Message.objects.get()
    successor.claim(now=now + LEASE)
    successor.mark_sent(now=now + LEASE)

    message.postpone("Too late.", now=now + LEASE)

    message.refresh_from_db()
    assert message.state == Message.State.SENT


def test_a_letter_not_yet_due_stays(mailoutbox):
    message = put()
    Message.objects.update(due_at=timezone.now() + timedelta(minutes=1))

    deliver_message(message.pk)

    assert mailoutbox == []


def test_the_sweep_delivers_what_the_queue_lost(worker_at_hand, mailoutbox):
    put()
    put(key="two")
    put(key="later")
    Message.objects.filter(key="later").update(due_at=timezone.now() + timedelta(minutes=1))

    deliver_due_messages()

    assert len(mailoutbox) == 2


def test_a_letter_that_is_gone_troubles_nobody():
    deliver_message(4711)


def test_pauses_grow_to_a_minute_and_after_an_hour_of_trying_to_a_quarter_of_one():
    message = put()
    pauses = []
    for _ in range(63):
        now = timezone.now()
        Message.objects.update(due_at=now)
        message.claim(now=now)
        message.postpone("Nobody answers.", now=now)
        pauses.append((message.due_at - now).total_seconds())

    assert pauses[:5] == [10, 20, 40, 60, 60]
    assert pauses[-1] == 15 * 60


def test_after_more_than_four_days_it_is_given_up():
    message = put()
    Message.objects.update(attempts=449)
    message.claim(now=timezone.now())

    message.postpone("Nobody answers.", now=timezone.now())

    assert message.state == Message.State.FAILED
    assert message.error == "Given up after 450 attempts. Nobody answers."


def test_sent_again_it_goes_under_the_same_message_id(mailoutbox):
    message = put()
    deliver_message(message.pk)

    message.refresh_from_db()
    message.send_again(now=timezone.now())
    deliver_message(message.pk)

    first, second = mailoutbox
    assert first.message()["Message-ID"] == second.message()["Message-ID"]


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"state": "sent"}, "mail_sent_has_a_moment"),
        ({"sent_at": timezone.now()}, "mail_sent_has_a_moment"),
        ({"state": "somewhere"}, "mail_state_is_known"),
    ],
)
def test_the_database_refuses(change, constraint):
    put()

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Message.objects.update(**change)


@pytest.mark.parametrize("field", ["key", "message_id"])
def test_a_letter_is_never_there_twice(field):
    first = put()
    fields = {"key": "other", "message_id": "<other@example.com>", field: getattr(first, field)}

    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.create(to="a@b.example", subject="s", text="t", **fields)
