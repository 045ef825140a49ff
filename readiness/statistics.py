"""How a question set is answered: each question's spread, and where people stop.

Nothing here knows who answered, or what became of them. The statistic covers every assessment
there ever was of the set: those that are deleted when their time is over are counted first, and
only the counts stay. (Who asks to be forgotten is not: their answers go uncounted. Nor is what
another app says no statistic counts: what came with spam.)

It costs a handful of queries and one pass over the assessments that are there, which are those of
the last four months and those that came with an inquiry; see benchmarks/readiness_calibration.py.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F

from readiness import scoring
from readiness.models import (
    Abandoned,
    Assessment,
    PastAnswer,
    Question,
    QuestionSet,
)
from web.contributions import counted

# An assessment that is not finished counts as left when it began this long ago.
LEFT_AFTER = timedelta(days=1)
# With fewer, nothing is shown: each answer would move a share by more than five points.
MIN_SHOWN = 20
# With fewer, nothing is concluded. Of an option that nobody chose among n, as many as 3 in n may
# still choose it: the rule of three (Hanley and Lippman-Hand, JAMA 249 (1983), 1743). So, 10 %.
MIN_JUDGED = 30
ALIKE = 80  # percent who choose the same
UNSURE = 25  # percent
LAST_STEP = "What they have in mind"
VALUES = (*range(scoring.MAX_VALUE + 1), None)  # of an answer; None says "Not sure"
CHUNK = 2000


@dataclass(frozen=True)
class Choice:
    """An option, or "Not sure", and how many chose it."""

    text: str
    count: int
    percent: int
    is_unsure: bool


@dataclass(frozen=True)
class Spread:
    question: Question
    choices: list[Choice]

    @property
    def remarks(self) -> list[str]:
        """What is wrong with the question, as far as its answers tell."""
        options = [choice for choice in self.choices if not choice.is_unsure]
        said = [
            f"{choice.percent}% chose “{choice.text}”: it hardly tells teams apart."
            for choice in options
            if choice.percent >= ALIKE
        ] or [
            f"Nobody chose “{choice.text}”: does it describe any team?"
            for choice in options
            if not choice.count
        ]
        said += [
            f"{choice.percent}% are not sure: is the question clear?"
            for choice in self.choices
            if choice.is_unsure and choice.percent >= UNSURE
        ]
        return said


@dataclass(frozen=True)
class Step:
    """How many came to a step, and how many of them went no further."""

    number: int
    name: str
    reached: int
    left: int
    reached_percent: int  # of those who began
    left_percent: int  # of those who came here


@dataclass(frozen=True)
class Statistic:
    question_set: QuestionSet
    finished: int
    left: int
    under_way: int  # not finished, and too young to count as left
    spreads: list[Spread]  # none when there are too few
    steps: list[Step]  # none when there are too few

    @property
    def begun(self) -> int:
        """Of whom we know by now whether they finish."""
        return self.finished + self.left

    @property
    def finished_percent(self) -> int:
        return percent(self.finished, self.begun)

    @property
    def remarks(self) -> list[tuple[Question, str]]:
        """What to look at; nothing as long as there are too few to conclude from."""
        if self.finished < MIN_JUDGED:
            return []
        return [(spread.question, said) for spread in self.spreads for said in spread.remarks]

    @property
    def is_judged(self) -> bool:
        return self.finished >= MIN_JUDGED


def statistic(question_set: QuestionSet, *, at: datetime) -> Statistic:
    """Of a set that was loaded `for_asking`."""
    taken = counted(Assessment.objects.filter(question_set=question_set)).order_by()
    answered = _past_answers(question_set)
    finished = sum(answered[next(iter(question_set.questions), ""), value] for value in VALUES)
    for answers in taken.finished().values_list("answers", flat=True).iterator(CHUNK):
        answered.update(answers.items())
        finished += 1
    left = Counter(dict(question_set.abandoned.values_list("step", "count")))
    unfinished = taken.filter(finished_at=None)
    old = unfinished.filter(started_at__lte=at - LEFT_AFTER)
    left += _steps(question_set, old.values_list("answers", flat=True).iterator(CHUNK))
    begun = finished + left.total()
    return Statistic(
        question_set=question_set,
        finished=finished,
        left=left.total(),
        under_way=unfinished.filter(started_at__gt=at - LEFT_AFTER).count(),
        spreads=_spreads(question_set, answered, finished) if finished >= MIN_SHOWN else [],
        steps=_funnel(question_set, left, begun) if begun >= MIN_SHOWN else [],
    )


def percent(part: int, whole: int) -> int:
    return round(100 * part / whole) if whole else 0


def count_what_goes(assessments: Iterable[Assessment]) -> None:
    """Add these to the counts. The caller deletes them in the same transaction."""
    by_set: dict[int, list[Assessment]] = {}
    for assessment in assessments:
        by_set.setdefault(assessment.question_set_id, []).append(assessment)
    # In one order everywhere, so that two who count at once wait for each other and no longer.
    for pk, going in sorted(by_set.items()):
        question_set = QuestionSet.objects.for_asking().get(pk=pk)
        unfinished = [one.answers for one in going if not one.is_finished]
        for step, count in sorted(_steps(question_set, unfinished).items()):
            _add(Abandoned, count, question_set=question_set, step=step)
        answered = Counter(item for one in going if one.is_finished for item in one.answers.items())
        for key, question in question_set.questions.items():
            for value in VALUES:
                if count := answered[key, value]:
                    _add(PastAnswer, count, question=question, value=value)


def _add(model: type[Abandoned] | type[PastAnswer], count: int, **what: Any) -> None:
    counted, _ = model._default_manager.get_or_create(**what)
    model._default_manager.filter(pk=counted.pk).update(count=F("count") + count)


def _past_answers(question_set: QuestionSet) -> Counter[tuple[str, int | None]]:
    keys = {question.pk: key for key, question in question_set.questions.items()}
    past = PastAnswer.objects.filter(question__in=keys)
    return Counter(
        {
            (keys[pk], value): count
            for pk, value, count in past.values_list("question", "value", "count")
        }
    )


def _steps(question_set: QuestionSet, unfinished: Iterable[scoring.Answers]) -> Counter[int]:
    """How many stand at each step. The same questions answered are the same step, found once."""
    patterns = Counter(frozenset(answers) for answers in unfinished)
    steps: Counter[int] = Counter()
    for keys, count in patterns.items():
        steps[question_set.next_step(dict.fromkeys(keys))] += count
    return steps


def _spreads(
    question_set: QuestionSet, answered: Counter[tuple[str, int | None]], finished: int
) -> list[Spread]:
    return [
        Spread(
            question,
            [
                Choice(
                    question.said(value),
                    answered[key, value],
                    percent(answered[key, value], finished),
                    value is None,
                )
                for value in VALUES
            ],
        )
        for key, question in question_set.questions.items()
    ]


def _funnel(question_set: QuestionSet, left: Counter[int], begun: int) -> list[Step]:
    steps, reached = [], begun
    names = [*(dimension.name for dimension in question_set.scales), LAST_STEP]
    for number, name in enumerate(names, start=1):
        steps.append(
            Step(
                number=number,
                name=name,
                reached=reached,
                left=left[number],
                reached_percent=percent(reached, begun),
                left_percent=percent(left[number], reached),
            )
        )
        reached -= left[number]
    return steps
