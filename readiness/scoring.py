"""What a visitor's answers amount to: a pure function of the question set and the answers.

Nothing here asks the database or the clock, so the same answers under the same set are the same
profile for ever. Points are exact: a third of eleven is a fraction, no rule is missed by a hair.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

MAX_VALUE = 3  # the value of the best of the four options
FULL = 100  # what the weights of a published set sum to
MAX_HOLDING_BACK = 2

# The value of the chosen option by the question's key ("A1"). None says "Not sure": it scores 0 and
# is counted apart.
Answers = Mapping[str, int | None]


@dataclass(frozen=True)
class Item:
    """A question, as far as scoring cares."""

    key: str
    weight: int


@dataclass(frozen=True)
class Scale:
    """A dimension, as far as scoring cares."""

    letter: str
    items: tuple[Item, ...]

    @property
    def weight(self) -> int:
        return sum(item.weight for item in self.items)


@dataclass(frozen=True)
class Condition:
    """When a rule holds: all that it asks for at once. One that asks for nothing always holds."""

    min_unsure: int | None = None
    below_total: int | None = None
    min_total: int | None = None
    min_each_dimension: int | None = None  # percent of the dimension's own maximum
    all_zero: frozenset[str] = frozenset()

    @property
    def is_empty(self) -> bool:
        return self == Condition()

    @property
    def asks_for_more(self) -> bool:
        """Whether better answers can reach it, and it asks for nothing else."""
        more = Condition(min_total=self.min_total, min_each_dimension=self.min_each_dimension)
        return self == more and not self.is_empty

    @property
    def asks_for_less(self) -> bool:
        """Whether better answers never reach it: each part of it asks for worse ones."""
        return self.min_total is None and self.min_each_dimension is None

    def asks_as_much_as(self, other: "Condition") -> bool:
        return (self.min_total or 0) >= (other.min_total or 0) and (
            (self.min_each_dimension or 0) >= (other.min_each_dimension or 0)
        )


@dataclass(frozen=True)
class Rubric:
    """A question set, as far as scoring cares. Its last condition is empty, so that one holds."""

    scales: tuple[Scale, ...]
    conditions: tuple[Condition, ...]

    def items(self) -> Iterator[Item]:
        for scale in self.scales:
            yield from scale.items

    @property
    def highest_total(self) -> int:
        """100, but in a draft whose weights do not sum to it yet."""
        return sum(item.weight for item in self.items())

    def whole(self, value: Fraction) -> int:
        """A total or a percentage as people read it: rounded, but never up to a number that a
        condition asks for and the value misses.
        """
        asked = {
            bound
            for one in self.conditions
            for bound in (one.below_total, one.min_total, one.min_each_dimension)
        }
        rounded = round(value)
        return rounded - 1 if rounded > value and rounded in asked else rounded

    def closed(self) -> "Rubric":
        """With an empty condition at the end, which a draft may lack: what no rule catches ends
        there, at the place after the last rule.
        """
        return Rubric(self.scales, (*self.conditions, Condition()))


@dataclass(frozen=True)
class Demand:
    """One thing that a condition asks for, and what the answers have of it."""

    name: Literal["unsure", "below", "total", "dimension", "zero"]
    subject: str  # the dimension's letter or the question's key, where it is about one
    required: int
    actual: Fraction | int | None  # None for "Not sure", and for a question that is not asked
    holds: bool


@dataclass(frozen=True)
class Profile:
    """What the answers amount to."""

    points: dict[str, Fraction]  # by the dimension's letter
    shares: dict[str, Fraction]  # 0 to 1, of what the dimension could have
    total: Fraction
    unsure: int
    rule: int  # the place of the first condition that holds
    # The questions that the rule counts against the answers, then those that cost most points.
    holding_back: tuple[str, ...]


def score(rubric: Rubric, answers: Answers) -> Profile:
    """Raises `KeyError` when a question has no answer, `ValueError` when one has no such option."""
    for item in rubric.items():
        value = answers[item.key]
        if value is not None and value not in range(MAX_VALUE + 1):
            raise ValueError(f"{item.key} has no option {value!r}.")
    points = {
        scale.letter: sum((_points(item, answers) for item in scale.items), Fraction())
        for scale in rubric.scales
    }
    # Of a dimension without questions, as a draft may have one, nothing is missing.
    shares = {
        scale.letter: points[scale.letter] / scale.weight if scale.weight else Fraction(1)
        for scale in rubric.scales
    }
    total = sum(points.values(), Fraction())
    unsure = sum(answers[item.key] is None for item in rubric.items())
    rule = next(
        place
        for place, condition in enumerate(rubric.conditions)
        if all(
            demand.holds
            for demand in demands(condition, answers, total=total, shares=shares, unsure=unsure)
        )
    )
    lost = {item.key: item.weight - _points(item, answers) for item in rubric.items()}
    named = rubric.conditions[rule].all_zero
    dearest = sorted(
        (key for key in lost if lost[key]), key=lambda key: (key not in named, -lost[key])
    )
    return Profile(points, shares, total, unsure, rule, tuple(dearest[:MAX_HOLDING_BACK]))


def ahead(rubric: Rubric, rule: int) -> list[int]:
    """The places of the conditions that better answers lead to from the one that holds, the
    nearest first; none where that is not certain.

    Better answers lower no total and no share, and make no "Not sure" and no zero. So of what
    stands before the condition that holds, one that asks for less never comes to hold, and one that
    asks for more does when it is met. One that asks for both leaves it open.
    """
    before = list(enumerate(rubric.conditions[:rule]))
    if not all(one.asks_for_more or one.asks_for_less for _, one in before):
        return []
    held = rubric.conditions[rule]
    return [
        place for place, one in reversed(before) if one.asks_for_more and one.asks_as_much_as(held)
    ]


def _points(item: Item, answers: Answers) -> Fraction:
    return Fraction(item.weight * (answers[item.key] or 0), MAX_VALUE)


def demands(
    condition: Condition,
    answers: Answers,
    *,
    total: Fraction,
    shares: Mapping[str, Fraction],
    unsure: int,
) -> Iterator[Demand]:
    """What the condition asks for, one by one: it holds when all of them do.

    A question that the set does not ask never scores 0.
    """
    if (least := condition.min_unsure) is not None:
        yield Demand("unsure", "", least, unsure, unsure >= least)
    for key in sorted(condition.all_zero):
        value = answers.get(key)
        yield Demand("zero", key, 0, value, key in answers and not value)
    if (limit := condition.below_total) is not None:
        yield Demand("below", "", limit, total, total < limit)
    if (least := condition.min_total) is not None:
        yield Demand("total", "", least, total, total >= least)
    if (floor := condition.min_each_dimension) is not None:
        for letter, share in shares.items():
            yield Demand("dimension", letter, floor, share * 100, share * 100 >= floor)
