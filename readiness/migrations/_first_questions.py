"""The first question set, published: nine questions, and the rules that turn them into a result."""

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.db.models import Manager
from django.utils import timezone

DIMENSIONS = [
    ("A", "Documentation and process roles",
     "Who is not in the room can only rely on what is written, and on who keeps it true.", [
        (13, "Who keeps your technical documentation and your working process in shape?", [
            "Nobody in particular",
            "Whoever finds the time",
            "Engineers, as part of most changes",
            "Named people, and work is not finished until the docs are",
         ],
         "Documentation that belongs to nobody decays quietly. Someone outside follows it, is led "
         "wrong once, and from then on asks about everything.",
         "Name one person for the docs of each system, and make “the docs are right” part of what "
         "“done” means. Begin with the one page that new people need first."),
        (12, "A good engineer starts tomorrow and nobody is free to talk. How far do your written "
             "materials carry them?", [
            "They cannot run the system",
            "They run it after asking around",
            "They run it, run its tests and understand the main parts",
            "They ship a small change by following what is written",
         ],
         "Every hour that someone new cannot work without you is an hour you pay for twice.",
         "Have someone set the system up on a clean machine from what is written, with nobody to "
         "ask. Write down each point where they got stuck. A day of this is worth a month of plans."),
        (10, "Think of last month’s most important technical decision. Where is it now?", [
            "In someone’s head",
            "In a call or a chat",
            "In a ticket or a review thread",
            "In a record that is linked to, with the reason",
         ],
         "A decision without its reason is made again by the next person, differently.",
         "Write half a page for each decision that someone will ask about: what was chosen, why, "
         "and what would change your mind. Keep it beside the code."),
    ]),
    ("B", "How work gets defined",
     "What is settled before the work begins need not be settled in a call while it is under way.", [
        (14, "What does a piece of backend work look like when an engineer picks it up?", [
            "A conversation",
            "A title and a few lines",
            "The problem, the result we expect and how it will be accepted",
            "All of that, and its limits: time budget, what is left out, known risks",
         ],
         "Work that is defined while it is built is built twice, and the second half needs you on "
         "the phone.",
         "For the next piece of work write down five things: the problem, the result you expect, how "
         "you will accept it, how much time it is worth, and what it leaves out."),
        (11, "A question comes up in the middle of the work. Who answers it, and how?", [
            "It varies",
            "Someone, in the next meeting",
            "A named person, in writing, within two working days",
            "A named person, in writing, within one working day",
         ],
         "Across time zones a question that waits for a meeting costs days, and nobody sees them go.",
         "Name one person for each piece of work who answers in writing within a working day, and "
         "one who does when they are away."),
        (10, "How big is a change when it is reviewed and merged?", [
            "A whole release",
            "Two to four weeks of work",
            "About a week of work",
            "A day or two of work",
         ],
         "The larger the change, the later you learn that it went the wrong way.",
         "Cut the next piece into steps of a day or two that can each be merged, hidden behind a "
         "switch if need be."),
    ]),
    ("C", "Structural conditions",
     "What has to be possible on any working day, whoever is awake.", [
        (10, "How would an engineer from outside get the code, a safe environment and credentials?", [
            "There is no way today",
            "In weeks, case by case",
            "In days, by known steps",
            "In about a day: least access, and a setup ready that is not production",
         ],
         "Until someone can get in, nothing else on this page matters, and the waiting is paid for.",
         "Write down the steps once, with least access and an environment that holds no real data, "
         "and walk through them with a colleague before the first outsider does."),
        (10, "How does a finished change reach production?", [
            "By an outside board or a fixed release date",
            "One senior person does it by hand",
            "After peer review, partly automated",
            "After peer review and automated tests, as a matter of routine",
         ],
         "A change that waits for one person or one date is finished twice: when it is written and, "
         "weeks later, when everybody has forgotten it.",
         "Let a peer’s review and the automated tests be what releases a change. Begin with the "
         "service where a mistake costs least."),
        (10, "How much of the week needs people in the same call?", [
            "Most of it",
            "Daily calls, and quick replies in chat are expected",
            "Writing comes first, with a few fixed calls",
            "Writing comes first; calls are rare and written up",
         ],
         "Whoever works at other hours misses what is said in calls, and soon works on something "
         "else than you think.",
         "Replace one standing call by a written update, for a month. Write up in five lines what "
         "each of the others decided."),
    ]),
]  # fmt: skip

RESULTS = {
    "unknown": (
        "Not enough known yet",
        "You were not sure about several of the questions. That is an answer, too: someone outside "
        "would have to ask them all, and wait.",
        "Find out what the questions below ask; a morning with the people who know will do. Or ask "
        "us for a call: half an hour of ours goes a long way here.",
        "Offer a discovery call: go through what they were not sure about.",
    ),
    "not_yet": (
        "Not yet",
        "Working with contractors at other hours would disappoint you now, however good they are. "
        "Better to hear it here than after three months.",
        "Begin with the first of the two points below, inside your own team. Come back in a quarter; "
        "the assessment takes five minutes again.",
        "Low urgency. Promise a follow-up in 90 days; send one article.",
    ),
    "ready": (
        "Ready",
        "Your team works the way good outside work needs. Start.",
        "Start with one bounded piece of work: a beginning, an end and a way to tell that it is "
        "done. Tell us which, and we answer with a scope.",
        "Propose a scope for one bounded piece of work, and book a call.",
    ),
    "pilot": (
        "Ready for a pilot",
        "Most of what async work needs is there. A small piece of real work will show the rest "
        "sooner than any plan.",
        "Choose a piece of two to four weeks that nothing urgent waits for, write it down with its "
        "limits, and fix the two points below on the way. Tell us about it, and we answer with an "
        "outline.",
        "Offer a pilot of two to four weeks; name the gaps below in the offer.",
    ),
    "foundations": (
        "Foundations first",
        "Some of it is in place. More hands would not fix what is missing; they would only make it "
        "show.",
        "Put documentation and the way work gets defined in order first; it pays for your own team "
        "as well. It is also work that we do: a few weeks, with your people.",
        "Propose a foundations engagement: documentation and definition of work first.",
    ),
}  # fmt: skip

# Tested from the top.
RULES = [
    ("unknown", "You answered “Not sure” three times or more.", {"min_unsure": 3}, ()),
    ("not_yet",
     "You know of no way in for someone from outside, and of no part of the week that works without "
     "people in the same call. Either can be worked around; both at once cannot.",
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
     "result: a strong total can hide one condition that is missing.",
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
    for position, (key, words, condition, zeros) in enumerate(RULES, start=1):
        rule = get("Rule").create(
            question_set=first, position=position, result=results[key], words=words, **condition
        )
        rule.all_zero.set(questions[zero] for zero in zeros)
    get("QuestionSet").filter(pk=first.pk).update(published_at=timezone.now())
