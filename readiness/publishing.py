"""How questions change: a draft is made from the published set, edited, published in its turn."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Max

from readiness.models import Question, QuestionSet, refuse_unpublishable


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
    """Ask these questions from now on; whoever has begun goes on with theirs.

    Raises `ValidationError` with all that is wrong.
    """
    held = QuestionSet.objects.select_for_update().get(pk=question_set.pk)
    if held.is_published:
        raise ValidationError("This version is already published.")
    refuse_unpublishable(QuestionSet.objects.for_asking().get(pk=held.pk))
    held.published_at = at
    held.save(update_fields=["published_at"])
    question_set.published_at = at
