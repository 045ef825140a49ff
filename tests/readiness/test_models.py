"""What the database itself keeps of question sets and assessments."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from articles.models import Topic
from readiness import publishing, taking, wishes
from readiness.models import (
    Assessment,
    Dimension,
    Option,
    Question,
    QuestionSet,
    Result,
    Rule,
)
from tests.builders import topic

pytestmark = pytest.mark.django_db

REFUSED = "readiness_published_set_is_frozen"


@pytest.fixture(autouse=True)
def published(question_set):
    return question_set


@pytest.fixture
def draft(question_set):
    return publishing.draft(note="Milder")


@pytest.mark.parametrize(
    "change",
    [
        lambda: QuestionSet.objects.update(note="Another"),
        lambda: QuestionSet.objects.update(published_at=None),
        lambda: Dimension.objects.update(name="Another"),
        lambda: Question.objects.filter(position=1).update(weight=1),
        lambda: Option.objects.filter(value=3).update(text="Another"),
        lambda: Result.objects.update(summary="Another"),
        lambda: Rule.objects.update(min_total=1),
        lambda: Dimension.objects.create(
            question_set=QuestionSet.objects.get(), letter="D", name="Another"
        ),
        lambda: Option.objects.create(question=Question.objects.first(), value=2, text="Another"),
        lambda: Rule.objects.get(position=6).all_zero.add(Question.objects.first()),
    ],
)
def test_nothing_of_a_published_set_changes(change):
    with pytest.raises(IntegrityError, match=REFUSED), transaction.atomic():
        change()


@pytest.mark.parametrize("model", [Option, Question, Dimension, Rule, Result, QuestionSet])
def test_nothing_of_a_published_set_is_deleted(model):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite empties its tables by deleting rows")
    with pytest.raises(IntegrityError, match=REFUSED), transaction.atomic():
        model.objects.order_by("-pk")[0].delete()


def test_a_draft_cannot_be_moved_under_a_published_set(published, draft):
    with pytest.raises(IntegrityError, match=REFUSED), transaction.atomic():
        draft.dimensions.filter(letter="A").update(question_set=published, letter="D")


def test_the_topics_of_a_published_question_may_change(published):
    question = published.questions["A1"]

    question.topics.add(topic(slug="docs"))
    Topic.objects.all().delete()

    assert not question.topics.exists()


def test_a_set_whose_weights_do_not_sum_to_100_is_never_published(draft):
    Question.objects.filter(dimension__question_set=draft, weight=13).update(weight=12)

    with pytest.raises(IntegrityError, match="sum_to_100"), transaction.atomic():
        QuestionSet.objects.filter(pk=draft.pk).update(published_at=timezone.now())


def test_a_set_is_never_born_published():
    with pytest.raises(IntegrityError, match="sum_to_100"), transaction.atomic():
        QuestionSet.objects.create(number=2, published_at=timezone.now())


@pytest.mark.parametrize(
    "broken",
    [
        {"expires_at": timezone.now() - timedelta(days=1)},
        {"finished_at": timezone.now()},
        {"total": 20},
    ],
)
def test_an_assessment_is_finished_with_all_it_came_to_or_not_at_all(published, broken):
    assessment, _ = taking.begin(published)

    with pytest.raises(IntegrityError), transaction.atomic():
        Assessment.objects.filter(pk=assessment.pk).update(**broken)


FORGED_WISHES = [
    {name: forged}
    for name in wishes.CHOICES
    for forged in ("Gold", "One bounded project", "PROJECT", None, 3, ["project"], {"project": 1})
]


@pytest.mark.parametrize("forged", FORGED_WISHES, ids=str)
def test_no_choice_is_kept_that_nobody_was_offered(published, forged):
    assessment, _ = taking.begin(published)

    with pytest.raises(IntegrityError, match="wishes_are_keys"), transaction.atomic():
        Assessment.objects.filter(pk=assessment.pk).update(wishes=forged)


@pytest.mark.parametrize("forged", [{"wanted": "One bounded project"}, {"gold": "1"}], ids=str)
def test_the_door_of_assessments_refuses_wishes_it_does_not_know(published, forged):
    assessment, _ = taking.begin(published)

    with pytest.raises(ValueError, match=r"not a valid|no such wish"):
        taking.save(assessment, wishes=forged)


def test_each_choice_is_kept_as_its_key_and_read_as_its_label(published):
    assessment, _ = taking.begin(published)
    offered = [(name, one) for name, choices in wishes.CHOICES.items() for one in choices]

    for name, one in offered:
        taking.save(assessment, wishes={name: one.value})
        assessment.refresh_from_db()
        assert assessment.wishes[name] == one.value
        assert dict(wishes.labeled(assessment.wishes))[wishes.HEADINGS[name]] == one.label


def test_a_finished_assessment_never_changes(published):
    assessment, _ = taking.begin(published)
    taking.save(assessment, answers=dict.fromkeys(published.questions, 2))
    taking.finish(assessment)

    with pytest.raises(IntegrityError, match="never_changes"), transaction.atomic():
        Assessment.objects.update(answers={})


def test_a_set_that_was_answered_cannot_be_deleted(published):
    taking.begin(published)

    with pytest.raises(IntegrityError), transaction.atomic():
        published.delete()


@pytest.mark.parametrize(("field", "value"), [("value", 4), ("value", 0)])
def test_an_option_has_one_value_from_0_to_3(draft, field, value):
    option = Option.objects.filter(question__dimension__question_set=draft, value=3)[:1]

    with pytest.raises(IntegrityError), transaction.atomic():
        Option.objects.filter(pk__in=option.values("pk")).update(**{field: value})


def test_a_question_weighs_something(draft):
    with pytest.raises(IntegrityError), transaction.atomic():
        Question.objects.filter(dimension__question_set=draft).update(weight=0)


# Drafts and what keeps them from being published


def loaded(draft):
    return QuestionSet.objects.for_asking().get(pk=draft.pk)


def test_a_draft_is_the_published_set_again(published, draft):
    copy = loaded(draft)

    assert copy.number == 2
    assert not copy.is_published
    assert copy.rubric() == published.rubric()
    assert copy.questions["A1"].pk != published.questions["A1"].pk
    assert [rule.result.question_set_id for rule in copy.ordered_rules] == [copy.pk] * 6
    assert QuestionSet.objects.current() == published


def test_a_published_draft_is_what_visitors_are_asked(draft):
    publishing.publish(draft, at=timezone.now())

    assert QuestionSet.objects.current() == draft


def test_all_that_is_wrong_with_a_draft_is_said_at_once(draft):
    questions = loaded(draft).questions
    Question.objects.filter(pk=questions["A1"].pk).update(weight=20)
    questions["B2"].options.get(value=1).delete()
    draft.rules.filter(position=6).update(min_total=10)
    draft.rules.filter(position=3).update(below_total=None)
    Dimension.objects.create(question_set=draft, letter="D", name="Empty")

    with pytest.raises(ValidationError) as refused:
        publishing.refuse_unpublishable(loaded(draft))

    assert refused.value.messages == [
        "The weights add up to 107; they must add up to 100.",
        "D. Empty has no question.",
        "B2 needs an option for each of 0, 1, 2 and 3.",
        "The last rule must have no condition, so that it always applies.",
        "A rule without a condition comes before others, so those are never reached.",
    ]


def test_a_rule_asks_for_questions_and_results_of_its_own_version(published, draft):
    rule = draft.rules.get(position=2)
    rule.all_zero.set([published.questions["C1"]])
    rule.result = published.results.first()
    rule.save()

    with pytest.raises(ValidationError, match="result from another version"):
        publishing.publish(draft, at=timezone.now())


def test_a_set_is_published_once(published):
    with pytest.raises(ValidationError, match="already published"):
        publishing.publish(published, at=timezone.now())
