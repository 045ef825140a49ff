"""Which answers lead to which rule, for all of them at once: exact, without trying each.

Nine questions have two million combinations of answers, thirty have more than anyone could count
through. But rules ask for little: how many are unsure, whether certain questions score nothing,
which floors every dimension holds, and the total. So combinations are sorted by the first three (a
`State`), and for each of these a generating function in the total is kept: a polynomial whose
coefficient at x**n counts the combinations with a total of n thirds of a point. Independent
questions multiply their polynomials.

A polynomial is one integer with a fixed number of bits for each coefficient (Kronecker
substitution), which makes a product of polynomials a product of integers.
"""

from bisect import bisect
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from readiness.scoring import MAX_VALUE, Item, Rubric, Scale

VALUES = (None, *range(MAX_VALUE + 1))  # what may be answered
# Bits that are multiplied at most, in all: a second or three. Nine questions take 10 ms.
MAX_WORK = 200_000_000


class TooLarge(Exception):
    """The set has too many questions, or its rules ask for too many different things."""


class State(NamedTuple):
    """All that the conditions ask of some of the answers, but for the total."""

    unsure: int  # counted as far as any condition counts
    zeros: int  # a bit for each condition: whether all questions that it wants at 0 are so far
    floors: int  # how many of the floors that are asked for every dimension holds so far

    def joined(self, other: "State", max_unsure: int) -> "State":
        return State(
            min(self.unsure + other.unsure, max_unsure),
            self.zeros & other.zeros,
            min(self.floors, other.floors),
        )


Polynomials = dict[State, int]
Choice = dict[str, int | None]


@dataclass(frozen=True)
class Reach:
    """What ends at one rule."""

    combinations: int  # that end here
    holding: int  # that meet its condition, wherever they end
    example: Choice | None  # answers that end here
    caught_by: tuple[int, ...]  # the places of the rules where those end that it never gets


@dataclass(frozen=True)
class Reachability:
    """What ends where, of all combinations of answers."""

    combinations: int
    rules: tuple[Reach, ...]  # one for each condition, in their order
    uncaught: Reach  # what meets no condition at all


def reachability(rubric: Rubric) -> Reachability:
    """Agrees with `scoring.score` on every combination. Raises `TooLarge` rather than take long."""
    *rules, uncaught = _Count(rubric.closed()).reaches()
    combinations = len(VALUES) ** sum(1 for _ in rubric.items())
    return Reachability(combinations, tuple(rules), uncaught)


class _Count:
    def __init__(self, rubric: Rubric) -> None:
        self.rubric = rubric
        self.conditions = rubric.conditions
        items = list(rubric.items())
        # No coefficient is larger than the number of combinations, and neither is any sum of them.
        combinations: int = len(VALUES) ** len(items)
        self.width = combinations.bit_length() + 1
        self.length = sum(item.weight for item in items) * MAX_VALUE + 1
        wanted = [condition.min_unsure or 0 for condition in self.conditions]
        self.max_unsure = min(max(wanted), len(items) + 1)
        floors = {condition.min_each_dimension for condition in self.conditions}
        self.floors = sorted(floor for floor in floors if floor is not None)
        asked = {item.key for item in items}
        # A question that is not asked never scores 0.
        self.start = State(
            0,
            sum(
                1 << place
                for place, condition in enumerate(self.conditions)
                if condition.all_zero <= asked
            ),
            len(self.floors),
        )
        self.work = 0

    # Counting

    @cached_property
    def by_scale(self) -> list[Polynomials]:
        return [self._of_scale(scale) for scale in self.rubric.scales]

    @cached_property
    def up_to_scale(self) -> list[Polynomials]:
        """Of no dimension, of the first, of the first two, and so on."""
        found: list[Polynomials] = [{self.start: 1}]
        for polynomials in self.by_scale:
            found.append(self._product(found[-1], polynomials))
        return found

    def _of_scale(self, scale: Scale) -> Polynomials:
        found = {self.start: 1}
        for item in scale.items:
            found = self._product(found, self._of_item(item))
        return dict(self._split_by_floors(scale, found))

    def _of_item(self, item: Item) -> Polynomials:
        found: Polynomials = defaultdict(int)
        for value in VALUES:
            state, points = self._answered(item, value)
            found[state] += 1 << points * self.width
        return found

    def _answered(self, item: Item, value: int | None) -> tuple[State, int]:
        """Where one answer leads, and its points in thirds."""
        zeros = self.start.zeros
        if value:
            for place, condition in enumerate(self.conditions):
                if item.key in condition.all_zero:
                    zeros &= ~(1 << place)
        unsure = min(int(value is None), self.max_unsure)
        return self.start._replace(unsure=unsure, zeros=zeros), item.weight * (value or 0)

    def _product(self, some: Polynomials, others: Polynomials) -> Polynomials:
        found: Polynomials = defaultdict(int)
        for state, polynomial in some.items():
            for other, factor in others.items():
                self.work += max(polynomial.bit_length(), factor.bit_length())
                if self.work > MAX_WORK:
                    raise TooLarge
                found[state.joined(other, self.max_unsure)] += polynomial * factor
        return found

    def _split_by_floors(
        self, scale: Scale, polynomials: Polynomials
    ) -> Iterator[tuple[State, int]]:
        # The fewest thirds of a point that hold each floor, and the end of all points.
        full = scale.weight * MAX_VALUE
        fewest = [full + 1 if floor > 100 else -(-full * floor // 100) for floor in self.floors]
        edges = [0, *fewest, full + 1]
        for state, polynomial in polynomials.items():
            for held, (first, end) in enumerate(pairwise(edges)):
                if part := self._between(polynomial, first, end) << first * self.width:
                    yield state._replace(floors=held), part

    # Polynomials

    def _between(self, polynomial: int, first: int, end: int) -> int:
        """Its coefficients from the one at `first` up to the one before `end`."""
        bits = max(end - first, 0) * self.width
        return polynomial >> first * self.width & (1 << bits) - 1

    def _sum(self, polynomial: int) -> int:
        """Of all coefficients: the sum of digits, by casting out nines."""
        return polynomial % ((1 << self.width) - 1)

    def _lowest(self, polynomial: int) -> int:
        """The place of the first coefficient that is not 0."""
        return ((polynomial & -polynomial).bit_length() - 1) // self.width

    # Sorting by rule

    def reaches(self) -> list[Reach]:
        count = len(self.conditions)
        ends, holding = [0] * count, [0] * count
        examples: dict[int, tuple[State, int]] = {}
        caught: list[set[int]] = [set() for _ in range(count)]
        for state, first, part in self._parts():
            combinations = self._sum(part)
            met = [place for place in range(count) if self._holds(place, state, first)]
            ends[met[0]] += combinations
            examples.setdefault(met[0], (state, first + self._lowest(part)))
            for place in met:
                holding[place] += combinations
                caught[place].add(met[0])
        return [
            Reach(
                ends[place],
                holding[place],
                self._example(*examples[place]) if place in examples else None,
                () if ends[place] else tuple(sorted(caught[place])),
            )
            for place in range(count)
        ]

    def _parts(self) -> Iterator[tuple[State, int, int]]:
        """What meets the same conditions: a state, a total, and the polynomial from there on."""
        thresholds = {
            threshold * MAX_VALUE
            for condition in self.conditions
            for threshold in (condition.min_total, condition.below_total)
            if threshold is not None
        }
        edges = sorted(edge for edge in {0, *thresholds} if edge < self.length)
        edges.append(self.length)
        for state, polynomial in sorted(self.up_to_scale[-1].items()):
            for first, end in pairwise(edges):
                if part := self._between(polynomial, first, end):
                    yield state, first, part

    def _holds(self, place: int, state: State, thirds: int) -> bool:
        condition = self.conditions[place]
        floor = condition.min_each_dimension
        return (
            state.unsure >= (condition.min_unsure or 0)
            and bool(state.zeros >> place & 1)
            and (condition.below_total is None or thirds < condition.below_total * MAX_VALUE)
            and (condition.min_total is None or thirds >= condition.min_total * MAX_VALUE)
            and (floor is None or state.floors >= bisect(self.floors, floor))
        )

    # An example: the way back through the products

    def _example(self, state: State, thirds: int) -> Choice:
        answers: Choice = {}
        for scale, here, before in reversed(
            list(zip(self.rubric.scales, self.by_scale, self.up_to_scale, strict=False))
        ):
            mine, points, state, thirds = self._step_back(here, before, state, thirds)
            answers |= self._example_of_scale(scale, mine, points)
        return {item.key: answers[item.key] for item in self.rubric.items()}

    def _example_of_scale(self, scale: Scale, state: State, thirds: int) -> Choice:
        state = state._replace(floors=self.start.floors)  # which the points tell
        befores: list[Polynomials] = [{self.start: 1}]
        for item in scale.items:
            befores.append(self._product(befores[-1], self._of_item(item)))
        answers: Choice = {}
        for item, before in reversed(list(zip(scale.items, befores, strict=False))):
            here = self._of_item(item)
            mine, points, state, thirds = self._step_back(here, before, state, thirds)
            answers[item.key] = next(
                value
                for value in (*VALUES[1:], None)
                if self._answered(item, value) == (mine, points)
            )
        return answers

    def _step_back(
        self, here: Polynomials, before: Polynomials, state: State, thirds: int
    ) -> tuple[State, int, State, int]:
        """A state and its points on each side of a product that make this state with these."""
        for mine, polynomial in sorted(here.items()):
            for earlier, factor in sorted(before.items()):
                if mine.joined(earlier, self.max_unsure) != state:
                    continue
                for points in self._places(polynomial):
                    rest = thirds - points
                    if rest >= 0 and self._between(factor, rest, rest + 1):
                        return mine, points, earlier, rest
        raise AssertionError("What was counted can be reached.")

    def _places(self, polynomial: int) -> Iterator[int]:
        while polynomial:
            place = self._lowest(polynomial)
            yield place
            polynomial ^= self._between(polynomial, place, place + 1) << place * self.width
