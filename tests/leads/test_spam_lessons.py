"""What people decide about spam teaches words, and is unlearned with what it was learned from."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from leads.intake import receiving, spam_marks
from leads.models import Inquiry, SpamLesson, SpamMark
from leads.spam import learned, lessons, weighing
from leads.spam.weights import SUSPECTED_FROM, WEIGHTS
from leads.tasks import learn_from_spam_decisions
from privacy import erasing
from privacy.collecting import collect
from privacy.retention import kept_for
from tests import builders, nights
from tests.builders import DOUBT
from tests.cpu import costs_more

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("worker_at_hand")]

CARPETS = "Carpets woven by hand for offices of taste, number {}."
LEDGERS = "Ledgers of ours disagree with the bank each month, number {}."


@pytest.fixture
def lone():
    return builders.user(role="Sales", name="Lone")


def receive(message, number=0, **fields) -> Inquiry:
    email = fields.pop("email", f"writer{number}@firm{number}.example")
    signs = fields.pop("signs", ())
    return receiving.receive(
        Inquiry(name="Ada", email=email, message=message.format(number), **fields), signs=signs
    )


def marked(lone, count, message=CARPETS, first=0, **fields) -> list[Inquiry]:
    found = [receive(message, number, **fields) for number in range(first, first + count)]
    for one in found:
        spam_marks.mark(one, by=lone, at=timezone.now())
    return found


def real(lone, count, message=LEDGERS) -> None:
    for number in range(100, 100 + count):
        one = receive(message, number, signs=DOUBT)
        receiving.mark_not_spam(one, by=lone, at=timezone.now())


def sign(message) -> weighing.Sign | None:
    """What was learned about a message from someone new."""
    past = spam_marks.past_of("new@elsewhere.example", message)
    signs = weighing.signs_of(name="", company="", message=message, seconds=40.0, past=past)
    return next((one for one in signs if one.kind.startswith("learned")), None)


def learn() -> bool:
    return lessons.learn(timezone.now())


NEW_SPAM = "Good day! We have carpets woven by hand, for offices like this one."


def test_words_that_several_spammers_share_speak_for_spam(lone):
    marked(lone, 12)
    real(lone, 12)
    assert sign(NEW_SPAM) is None

    assert learn()

    found = sign(NEW_SPAM)
    assert found.kind == "learned" and found.points >= 2
    assert "“carpets" in found.reason or "“woven" in found.reason


def test_words_of_real_inquiries_speak_for_a_person(lone):
    marked(lone, 12)
    real(lone, 12)
    learn()

    found = sign("Our ledgers disagree with the bank each month. Why?")

    assert found.kind == "learned_real" and found.points < 0


def test_few_decisions_move_nothing_and_more_move_more(lone):
    real(lone, 12)
    points = []
    for count in (2, 2, 4, 12):
        marked(lone, count, first=20 * len(points))
        learn()
        found = sign(NEW_SPAM)
        points.append(found.points if found else 0)

    assert points[0] == 0
    assert points == sorted(points) and points[-1] > points[1]


def test_what_was_learned_is_never_enough_to_hold_an_inquiry(lone):
    marked(lone, 30)
    real(lone, 10)
    learn()

    assert sign(CARPETS).points == WEIGHTS["learned"].most < SUSPECTED_FROM
    assert sign(LEDGERS).points == -WEIGHTS["learned_real"].most


def test_what_only_one_mailbox_wrote_is_not_repeated(lone):
    real(lone, 12)
    marked(lone, 12)
    for number in range(9):
        one = receive("Zebulon again, number {}", number, email="only@one.example")
        spam_marks.mark(one, by=lone, at=timezone.now())
    learn()

    learned_words = SpamLesson.objects.get().tenths
    assert "carpets" in learned_words and "zebulon" not in learned_words


def test_an_answer_says_that_an_inquiry_is_real_and_silence_does_not(lone):
    marked(lone, 12)
    for number in range(100, 112):
        receive(LEDGERS, number)
    learn()
    assert sign(LEDGERS) is None

    for one in Inquiry.objects.not_spam():
        one.lead.answers.create(by=lone, at=timezone.now()).inquiries.add(one)
    learn()

    assert sign(LEDGERS).points < 0


class TestUnlearning:
    def test_by_undoing_the_marks(self, lone):
        real(lone, 12)
        inquiries = marked(lone, 12)
        learn()
        assert sign(NEW_SPAM)

        for one in inquiries:
            spam_marks.unmark(one, by=lone, at=timezone.now())
        assert learn()

        assert sign(NEW_SPAM) is None and "carpets" not in SpamLesson.objects.get().tenths

    def test_when_spam_is_deleted(self, lone):
        real(lone, 12)
        marked(lone, 12)
        learn()
        assert "carpets" in SpamLesson.objects.get().tenths
        SpamMark.objects.update(at=timezone.now() - kept_for(SpamMark.KEPT_BY) - timedelta(days=1))

        nights.pass_by()
        learn_from_spam_decisions()

        assert "carpets" not in SpamLesson.objects.get().tenths

    def test_when_people_are_erased(self, lone):
        real(lone, 30)
        marked(lone, 12)
        marked(lone, 6, "Zebulon’s carpets, number {}", first=20)
        learn()
        assert "zebulon" in SpamLesson.objects.get().tenths

        erasing.erase(collect([f"writer{n}@firm{n}.example" for n in range(20, 25)]), by=lone)
        learn()

        assert "zebulon" not in SpamLesson.objects.get().tenths


def test_nothing_is_learned_from_one_side_alone(lone):
    marked(lone, 30)
    learn()

    assert sign(NEW_SPAM) is None


def test_the_job_does_nothing_while_nobody_decides(lone, django_assert_num_queries):
    marked(lone, 3)
    assert learn()
    before = SpamLesson.objects.get().learned_at

    with django_assert_num_queries(3):
        assert not learn()

    assert SpamLesson.objects.get().learned_at == before


def test_there_is_never_a_second_row():
    SpamLesson.objects.create(learned_at=timezone.now())

    with pytest.raises(IntegrityError), transaction.atomic():
        SpamLesson.objects.bulk_create([SpamLesson(pk=2, learned_at=timezone.now())])


def test_a_colleague_of_someone_real_is_not_suspected_for_anothers_sake(lone):
    one = receive("Buy now", email="a@mixed.example")
    spam_marks.mark(one, by=lone, at=timezone.now())
    assert spam_marks.past_of("c@mixed.example", "Hi").domain

    two = receive("We need a ledger", email="b@mixed.example", signs=DOUBT)
    receiving.mark_not_spam(two, by=lone, at=timezone.now())

    assert not spam_marks.past_of("c@mixed.example", "Hi").domain


@pytest.mark.parametrize("text", ["a " * 25_000, "検索" * 25_000, "\ufdfa" * 50_000, "“a" * 25_000])
def test_looking_up_what_was_learned_takes_no_time(text):
    tenths = {f"word{number}": 9 for number in range(lessons.MAX_LESSONS)}

    assert not costs_more(lambda: learned.points_of(text, tenths), 0.05)
