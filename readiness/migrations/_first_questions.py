"""The first question set, published: nine questions, and the rules that turn them into a result."""

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.db.models import Manager
from django.utils import timezone

DIMENSIONS = [
    ("A", "Documentation and process roles",
     "People who are not in the room depend on what is written down, and on someone keeping it right.", [
        (13, "Who keeps your technical documentation and your working process up to date?", [
            "Nobody in particular",
            "Whoever has time",
            "Engineers, as part of most changes",
            "Named people, and work isn’t done until the docs are",
         ],
         "Documentation that nobody owns goes stale quietly. An outsider follows it, is misled once, "
         "and from then on asks about everything.",
         "Name one owner for the docs of each system, and make “the docs are right” part of your "
         "definition of done. Start with the page that new people need first."),
        (12, "A good engineer starts tomorrow, and nobody is free to talk. How far will your written "
             "materials get them?", [
            "They cannot run the system",
            "They can run it after asking around",
            "They can run it, run its tests and understand the main parts",
            "They can ship a small change by following what is written",
         ],
         "Every hour that a new person can’t work without you is an hour you pay for twice.",
         "Have someone set up the system on a clean machine from the docs alone, with nobody to "
         "ask. Write down every point where they get stuck. A day of this is worth a month of "
         "planning."),
        (10, "Think of last month’s most important technical decision. Where is it recorded?", [
            "In someone’s head",
            "In a call or a chat",
            "In a ticket or a review thread",
            "In a written record with the reason, linked from where it matters",
         ],
         "When the reason for a decision is lost, the next person decides again, differently.",
         "Write half a page about each decision that people will ask about: what you chose, why, "
         "and what would change your mind. Keep it next to the code."),
    ]),
    ("B", "How work gets defined",
     "Whatever is settled before the work starts doesn’t need a call once it is under way.", [
        (14, "What does a piece of backend work look like when an engineer picks it up?", [
            "A conversation",
            "A title and a few lines",
            "The problem, the expected result and how it will be accepted",
            "All of that, plus its limits: time budget, what is out of scope, known risks",
         ],
         "Work that is defined while it is being built gets built twice, and the second time needs "
         "you on the phone.",
         "For the next piece of work, write down five things: the problem, the result you expect, "
         "how you will accept it, how much time it is worth, and what is out of scope."),
        (11, "A question comes up halfway through the work. Who answers it, and how?", [
            "It varies",
            "Someone, in the next meeting",
            "A named person, in writing, within two working days",
            "A named person, in writing, within one working day",
         ],
         "Across time zones, a question that waits for a meeting costs days, and nobody notices.",
         "For each piece of work, name one person who answers in writing within a working day, and "
         "one who covers for them."),
        (10, "How big is a typical change when it is reviewed and merged?", [
            "A whole release",
            "Two to four weeks of work",
            "About a week of work",
            "A day or two of work",
         ],
         "The bigger the change, the later you find out that it went the wrong way.",
         "Cut the next piece of work into steps of a day or two, each of which can be merged, behind "
         "a feature flag if necessary."),
    ]),
    ("C", "Structural conditions",
     "What has to work on any working day, no matter who is awake.", [
        (10, "How would an outside engineer get the code, a safe environment and credentials?", [
            "Today, they can’t",
            "Within weeks, case by case",
            "Within days, by a known process",
            "In about a day, with least privilege and a ready-made environment that isn’t production",
         ],
         "Until they can get in, nothing else on this page matters, and you pay while they wait.",
         "Write the steps down once, with least privilege and an environment without real data, and "
         "walk through them with a colleague before the first outsider does."),
        (10, "How does a finished change reach production?", [
            "Through an outside board, or on a fixed release date",
            "One senior person does it by hand",
            "After peer review, partly automated",
            "Routinely, after peer review and automated tests",
         ],
         "A change that waits for one person or one date gets finished twice: when it is written and, "
         "weeks later, when everyone has forgotten it.",
         "Let peer review and automated tests be all it takes to release a change. Start with the "
         "service where a mistake costs the least."),
        (10, "How much of the week requires people to be in the same call?", [
            "Most of it",
            "Daily calls, and quick replies in chat are expected",
            "Writing comes first, with a few fixed calls",
            "Writing comes first; calls are rare and written up",
         ],
         "People who work other hours miss what is said in calls, and are soon working on something "
         "different from what you think.",
         "For a month, replace one recurring call with a written update. For each of the others, "
         "write down in five lines what was decided."),
    ]),
]  # fmt: skip

RESULTS = {
    "unknown": (
        "Not enough known yet",
        "You were not sure about several questions. That is an answer, too: an outsider would have "
        "to ask all of them, and wait.",
        "Find the answers to the questions below; a morning with the people who know will do. Or "
        "ask us for a call: half an hour with us goes a long way here.",
        "Offer a discovery call, and go through what they were not sure about.",
    ),
    "not_yet": (
        "Not yet",
        "Right now, working with contractors in other time zones would disappoint you, however good "
        "they are. Better to hear it here than after three months.",
        "Start with the first of the two points below, within your own team. Come back in three "
        "months; the assessment takes five minutes.",
        "Low urgency. Promise to follow up in 90 days; send one article.",
    ),
    "ready": (
        "Ready",
        "Your team works in a way that lets outside engineers do good work. Go ahead.",
        "Start with one bounded piece of work: one with a beginning, an end and a way to tell that "
        "it is done. Tell us which, and we’ll answer with a scope.",
        "Propose a scope for one bounded piece of work, and book a call.",
    ),
    "pilot": (
        "Ready for a pilot",
        "Most of what async work needs is in place. A small piece of real work will show you the "
        "rest sooner than any plan.",
        "Choose two to four weeks of work that nothing urgent depends on, write it down with its "
        "limits, and fix the two points below along the way. Tell us about it, and we’ll answer "
        "with an outline.",
        "Offer a pilot of two to four weeks; name the gaps below in the offer.",
    ),
    "foundations": (
        "Foundations first",
        "Some of it is in place. More people would not fix what is missing; they would only make it "
        "more visible.",
        "Get your documentation and the way you define work in order first; it pays off for your "
        "own team as well. We do this kind of work, too: a few weeks, with your people.",
        "Propose a foundations engagement: documentation and how work gets defined, first.",
    ),
}  # fmt: skip

# Tested from the top.
RULES = [
    ("unknown", "You answered “Not sure” three times or more.", {"min_unsure": 3}, ()),
    ("not_yet",
     "You know of no way for an outsider to get access, and of no part of the week that works "
     "without people in the same call. You can work around either one, but not both at once.",
     {}, ("C1", "C3")),
    ("not_yet", "The total is below 25 of 100.", {"below_total": 25}, ()),
    ("ready",
     "The total is 75 or more, and no dimension is below 60%.",
     {"min_total": 75, "min_each_dimension": 60}, ()),
    ("pilot",
     "The total is 50 or more, and no dimension is below 40%.",
     {"min_total": 50, "min_each_dimension": 40}, ()),
    ("foundations",
     "The total is below 50, or one dimension is below 40%. The weakest dimension limits the "
     "result: a strong total can hide one missing condition.",
     {}, ()),
]  # fmt: skip


def publish(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    def get(name: str) -> Manager[Any]:
        manager: Manager[Any] = apps.get_model("readiness", name)._default_manager
        return manager

    first = get("QuestionSet").create(number=1, note="The first questions")
    questions = {}
    for letter, name, intro, asked in DIMENSIONS:
        dimension = get("Dimension").create(
            question_set=first, letter=letter, name=name, intro=intro
        )
        for position, (weight, text, options, holds_back, remedy) in enumerate(asked, start=1):
            question = get("Question").create(
                dimension=dimension,
                position=position,
                weight=weight,
                text=text,
                holds_back=holds_back,
                remedy=remedy,
            )
            questions[f"{letter}{position}"] = question
            for value, words in enumerate(options):
                get("Option").create(question=question, value=value, text=words)
    results = {
        key: get("Result").create(
            question_set=first,
            key=key,
            name=name,
            summary=summary,
            next_step=next_step,
            for_sales=for_sales,
        )
        for key, (name, summary, next_step, for_sales) in RESULTS.items()
    }
    for position, (key, explanation, condition, zeros) in enumerate(RULES, start=1):
        rule = get("Rule").create(
            question_set=first,
            position=position,
            result=results[key],
            explanation=explanation,
            **condition,
        )
        rule.all_zero.set(questions[zero] for zero in zeros)
    get("QuestionSet").filter(pk=first.pk).update(published_at=timezone.now())
