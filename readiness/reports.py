"""A finished assessment as people read it: visitors on its page, sales on the lead and by mail."""

from collections.abc import Iterable
from dataclasses import dataclass

from articles.models import Article, Revision
from readiness import scoring
from readiness.models import NOT_SURE, Assessment, Dimension, Question, QuestionSet, Result, Rule

MOST_ARTICLES_A_GAP = 2


@dataclass(frozen=True)
class Bar:
    """How much of a dimension is there."""

    dimension: Dimension
    percent: int

    @property
    def percent_words(self) -> str:
        return f"{self.percent} %"


@dataclass(frozen=True)
class Said:
    question: Question
    words: str
    is_unsure: bool


@dataclass(frozen=True)
class Report:
    """What the answers amount to, told again from the answers and their own question set."""

    assessment: Assessment
    bars: list[Bar]
    total: int
    rule: Rule
    answers: list[Said]
    holding_back: list[Said]
    unsure: list[Said]

    @property
    def result(self) -> Result:
        return self.rule.result

    @property
    def wishes(self) -> list[tuple[str, str]]:
        """The unscored step, as far as it was filled in."""
        said = self.assessment.wishes
        return [(label, said[name]) for name, label in WISHES.items() if said.get(name)]


# The unscored step, by the name of its field.
WISHES = {
    "wanted": "What is wanted",
    "start": "When",
    "team": "Team",
    "timezone": "Time zone",
    "system": "The system",
}


def report(assessment: Assessment) -> Report:
    """Of a finished assessment only. Asks a handful of questions, however many there were."""
    questions = QuestionSet.objects.for_asking().get(pk=assessment.question_set_id)
    profile = scoring.score(questions.rubric(), assessment.answers)
    said = {
        key: Said(question, question.said(value), value is None)
        for key, question in questions.questions.items()
        for value in [assessment.answers[key]]
    }
    return Report(
        assessment=assessment,
        bars=[Bar(one, round(profile.shares[one.letter] * 100)) for one in questions.scales],
        total=round(profile.total),
        rule=questions.ordered_rules[profile.rule],
        answers=list(said.values()),
        holding_back=[said[key] for key in profile.holding_back],
        unsure=[one for one in said.values() if one.words == NOT_SURE],
    )


def with_articles(gaps: Iterable[Said]) -> list[tuple[Said, list[Revision]]]:
    """Each with the latest that we have written on the question's topics, then on those of its
    dimension; no article stands there twice.
    """
    shown: set[int] = set()
    found = []
    for said in gaps:
        revisions: list[Revision] = []
        for topics in (said.question.topics, said.question.dimension.topics):
            on_it = Article.objects.filter(topics__in=topics.all()).exclude(pk__in=shown)
            live = Revision.objects.live().filter(article__in=on_it).newest_first()
            few = live.select_related("article").defer("body")
            revisions += few[: MOST_ARTICLES_A_GAP - len(revisions)]
            shown |= {revision.article_id for revision in revisions}
        found.append((said, revisions))
    return found
