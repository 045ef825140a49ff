"""How questions change: a draft is made from the published set, edited, published in its turn."""

from collections.abc import Iterator
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Max

from readiness import scoring
from readiness.models import Question, QuestionSet


@transaction.atomic
def draft(*, note: str = "") -> QuestionSet:
    """The current set again, to be edited under a number of its own; an empty one if none is."""
    source = QuestionSet.objects.current()
    latest = QuestionSet.objects.aggregate(latest=Max("number"))["latest"] or 0
    made = QuestionSet.objects.create(number=latest + 1, note=note)
    if source is None:
        return made
    questions: dict[int, Question] = {}
    for dimension in source.scales:
        asked, topics = list(dimension.questions.all()), list(dimension.topics.all())
        _copy(dimension, question_set=made)
        dimension.topics.set(topics)
        for question in asked:
            old, topics = question.pk, list(question.topics.all())
            options = list(question.options.all())
            _copy(question, dimension=dimension)
            question.topics.set(topics)
            questions[old] = question
            for option in options:
                _copy(option, question=question)
    results = {}
    for result in source.results.all():
        old = result.pk
        results[old] = _copy(result, question_set=made)
    for rule in source.ordered_rules:
        zeros = [questions[question.pk] for question in rule.all_zero.all()]
        _copy(rule, question_set=made, result=results[rule.result_id])
        rule.all_zero.set(zeros)
    return made


def _copy(row: models.Model, **belongs_to: models.Model) -> models.Model:
    """The row becomes a new one."""
    row.pk = None
    row._state.adding = True
    vars(row).pop("_prefetched_objects_cache", None)
    for name, value in belongs_to.items():
        setattr(row, name, value)
    row.save()
    return row


@transaction.atomic
def publish(question_set: QuestionSet, *, at: datetime) -> None:
    """Ask these questions from now on. Visitors who have started keep theirs.

    Raises `ValidationError` with all that is wrong.
    """
    held = QuestionSet.objects.select_for_update().get(pk=question_set.pk)
    if held.is_published:
        raise ValidationError("This version is already published.")
    refuse_unpublishable(QuestionSet.objects.for_asking().get(pk=held.pk))
    held.published_at = at
    held.save(update_fields=["published_at"])
    question_set.published_at = at


def refuse_unpublishable(question_set: QuestionSet) -> None:
    """Raise a `ValidationError` with all that keeps the set from being published."""
    if found := what_is_missing(question_set):
        raise ValidationError(found)


def what_is_missing(question_set: QuestionSet) -> list[str]:
    """All that keeps the set from being published, a sentence for each."""
    return [*_missing_of_questions(question_set), *_missing_of_rules(question_set)]


def _missing_of_questions(question_set: QuestionSet) -> Iterator[str]:
    questions = question_set.questions.values()
    weights = sum(question.weight for question in questions)
    if weights != scoring.FULL:
        yield f"The weights add up to {weights}; they must add up to {scoring.FULL}."
    for dimension in question_set.scales:
        if not dimension.questions.all():
            yield f"{dimension} has no question."
    for question in questions:
        values = sorted(option.value for option in question.options.all())
        if values != list(range(scoring.MAX_VALUE + 1)):
            yield f"{question.key} needs an option for each of 0, 1, 2 and 3."


def _missing_of_rules(question_set: QuestionSet) -> Iterator[str]:
    holds_always = [rule.condition().is_empty for rule in question_set.ordered_rules]
    if not any(holds_always[-1:]):
        yield "The last rule must have no condition, so that it always applies."
    if any(holds_always[:-1]):
        yield "A rule without a condition comes before others, so those are never reached."
    for rule in question_set.ordered_rules:
        if rule.result.question_set_id != question_set.pk:
            yield f"Rule {rule.position} leads to a result from another version."
        if rule.condition().all_zero - question_set.questions.keys() or any(
            zero.dimension.question_set_id != question_set.pk for zero in rule.all_zero.all()
        ):
            yield f"Rule {rule.position} uses a question from another version."
