"""How promising a lead looks: a pure function of what we know of it.

A hint where to look first, and nothing else: it decides nothing, is kept nowhere, and is not the
readiness, which says how well a team can work with us and is one part of it here.

    score = fit + intent + readiness - spam doubt, kept within 0 and 100

Every weight is judgement: no data of ours stands behind any of them yet. What is meant by them:

- Fit (30) and intent (40) together outweigh readiness (30): who wants something bounded soon is
  worth a call even with foundations to lay, and we do that work, too.
- Who took no assessment is counted as neither ready nor not: 12 of 30, between "not enough known"
  and "foundations first". Everything else unsaid counts nothing.
- An inquiry that was suspected spam and is not costs less than any real sign of interest
  earns together: staff have looked at it.

What holds for certain, whatever the weights: the score is within 0 and 100, a better result never
lowers it, and each line says why it is what it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, IntegerField, When

from mail.domains import is_free_mail
from readiness.wishes import Start, Team, Wanted

MIN, MAX = 0, 100


@dataclass(frozen=True)
class Rank:
    """A result of the assessment, as far as the score knows it."""

    key: str
    points: int
    # A result that a later question set has and this table has not counts as what its total would
    # be by the first set's rules: the total at least, if a total alone leads there.
    min_total: int | None = None


# From the worst to the best: a result's place here is its rank.
RANKS = (
    Rank("not_yet", 0, 0),
    Rank("unknown", 9),
    Rank("foundations", 15, 25),
    Rank("pilot", 24, 50),
    Rank("ready", 30, 75),
)
MAX_READINESS = RANKS[-1].points
NO_ASSESSMENT = 12

# By what was chosen in the assessment's unscored step.
WANTED = {Wanted.PROJECT: 10, Wanted.RESCUE: 10, Wanted.HANDS: 7, Wanted.NOT_SURE: 3}
START = {Start.MONTH: 10, Start.THREE_MONTHS: 6, Start.LATER: 1}
TEAM = {Team.NONE: 2, Team.UP_TO_5: 7, Team.UP_TO_20: 10, Team.MORE: 8}
# Minimum length of the longest message, points, and what we call it.
LENGTHS = [(600, 10, "in detail"), (200, 6, "in a few sentences"), (60, 3, "briefly")]


@dataclass(frozen=True)
class Result:
    """Of the latest assessment, with the rank that the database gave it."""

    key: str
    name: str
    total: float
    rank: int


@dataclass(frozen=True)
class Known:
    """What we know of a lead. Nothing here is a promise that it is true."""

    address: str
    company: str = ""
    inquiries: int = 1
    suspected_inquiries: int = 0  # suspected spam at first, and found not to be
    longest_message: int = 0  # in characters
    read_an_article: bool = False
    wanted: str = ""
    start: str = ""
    team: str = ""
    readiness: Result | None = None


@dataclass(frozen=True)
class Line:
    """One part of the score, and why."""

    part: str
    label: str
    points: int
    most: int
    reason: str


@dataclass(frozen=True)
class Score:
    lines: tuple[Line, ...]

    @property
    def total(self) -> int:
        return min(max(sum(line.points for line in self.lines), MIN), MAX)


def score(known: Known) -> Score:
    return Score((*_fit(known), *_intent(known), _readiness(known.readiness), _doubt(known)))


def rank() -> Case:
    """The rank of each assessment's result; of one we do not know, that of its total.

    The only place that says so: lists are ordered by it, and the score takes its points from it.
    """
    known = [When(rule__result__key=one.key, then=place) for place, one in enumerate(RANKS)]
    by_total = [
        When(total__gte=one.min_total, then=place)
        for place, one in reversed(list(enumerate(RANKS)))
        if one.min_total is not None
    ]
    return Case(*known, *by_total, output_field=IntegerField())


def _fit(known: Known) -> list[Line]:
    domain = known.address.rpartition("@")[2].lower()
    is_free = is_free_mail(domain)
    return [
        Line(
            "Fit",
            "Company",
            10 if known.company else 0,
            10,
            f"{known.company}." if known.company else "No company given.",
        ),
        Line(
            "Fit",
            "Address",
            0 if is_free else 10,
            10,
            f"{domain} is a free mail provider."
            if is_free
            else f"{domain} is not a known free mail provider.",
        ),
        _chosen("Fit", "Team", known.team, TEAM),
    ]


def _intent(known: Known) -> list[Line]:
    length, how = next(
        ((points, how) for least, points, how in LENGTHS if known.longest_message >= least),
        (0, "in almost no words"),
    )
    wrote_again = known.inquiries > 1
    return [
        _chosen("Intent", "Wanted", known.wanted, WANTED),
        _chosen("Intent", "Start", known.start, START),
        Line(
            "Intent",
            "Message",
            length,
            LENGTHS[0][1],
            f"Describes the need {how}: {known.longest_message} characters.",
        ),
        Line(
            "Intent",
            "Article",
            5 if known.read_an_article else 0,
            5,
            "Sent from an article." if known.read_an_article else "Not sent from an article.",
        ),
        Line(
            "Intent",
            "Wrote again",
            5 if wrote_again else 0,
            5,
            f"{known.inquiries} inquiries so far." if wrote_again else "One inquiry so far.",
        ),
    ]


def _chosen(part: str, heading: str, key: str, points: Mapping[Any, int]) -> Line:
    most = max(points.values())
    if not key:
        return Line(part, heading, 0, most, "Not answered.")
    chosen = next(choice for choice in points if choice == key)
    return Line(part, heading, points[chosen], most, f"Answered: {chosen.label}.")


def _readiness(result: Result | None) -> Line:
    if result is None:
        points, reason = NO_ASSESSMENT, "No assessment: counted as neither ready nor not."
    else:
        points, reason = RANKS[result.rank].points, f"{result.name}, {result.total:.0f} of 100."
    return Line("Readiness", "Result", points, MAX_READINESS, reason)


def _doubt(known: Known) -> Line:
    if not known.suspected_inquiries:
        points, reason = 0, "Nothing was suspected spam."
    elif known.suspected_inquiries < known.inquiries:
        points = -5
        reason = (
            f"{known.suspected_inquiries} of {known.inquiries} inquiries "
            "were suspected spam but are not."
        )
    else:
        points, reason = -15, "All they sent was suspected spam but is not."
    return Line("Spam doubt", "Suspected", points, 0, reason)
