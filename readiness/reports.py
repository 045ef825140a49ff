"""A finished assessment as people read it: visitors on its page, sales on the lead and by mail."""

from collections.abc import Iterable
from dataclasses import dataclass

from articles.models import Article, Revision
from readiness import scoring, wishes
from readiness.models import Assessment, Dimension, Question, QuestionSet, Result, Rule
from web.wording import listed

MAX_ARTICLES_PER_GAP = 2
MAX_CANDIDATES = 12


@dataclass(frozen=True)
class Bar:
    """How much of a dimension is there."""

    dimension: Dimension
    percent: int
    is_weakest: bool

    @property
    def percent_text(self) -> str:
        return f"{self.percent}%"

    @property
    def text(self) -> str:
        weakest = ", the weakest" if self.is_weakest else ""
        return f"{self.dimension.name}: {self.percent_text}{weakest}"


@dataclass(frozen=True)
class Floor:
    """What a rule asks of each dimension, in percent."""

    percent: int
    result: Result


@dataclass(frozen=True)
class Said:
    question: Question
    text: str
    is_unsure: bool


@dataclass(frozen=True)
class Report:
    """What the answers amount to, told again from the answers and their own question set."""

    assessment: Assessment
    bars: list[Bar]
    floors: list[Floor]
    total: int
    rule: Rule
    ahead: str  # what the next better result takes, in a sentence; empty where none is certain
    answers: list[Said]
    holding_back: list[Said]
    unsure: list[Said]

    @property
    def result(self) -> Result:
        return self.rule.result

    @property
    def total_text(self) -> str:
        """The total, and how many of the answers it is without."""
        times = len(self.unsure)
        unsure = f", with {times} “Not sure” answer{'' if times == 1 else 's'}" if times else ""
        return f"{self.total}\u00a0of\u00a0{scoring.FULL}{unsure}"

    @property
    def to_find_out(self) -> list[Said]:
        """What to ask around for; one or two questions are no list, they stand with the answers."""
        return self.unsure if len(self.unsure) > 2 else []

    @property
    def legend(self) -> str:
        """What the marks on the bars mean; empty when no rule asks for so much of each."""
        asked = [f"{one.percent}% for “{one.result.name}”" for one in self.floors]
        return f"The marks show what each dimension needs: {listed(asked)}." if asked else ""

    @property
    def wishes(self) -> list[tuple[str, str]]:
        """The unscored step, as far as it was filled in."""
        return wishes.labeled(self.assessment.wishes)


def report(assessment: Assessment) -> Report:
    """Of a finished assessment only. Asks a handful of questions, however many there were."""
    questions = QuestionSet.objects.for_asking().get(pk=assessment.question_set_id)
    rubric = questions.rubric()
    profile = scoring.score(rubric, assessment.answers)
    said = {
        key: Said(question, question.said(value), value is None)
        for key, question in questions.questions.items()
        for value in [assessment.answers[key]]
    }
    return Report(
        assessment=assessment,
        bars=_bars(questions, profile),
        floors=_floors(questions.ordered_rules),
        total=rubric.whole(profile.total),
        rule=questions.ordered_rules[profile.rule],
        ahead=_ahead(questions, profile),
        answers=list(said.values()),
        holding_back=[said[key] for key in profile.holding_back],
        unsure=[one for one in said.values() if one.is_unsure],
    )


def _bars(questions: QuestionSet, profile: scoring.Profile) -> list[Bar]:
    rubric, shares = questions.rubric(), profile.shares
    least, most = min(shares.values()), max(shares.values())
    return [
        Bar(
            dimension,
            percent=rubric.whole(shares[dimension.letter] * 100),
            is_weakest=shares[dimension.letter] == least < most,
        )
        for dimension in questions.scales
    ]


def _floors(rules: Iterable[Rule]) -> list[Floor]:
    asked = {rule.min_each_dimension: rule.result for rule in rules if rule.min_each_dimension}
    return [Floor(percent, asked[percent]) for percent in sorted(asked)]


def _ahead(questions: QuestionSet, profile: scoring.Profile) -> str:
    rubric, rules = questions.rubric(), questions.ordered_rules
    others = [
        rules[place]
        for place in scoring.ahead(rubric, profile.rule)
        if rules[place].result_id != rules[profile.rule].result_id
    ]
    if not others:
        return ""
    rule = others[0]
    takes = []
    if rule.min_total and profile.total < rule.min_total:
        takes.append(f"a total of {rule.min_total} (now {rubric.whole(profile.total)})")
    floor, bars = rule.min_each_dimension or 0, _bars(questions, profile)
    below = [bar for bar in bars if bar.percent < floor]
    if below and len(below) == len(bars):
        takes.append(f"{floor}% in each dimension")
    else:
        takes += [f"{floor}% in “{bar.dimension.name}” (now {bar.percent}%)" for bar in below]
    return f"The next result, “{rule.result.name}”, needs {listed(takes)}."


def with_articles(gaps: Iterable[Said]) -> list[tuple[Said, list[Revision]]]:
    """Each with the latest that we have written about it: fewer rather than wrong ones, and no
    article twice. What is about several gaps goes to the one that has least else.
    """
    gaps = list(gaps)
    about = [_about(said) for said in gaps]
    chosen: list[list[Revision]] = [[] for _ in gaps]
    shown: set[int] = set()
    for _ in range(MAX_ARTICLES_PER_GAP):
        for number in sorted(range(len(gaps)), key=lambda one: len(about[one])):
            left = [one for one in about[number] if one.article_id not in shown]
            if left:
                chosen[number].append(left[0])
                shown.add(left[0].article_id)
    return list(zip(gaps, chosen, strict=True))


def _about(said: Said) -> list[Revision]:
    """Live articles under every topic of the question or, if it has none, of its dimension."""
    topics = list(said.question.topics.all()) or list(said.question.dimension.topics.all())
    if not topics:
        return []
    on_it = Article.objects.all()
    for topic in topics:
        on_it = on_it.filter(topics=topic)
    live = Revision.objects.live().filter(article__in=on_it).newest_first()
    return list(live.select_related("article").defer("body")[:MAX_CANDIDATES])
