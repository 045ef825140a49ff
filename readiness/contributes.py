from collections.abc import Iterator

from django.http import HttpRequest
from django.urls import reverse

from desk.matching import matching
from readiness.models import Question, QuestionSet
from web.contributions import EVERYTHING, PUBLISHER, Contribution, Menu
from web.public import Place, Section
from web.screens import READINESS, Found, Screen


def llms() -> Iterator[Section]:
    about = "nine questions that tell a team whether async contractors would help it now, and what "
    about += "to fix first"
    yield Section("What we do", [("Readiness", reverse("readiness:start"), about)], position=21)


def finds(request: HttpRequest, words: str) -> Iterator[Found]:
    if request.user.has_perm("readiness.view_questionset"):
        for one in matching(QuestionSet.objects.all(), words, "number", "note"):
            url = reverse("admin:readiness_questionset_change", args=[one.pk])
            yield Found(str(one), url, "Question sets", one.note)
    if request.user.has_perm("readiness.view_question"):
        questions = Question.objects.select_related("dimension")
        for question in matching(questions, words, "text"):
            url = reverse("admin:readiness_question_change", args=[question.pk])
            yield Found(question.text, url, "Questions", question.key)


contribution = Contribution(
    places=(Place("readiness:start", "Are you ready?", "readiness assessment test questions"),),
    no_pages=tuple(f"readiness:{name}" for name in ("step", "resume", "again", "result", "pdf")),
    llms=llms,
    one_visitors="/readiness/.",  # one's own answers, below the page that invites to them
    shown=(
        "readiness.QuestionSet",
        "readiness.Dimension",
        "readiness.Question",
        "readiness.Option",
        "readiness.Result",
        "readiness.Rule",
        "readiness.Rule_all_zero",
    ),
    not_shown=(
        "readiness.Abandoned",
        "readiness.Assessment",
        # They choose the articles beside a result, which is one visitor's own.
        "readiness.Dimension_topics",
        "readiness.Question_topics",
        "readiness.PastAnswer",
    ),
    navigation=(
        Menu(
            "Readiness",
            ("readiness.QuestionSet", "readiness.Dimension", "readiness.Question"),
            position=35,
        ),
    ),
    screens=(
        Screen("Readiness", group=READINESS, position=30),
        *(
            Screen(
                name,
                f"admin:readiness_{model.lower()}_changelist",
                group="Readiness",
                position=position,
                permissions=(f"readiness.view_{model.lower()}",),
                covers=(f"readiness.{model}",),
            )
            for position, (name, model) in enumerate(
                [
                    ("Question sets", "QuestionSet"),
                    ("Dimensions", "Dimension"),
                    ("Questions", "Question"),
                ]
            )
        ),
    ),
    finds=finds,
    needs_second_factor=("readiness.publish_questionset",),
    rights={
        PUBLISHER: {
            "questionset": f"{EVERYTHING} publish",
            "dimension": EVERYTHING,
            "question": EVERYTHING,
            "option": EVERYTHING,
            "result": EVERYTHING,
            "rule": EVERYTHING,
        }
    },
    impersonal=(
        "readiness.Abandoned",
        "readiness.Dimension",
        "readiness.Dimension_topics",
        "readiness.Option",
        "readiness.PastAnswer",
        "readiness.Question",
        "readiness.QuestionSet",
        "readiness.Question_topics",
        "readiness.Result",
        "readiness.Rule",
        "readiness.Rule_all_zero",
    ),
    demo="readiness.demo.part",
    bounded={
        "readiness.Abandoned": "One per step of a question set: only its count grows.",
        "readiness.PastAnswer": "One per possible answer: only its count grows.",
        **dict.fromkeys(
            (
                "readiness.Dimension",
                "readiness.Dimension_topics",
                "readiness.Option",
                "readiness.Question",
                "readiness.Question_topics",
                "readiness.QuestionSet",
                "readiness.Result",
                "readiness.Rule",
                "readiness.Rule_all_zero",
            ),
            "As many as staff write.",
        ),
    },
)
