"""How a lead's readiness moved from assessment to assessment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from readiness.reports import Report


@dataclass(frozen=True)
class Figure:
    """A total, or a dimension's share, and how far it is from the one before."""

    value: int
    change: int | None  # None when there is none before to compare with

    @property
    def change_words(self) -> str:
        """Told by a sign as well, so that it is not told by color or shape alone."""
        if self.change is None:
            return ""
        if self.change == 0:
            return "= 0"
        return f"▲ +{self.change}" if self.change > 0 else f"▼ −{-self.change}"


@dataclass(frozen=True)
class Step:
    """An assessment beside the one before it."""

    report: Report
    total: Figure
    named_shares: list[tuple[str, Figure | None]]  # by dimension; None where it was not asked

    @property
    def version(self) -> int:
        return self.report.rule.question_set.number


@dataclass(frozen=True)
class Comparison:
    """How a lead's readiness moved, the latest first."""

    dimensions: list[str]
    steps: list[Step]


def compare(reports: Sequence[Report]) -> Comparison:
    """The latest first, as they are given.

    A dimension is the same from version to version as long as it has the same letter.
    """
    names = {
        bar.dimension.letter: bar.dimension.name for one in reversed(reports) for bar in one.bars
    }
    shares = [{bar.dimension.letter: bar.percent for bar in one.bars} for one in reports]
    steps = []
    for place, one in enumerate(reports):
        before = reports[place + 1] if place + 1 < len(reports) else None
        now, then = shares[place], shares[place + 1] if before else {}
        steps.append(
            Step(
                one,
                Figure(one.total, one.total - before.total if before else None),
                [(name, _share(now, then, letter)) for letter, name in sorted(names.items())],
            )
        )
    return Comparison([name for _, name in sorted(names.items())], steps)


def _share(now: Mapping[str, int], then: Mapping[str, int], letter: str) -> Figure | None:
    if letter not in now:
        return None
    return Figure(now[letter], now[letter] - then[letter] if letter in then else None)
