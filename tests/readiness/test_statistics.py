"""How a question set is answered, also in assessments that are gone."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import lxml.html
import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from readiness import taking
from readiness.models import Abandoned, Assessment, PastAnswer, QuestionSet
from readiness.statistics import MIN_JUDGED, MIN_SHOWN, statistic
from tests.builders import assessment, second_question_set, user

pytestmark = pytest.mark.django_db

LONG_AGO = timezone.now() - timedelta(days=2)


@pytest.fixture(autouse=True)
def published(question_set):
    return question_set


def found(number=1):
    asked = QuestionSet.objects.for_asking().get(number=number)
    return statistic(asked, at=timezone.now())


def shares(spread):
    return [(choice.count, choice.percent) for choice in spread.choices]


def page_of(question_set):
    return reverse("admin:readiness_questionset_statistics", args=[question_set.pk])


def said(answer):
    return " ".join(lxml.html.fromstring(answer.text).text_content().split())


def test_each_answer_is_counted():
    for value, times in [(0, 5), (2, 10), (None, 5)]:
        for _ in range(times):
            assessment(answers=value)

    figures = found()

    assert figures.finished == 20
    assert len(figures.spreads) == 9
    for spread in figures.spreads:
        assert shares(spread) == [(5, 25), (0, 0), (10, 50), (0, 0), (5, 25)]
    assert figures.spreads[0].choices[-1].text == "Not sure"


def test_with_few_answers_nothing_is_shown():
    for _ in range(MIN_SHOWN - 1):
        assessment()

    assert found().spreads == []
    assert found().steps == []
    assessment()
    assert len(found().spreads) == 9
    assert found().remarks == []


def test_who_stopped_is_counted_at_the_step_that_waited_for_an_answer():
    for until in [0, 1, 3, 4, 6, 9]:
        assessment(until=until, at=LONG_AGO)
    for _ in range(14):
        assessment(at=LONG_AGO)

    figures = found()

    assert [(step.reached, step.left) for step in figures.steps] == [
        (20, 2), (18, 2), (16, 1), (15, 1),
    ]  # fmt: skip
    assert (figures.begun, figures.finished, figures.finished_percent) == (20, 14, 70)
    assert figures.steps[-1].name == "What they have in mind"


def test_who_began_today_may_go_on():
    for _ in range(3):
        assessment(until=3, at=timezone.now() - timedelta(hours=23))
    assessment(until=3, at=timezone.now() - timedelta(hours=25))

    figures = found()

    assert (figures.left, figures.under_way, figures.begun) == (1, 3, 1)


def test_each_version_has_figures_of_its_own():
    assessment()
    second_question_set()
    assessment()
    assessment(until=3, at=LONG_AGO)

    assert (found(1).begun, found(2).begun) == (1, 2)


def test_what_is_wrong_with_a_question_is_said_in_words():
    for place in range(MIN_JUDGED):
        mixed = place % 4
        one_unchosen = max(mixed, 1)
        unsure = None if place % 3 == 0 else mixed
        assessment(answers=[3, one_unchosen, *[mixed] * 6, unsure])

    assert [f"{question.key} {words}" for question, words in found().remarks] == [
        "A1 100% chose “Named people, and work isn’t done until the docs are”: it hardly "
        "tells teams apart.",
        "A2 Nobody chose “They cannot run the system”: does it describe any team?",
        "C3 33% are not sure: is the question clear?",
    ]


def test_what_is_deleted_stays_counted():
    for value in [1, 3, None]:
        for _ in range(8):
            assessment(answers=value, at=LONG_AGO)
    for until in [0, 4, 4]:
        assessment(until=until, at=LONG_AGO)
    second_question_set()
    assessment(answers=2, at=LONG_AGO)
    before, other = found(1), found(2)

    assert taking.forget(Assessment.objects.all()) == 28
    assert taking.forget(Assessment.objects.all()) == 0

    after = found(1)
    assert not Assessment.objects.exists()
    assert [shares(one) for one in after.spreads] == [shares(one) for one in before.spreads]
    assert after.steps == before.steps
    assert (after.begun, after.finished) == (before.begun, before.finished) == (27, 24)
    assert found(2).finished == other.finished == 1


def test_what_is_deleted_later_is_added():
    for _ in range(2):
        assessment(answers=1)
        assessment(until=3, at=LONG_AGO)
        taking.forget(Assessment.objects.all())

    assert Abandoned.objects.get().count == 2
    assert {row.count for row in PastAnswer.objects.all()} == {2}
    assert PastAnswer.objects.count() == 9


@pytest.mark.django_db(transaction=True)
def test_two_who_delete_at_once_count_each_once():
    for _ in range(12):
        assessment(answers=None)
        assessment(until=3, at=LONG_AGO)

    def forget(_):
        try:
            return taking.forget(Assessment.objects.all())
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as workers:
        gone = list(workers.map(forget, range(4)))

    assert sum(gone) == 24
    assert Abandoned.objects.get().count == 12
    assert {row.count for row in PastAnswer.objects.all()} == {12}


def test_the_same_is_not_counted_in_two_rows(published):
    question = published.questions["A1"]
    for row in [
        lambda: Abandoned.objects.create(question_set=published, step=1),
        lambda: PastAnswer.objects.create(question=question, value=1),
        lambda: PastAnswer.objects.create(question=question, value=None),
    ]:
        row()
        with pytest.raises(IntegrityError), transaction.atomic():
            row()


def test_no_answer_is_counted_that_cannot_be_given(published):
    with pytest.raises(IntegrityError, match="past_answers_score_0_to_3"), transaction.atomic():
        PastAnswer.objects.create(question=published.questions["A1"], value=4)


def test_the_figures_cost_the_same_however_many_there_are(django_assert_max_num_queries):
    for _ in range(25):
        assessment()
        assessment(until=4, at=LONG_AGO)

    with django_assert_max_num_queries(13):
        found()


# The page


def test_before_anyone_began_the_page_says_what_will_appear(client, published):
    client.force_login(user(role="Publisher"))

    page = client.get(page_of(published))

    assert "Nobody has started this version yet." in said(page)
    assert f"once {MIN_JUDGED} have, which questions may need work" in said(page)


def test_few_are_counted_and_not_shown(client, published):
    client.force_login(user(role="Publisher"))
    for _ in range(3):
        assessment()

    page = said(client.get(page_of(published)))

    assert "Too few yet to judge a question (3 of 30 finished)." in page
    assert "Too few yet (3 of 20 who began)." in page
    assert "Too few yet (3 of 20 finished)." in page
    assert "%" not in page.partition("Where people stop")[2].replace("100%", "")


def test_the_page_shows_every_figure_in_words(client, published):
    client.force_login(user(role="Publisher"))
    for _ in range(30):
        assessment(answers=2)
    for _ in range(10):
        assessment(until=3, at=LONG_AGO)

    page = said(client.get(page_of(published)))

    assert "2. How work gets defined 40 100% 10, 25% of them" in page
    assert "Finished 30 75%" in page
    assert "Engineers, as part of most changes 100% 30" in page
    assert "A1 100% chose “Engineers, as part of most changes”" in page


def test_the_questions_lead_to_their_figures(client, published):
    client.force_login(user(role="Publisher"))
    form = client.get(reverse("admin:readiness_questionset_change", args=[published.pk]))

    assert page_of(published) in form.text


@pytest.mark.parametrize("role", ["Author", "Sales"])
def test_others_do_not_see_the_page_of_a_question_set(client, published, role):
    client.force_login(user(role=role))

    assert client.get(page_of(published)).status_code == 403


@pytest.mark.parametrize("number", ["0", "9" * 40])
def test_there_are_no_figures_of_what_is_not_there(client, number):
    client.force_login(user(role="Publisher"))

    assert client.get(f"/admin/readiness/questionset/{number}/statistics/").status_code == 404
