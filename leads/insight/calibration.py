"""Whether the assessment was right: what became of leads, by the result they had when they closed.

The weights and rules of a question set are judgement; this is what they are judged by. Few leads
prove little, so a share is shown with its range, and not at all below a handful.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from math import hypot, sqrt
from statistics import median
from typing import NamedTuple

from django.db.models import OuterRef, Subquery

from leads.models import Lead, assessments_of_lead
from leads.money import DIGITS
from readiness.models import QuestionSet, Rule
from readiness.statistics import percent

MIN_SHOWN = 5  # closed leads in a cell; with fewer, neither share nor value is shown
MIN_JUDGED = 40  # closed leads with an assessment; with fewer, nothing is concluded
Z = 1.96  # of the normal distribution: the range holds the true share 95 times in 100
CHUNK = 2000


@dataclass(frozen=True)
class Share:
    """A part of a whole, and between what the share may truly lie. All in percent."""

    part: int
    whole: int

    @property
    def percent(self) -> int:
        return percent(self.part, self.whole)

    @property
    def low(self) -> int:
        return round(100 * wilson(self.part, self.whole)[0])

    @property
    def high(self) -> int:
        return round(100 * wilson(self.part, self.whole)[1])


@dataclass(frozen=True)
class Value:
    """What won leads were worth, in one currency."""

    currency: str
    count: int
    median: Decimal
    total: Decimal

    @property
    def is_shown(self) -> bool:
        return self.count >= MIN_SHOWN

    def in_digits(self, amount: Decimal) -> str:
        """For programs, with the decimals of the currency."""
        return f"{amount:.{DIGITS[self.currency]}f}"

    @property
    def median_text(self) -> str:
        return f"{self.median:,.0f}"

    @property
    def total_text(self) -> str:
        return f"{self.total:,.0f}"


class ClosedLead(NamedTuple):
    """A closed lead, with the rule and the total of its assessment if it had one."""

    stage: str
    value: Decimal | None
    currency: str
    rule: int | None
    total: Decimal | None


@dataclass
class Group:
    """Closed leads that had the same result; or, without a key, none."""

    key: str
    name: str
    won: int = 0
    lost: int = 0
    totals: list[Decimal] = field(default_factory=list)  # of the assessments
    worth: dict[str, list[Decimal]] = field(default_factory=lambda: defaultdict(list))

    def add(self, lead: ClosedLead) -> None:
        if lead.total is not None:
            self.totals.append(lead.total)
        if lead.stage != Lead.Stage.WON:
            self.lost += 1
            return
        self.won += 1
        if lead.value is not None:
            self.worth[lead.currency].append(lead.value)

    @property
    def closed(self) -> int:
        return self.won + self.lost

    @property
    def is_shown(self) -> bool:
        return self.closed >= MIN_SHOWN

    @property
    def share(self) -> Share:
        return Share(self.won, self.closed)

    @property
    def values(self) -> list[Value]:
        """By currency: what is in different ones is never added."""
        return [
            Value(currency, len(some), Decimal(median(some)), sum(some, Decimal()))
            for currency, some in sorted(self.worth.items())
        ]

    @property
    def points(self) -> Decimal:
        """The median total of its assessments: what puts results in their order."""
        return median(self.totals) if self.totals else Decimal()


@dataclass(frozen=True)
class Calibration:
    groups: list[Group]  # the results with most points first; those that nobody had are last
    without: Group  # leads that had no assessment when they closed, to compare with
    together: Group  # all that had one

    @property
    def missing(self) -> int:
        """How many more closed leads are needed to draw conclusions."""
        return max(MIN_JUDGED - self.together.closed, 0)

    @property
    def progress(self) -> int:
        return percent(self.together.closed, MIN_JUDGED)

    @property
    def is_empty(self) -> bool:
        return not (self.together.closed or self.without.closed)

    @property
    def remarks(self) -> list[str]:
        """Results that do worse than one with fewer points, with too little doubt for chance."""
        if self.missing:
            return []
        shown = [group for group in self.groups if group.is_shown]
        return [
            f"“{higher.name}” does worse than “{lower.name}”, which has fewer points: "
            f"{higher.share.percent}% of its leads were won, compared with "
            f"{lower.share.percent}%."
            for place, higher in enumerate(shown)
            for lower in shown[place + 1 :]
            if is_less(higher.share, lower.share)
        ]


def wilson(part: int, whole: int) -> tuple[float, float]:
    """Between what the true share lies when `part` of `whole` were seen, 95 times in 100.

    The score interval of E. B. Wilson, Journal of the American Statistical Association 22 (1927),
    209-212: it holds for few as well, and for none and all of them.
    """
    if not whole:
        return 0.0, 1.0
    share, square = part / whole, Z * Z / whole
    middle = (share + square / 2) / (1 + square)
    spread = Z * sqrt(share * (1 - share) / whole + square / (4 * whole)) / (1 + square)
    return max(middle - spread, 0.0), min(middle + spread, 1.0)


def is_less(one: Share, other: Share) -> bool:
    """Whether the first share is the smaller one, and chance explains that badly.

    The difference of the two lies above nought as a whole: method 10 of R. G. Newcombe, Statistics
    in Medicine 17 (1998), 873-890, which is made of the two Wilson intervals.
    """
    if not (one.whole and other.whole):
        return False
    mine, others = one.part / one.whole, other.part / other.whole
    up = wilson(one.part, one.whole)[1] - mine
    down = others - wilson(other.part, other.whole)[0]
    return others - mine > hypot(up, down)


def calibration(question_set: QuestionSet | None = None) -> Calibration:
    """Of the leads assessed by one version of the questions, or by any, by the result's key.

    Of several assessments a lead had, the latest counts that was finished before it closed. Two
    queries, one pass over the closed leads.
    """
    rules = {
        rule.pk: rule
        for rule in Rule.objects.filter(question_set__published_at__isnull=False)
        .select_related("result")
        .order_by("question_set__number", "position")
    }
    groups: dict[str, Group] = {}
    for rule in rules.values():  # a later version has the last word on a name
        if question_set is None or rule.question_set_id == question_set.pk:
            groups[rule.result.key] = Group(rule.result.key, rule.result.name)
    without, together = Group("", "No assessment"), Group("", "With an assessment")
    for lead in _closed():
        if lead.rule is None:
            without.add(lead)
            continue
        rule = rules[lead.rule]
        if question_set is None or rule.question_set_id == question_set.pk:
            groups[rule.result.key].add(lead)
            together.add(lead)
    most_points_first = sorted(groups.values(), key=lambda group: (not group.closed, -group.points))
    return Calibration(most_points_first, without, together)


def _closed() -> Iterator[ClosedLead]:
    had = assessments_of_lead().filter(finished_at__lte=OuterRef("closed_at"))
    rows = (
        Lead.objects.work()
        .filter(closed_at__isnull=False)
        .order_by()
        .annotate(had_rule=Subquery(had.values("rule")[:1]))
        .annotate(had_total=Subquery(had.values("total")[:1]))
        .values_list("stage", "value", "currency", "had_rule", "had_total")
    )
    return map(ClosedLead._make, rows.iterator(CHUNK))


COLUMNS = [
    "result", "closed", "won", "won %", "from %", "to %",
    "currency", "won with a value", "median", "sum",
]  # fmt: skip


def rows(found: Calibration) -> Iterator[list[str]]:
    """The table for a file, by result and currency. Figures from too few leads are left out,
    too.
    """
    for group in (*found.groups, found.together, found.without):
        share = group.share
        said = (
            [str(each) for each in (group.won, share.percent, share.low, share.high)]
            if group.is_shown
            else [too_few(group.closed), "", "", ""]
        )
        for money in _money(group):
            yield [group.name, str(group.closed), *said, *money]


def _money(group: Group) -> Iterable[list[str]]:
    if not (group.is_shown and group.values):
        return [[""] * 4]
    return [
        [
            value.currency,
            str(value.count),
            value.in_digits(value.median),
            value.in_digits(value.total),
        ]
        if value.is_shown
        else [value.currency, too_few(value.count), "", ""]
        for value in group.values
    ]


def too_few(count: int) -> str:
    return f"too few yet ({count} of {MIN_SHOWN})"
