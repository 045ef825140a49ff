"""A question set on trial, for those who edit it: what leads where, and what leads nowhere."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from readiness import scoring, unreached
from readiness.forms import UNSURE
from readiness.models import NOT_SURE, Dimension, Question, QuestionSet, Result, Rule
from readiness.reachability import VALUES, Choice, Reach, Reachability, TooLarge, reachability
from readiness.wording import demand_text, number, share_text
from web.wording import listed

AT_FIRST = 2  # what every question answers until someone chooses
TONES = 6  # colors that results are told apart by, beside their names


@dataclass(frozen=True)
class Outcome:
    """Where answers end: at a result, or at none while a draft's rules do not cover them."""

    result: Result | None
    tone: int

    def __str__(self) -> str:
        return self.result.name if self.result else "No rule applies"


@dataclass(frozen=True)
class Answer:
    """One answer to one question, and what the whole would come to with it."""

    value: int | None
    text: str
    is_chosen: bool
    outcome: Outcome
    query: str

    @property
    def name(self) -> str:
        return UNSURE if self.value is None else str(self.value)

    @property
    def mark(self) -> str:
        return "?" if self.value is None else str(self.value)


@dataclass(frozen=True)
class Asked:
    """A question with its answers. `holds_back` when it is one of those that cost most points."""

    question: Question
    answers: list[Answer]
    holds_back: bool


@dataclass(frozen=True)
class Gauge:
    """A share of something, and the marks that rules set on it: from 0 to 100."""

    name: str
    share: float
    text: str
    marks: list[int]

    @property
    def drawn(self) -> str:
        """As far as there is room: the weights of a draft may sum to more than 100."""
        return f"{min(self.share, 100):.1f}"


@dataclass(frozen=True)
class Trial:
    """One rule before the chosen answers, and before all answers there are."""

    rule: Rule | None  # None: what no rule catches
    outcome: Outcome
    demands: list[tuple[bool, str]]
    counts: bool  # it is the first that holds
    reach: Reach | None  # None when there is too much to count
    share: float
    example: str  # the query that fills the simulator with one

    @property
    def holds(self) -> bool:
        return all(holds for holds, _ in self.demands)

    @property
    def share_percent(self) -> str:
        return f"{self.share * 100:.3f}"

    @property
    def share_text(self) -> str:
        return share_text(self.share)


class Simulation:
    """What these answers would come to, and each of their neighbors. Keeps nothing.

    `question_set` is loaded `for_asking`; a draft may be as unfinished as it likes.
    """

    def __init__(self, question_set: QuestionSet, answers: Mapping[str, int | None]) -> None:
        self.question_set = question_set
        self.answers: Choice = {key: answers.get(key, AT_FIRST) for key in question_set.questions}
        self.rubric = question_set.rubric().closed()

    @cached_property
    def profile(self) -> scoring.Profile:
        return scoring.score(self.rubric, self.answers)

    @property
    def total(self) -> str:
        return number(self.profile.total)

    @property
    def outcome(self) -> Outcome:
        return self.outcomes[self.profile.rule]

    @property
    def rule(self) -> Rule | None:
        """The one that counts."""
        return dict(enumerate(self.question_set.ordered_rules)).get(self.profile.rule)

    @cached_property
    def outcomes(self) -> list[Outcome]:
        """By the place of the rule that leads there; the last is that of none."""
        results = [result.pk for result in self.results]
        found = []
        for rule in self.question_set.ordered_rules:
            is_own = rule.result_id in results
            tone = results.index(rule.result_id) % TONES if is_own else TONES
            found.append(Outcome(rule.result, tone))
        return [*found, Outcome(None, TONES)]

    @cached_property
    def results(self) -> list[Result]:
        return list(self.question_set.results.all())

    @cached_property
    def reachability(self) -> Reachability | None:
        """None when the set is too large to count."""
        try:
            return reachability(self.question_set.rubric())
        except TooLarge:
            return None

    # What is seen

    @cached_property
    def steps(self) -> list[tuple[Dimension, list[Asked]]]:
        return [
            (
                dimension,
                [self._asked(key, question) for key, question in self._questions_of(dimension)],
            )
            for dimension in self.question_set.scales
        ]

    def _questions_of(self, dimension: Dimension) -> list[tuple[str, Question]]:
        questions = self.question_set.questions.items()
        return [(key, one) for key, one in questions if one.dimension_id == dimension.pk]

    def _asked(self, key: str, question: Question) -> Asked:
        texts = {option.value: option.text for option in question.options.all()}
        answers = []
        for value in (*VALUES[1:], None):
            changed = self.answers | {key: value}
            answers.append(
                Answer(
                    value,
                    NOT_SURE if value is None else texts.get(value, "(no text yet)"),
                    value == self.answers[key],
                    self.outcomes[scoring.score(self.rubric, changed).rule],
                    query(changed),
                )
            )
        return Asked(question, answers, key in self.profile.holding_back)

    @property
    def gauges(self) -> list[Gauge]:
        floors = self._marks("min_each_dimension")
        return [
            Gauge(dimension.name, float(share), f"{number(share)}%", floors)
            for dimension in self.question_set.scales
            for share in [self.profile.shares[dimension.letter] * 100]
        ]

    @property
    def total_gauge(self) -> Gauge:
        marks = self._marks("min_total", "below_total")
        words = f"{self.total} of {self.rubric.highest_total}"
        return Gauge("Total", float(self.profile.total), words, marks)

    def _marks(self, *names: str) -> list[int]:
        found = {getattr(rule, name) for rule in self.question_set.ordered_rules for name in names}
        return sorted(mark for mark in found if mark is not None and 0 < mark < 100)

    @cached_property
    def trials(self) -> list[Trial]:
        """Every rule from the top; then what none catches, should there be any."""
        found = [self._trial(place, rule) for place, rule in enumerate(self._rules)]
        if self.reachability and not self.reachability.uncaught.combinations:
            found.pop()
        return found

    @property
    def _rules(self) -> list[Rule | None]:
        return [*self.question_set.ordered_rules, None]

    def _trial(self, place: int, rule: Rule | None) -> Trial:
        demands = scoring.demands(
            self.rubric.conditions[place],
            self.answers,
            total=self.profile.total,
            shares=self.profile.shares,
            unsure=self.profile.unsure,
        )
        reach, share = None, 0.0
        if self.reachability:
            reach = [*self.reachability.rules, self.reachability.uncaught][place]
            share = reach.combinations / self.reachability.combinations
        return Trial(
            rule,
            self.outcomes[place],
            [(demand.holds, demand_text(demand)) for demand in demands],
            place == self.profile.rule,
            reach,
            share,
            query(reach.example) if reach and reach.example else "",
        )

    @property
    def presets(self) -> list[tuple[str, str, bool]]:
        """Every question answered alike: what it is called, its query, whether it is chosen."""
        found = []
        for value in (*VALUES[1:], None):
            alike = dict.fromkeys(self.answers, value)
            name = f"All {NOT_SURE.lower()}" if value is None else f"All {value}"
            found.append((name, query(alike), alike == self.answers))
        return found

    @property
    def combinations_text(self) -> str:
        return f"{self.reachability.combinations:,}" if self.reachability else ""

    @cached_property
    def shares(self) -> list[tuple[Outcome, str, str, str]]:
        """Of all combinations, how many end at each result: outcome, where its part of the whole
        begins and how wide it is, in percent, and that in words.
        """
        by_result: dict[int | None, float] = {one.pk: 0.0 for one in self.results}
        outcomes = {}
        for trial in self.trials:
            pk = trial.outcome.result.pk if trial.outcome.result else None
            by_result[pk] = by_result.get(pk, 0) + trial.share
            outcomes[pk] = trial.outcome
        found, begin = [], 0.0
        for pk, share in by_result.items():
            if share:
                begins, wide = f"{begin * 100:.3f}", f"{share * 100:.3f}"
                found.append((outcomes[pk], begins, wide, share_text(share)))
            begin += share
        return found

    @cached_property
    def warnings(self) -> list[str]:
        """What no answers lead to: rules, and then results. Keeps nobody from publishing."""
        return unreached.warnings(self.question_set, self.reachability)


def warnings(question_set: QuestionSet) -> list[str]:
    """What no answers lead to in this set, a sentence for each. It is loaded `for_asking`."""
    return Simulation(question_set, {}).warnings


def read(question_set: QuestionSet, data: Mapping[str, str]) -> tuple[Choice, list[str]]:
    """The answers in an address, and a sentence for each part of it that does not apply: an answer
    that does not exist, or a question that is no longer asked.
    """
    names = {UNSURE if value is None else str(value): value for value in VALUES}
    answers, complaints = Choice(), list[str]()
    for key in question_set.questions:
        said = data.get(key)
        if said is None:
            continue
        if said in names:
            answers[key] = names[said]
        else:
            complaints.append(f"{key} has no such answer; {AT_FIRST} is used instead.")
    if unknown := sorted(data.keys() - question_set.questions.keys()):
        complaints.append(f"This set has no question {listed(unknown)}, so it was ignored.")
    return answers, complaints


def query(answers: Mapping[str, int | None]) -> str:
    """The answers as an address says them."""
    return urlencode({key: UNSURE if value is None else value for key, value in answers.items()})
