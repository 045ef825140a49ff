from collections.abc import Iterator

from django.urls import reverse

from web.contributions import EVERYTHING, PUBLISHER, Contribution, Menu, Place, Section


def llms() -> Iterator[Section]:
    about = "nine questions that tell a team whether async contractors would help it now, and what "
    about += "to fix first"
    yield Section("What we do", [("Readiness", reverse("readiness:start"), about)], position=21)


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
)
