"""What is done to many leads at once leaves the same rows as done to each, in a few queries."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.admin.models import LogEntry
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from desk.models import Act
from leads.acts import doing, undoing
from leads.acts.each import Done
from leads.intake import receiving
from leads.models import (
    Activity,
    Answer,
    Contact,
    Inquiry,
    InquiryKind,
    Kind,
    Lead,
    NextStep,
    SpamMark,
)
from leads.pipeline import moves
from mail.models import Message
from tests import builders

pytestmark = pytest.mark.django_db

NOW = timezone.now()
TOMORROW = timezone.localdate() + timedelta(days=1)


@pytest.fixture
def mikkel():
    return builders.user(role="Sales", name="Mikkel Sørensen")


@pytest.fixture
def lone():
    return builders.user(role="Sales", name="Lone Vestergaard")


def write(number, message):
    about = {"name": f"Visitor {number}", "email": f"visitor-{number}@example.com"}
    return receiving.receive(Inquiry(message=message, **about)).lead


EARLIER = [
    lambda lead, chance, **done: doing.take([lead], **done),
    lambda lead, chance, **done: doing.sort([lead], chance.choice([*Kind]), **done),
    lambda lead, chance, **done: doing.answer([lead], shown={}, **done),
    lambda lead, chance, **done: doing.spam([lead], **done),
    lambda lead, chance, **done: moves.revise(lead, {"value": Decimal(1000)}, **done),
    lambda lead, chance, **done: moving([lead], chance.choice(["new", "qualified"]), **done),
    lambda lead, chance, **done: moving([lead], "lost", lost_because="price", **done),
    lambda lead, chance, **done: receiving.receive(
        Inquiry(
            name=lead.contact.name,
            email=lead.contact.email,
            message=f"One more thing: {chance.random()}.",
        )
    ),
]


def leads_of_all_sorts(count, *people):
    """In states that acts brought about, by chance but the same at each run."""
    chance, began = random.Random(count), NOW - timedelta(days=2)
    for lead in [write(number, "We need a ledger.") for number in range(count)]:
        by = chance.choice(people)
        for step in range(chance.randint(0, 4)):
            chance.choice(EARLIER)(lead, chance, by=by, at=began + timedelta(hours=step))
    return list(Lead.objects.order_by("pk"))


ACTS = {
    "assign": lambda leads, by, lone: doing.assign(leads, lone, by=by, at=NOW),
    "unassign": lambda leads, by, lone: doing.assign(leads, None, by=by, at=NOW),
    "take": lambda leads, by, lone: doing.take(leads, by=by, at=NOW),
    "sort as work": lambda leads, by, lone: doing.sort(leads, Kind.WORK, by=by, at=NOW),
    "sort as privacy": lambda leads, by, lone: doing.sort(leads, Kind.PRIVACY, by=by, at=NOW),
    "answer": lambda leads, by, lone: doing.answer(leads, by=by, at=NOW, shown={}),
    "answer again": lambda leads, by, lone: doing.answer(
        leads, by=by, at=NOW, shown={}, again=True
    ),
    "needs no answer": lambda leads, by, lone: doing.answer(
        leads, by=by, at=NOW, shown={}, is_needed=False
    ),
    "spam": lambda leads, by, lone: doing.spam(leads, by=by, at=NOW),
    "spam of inquiries": lambda leads, by, lone: doing.spam_inquiries(
        Inquiry.objects.filter(lead__in=leads), by=by, at=NOW
    ),
    "add a step": lambda leads, by, lone: doing.add_step(
        leads, "Call", due_on=TOMORROW, owner=None, by=by, at=NOW
    ),
    "qualify": lambda leads, by, lone: moving(leads, "qualified", by=by, at=NOW),
    "propose": lambda leads, by, lone: moving(
        leads, "proposal", by=by, at=NOW, value=Decimal(5), currency="DKK"
    ),
    "win": lambda leads, by, lone: moving(leads, "won", by=by, at=NOW),
    "lose": lambda leads, by, lone: moving(leads, "lost", by=by, at=NOW, lost_because="price"),
    "reopen": lambda leads, by, lone: moving(leads, "new", by=by, at=NOW),
}  # fmt: skip


def moving(leads, stage, **more):
    """Of one lead what speaks against it is raised."""
    try:
        return doing.move(leads, stage, **more)
    except ValidationError as error:
        name = leads[0].contact.name
        return Done(left_out=[f"{name}: {' '.join(error.messages)}"])


def rows():
    """All that acts write, without what is numbered anew each time."""
    answers = Answer.objects.order_by("lead", "at", "pk").prefetch_related("inquiries")
    known = {one.pk: (one.lead_id, one.at) for one in answers}
    steps = dict(NextStep.objects.values_list("pk", "lead"))

    def before(line):
        was = dict(line.before or {})
        if "answer" in was:
            was["answer"] = known.get(was["answer"], "gone")
        if "step" in was:
            was["step"] = steps.get(was["step"], "gone")
        return was

    return {
        "leads": list(Lead.objects.order_by("pk").values()),
        "kinds": list(
            InquiryKind.objects.order_by("inquiry").values("inquiry", "kind", "by", "at")
        ),
        "spam": list(SpamMark.objects.order_by("inquiry").values("inquiry", "by", "at")),
        "answers": [
            (one.lead_id, one.by_id, one.at, one.was_needed, {i.pk for i in one.inquiries.all()})
            for one in answers
        ],
        "steps": list(
            NextStep.objects.order_by("lead", "pk").values(
                "lead", "text", "due_on", "owner", "done_at"
            )
        ),
        "history": [
            (line.lead_id, line.kind, line.text, line.by_id, line.at, line.inquiry_id, before(line))
            for line in Activity.objects.order_by("lead", "pk")
        ],
        "log": sorted(LogEntry.objects.values_list("object_id", "change_message", "user")),
        "people": list(Contact.objects.order_by("pk").values()),
    }


def done_and_undone(acts, by):
    """What came of the acts, the rows after them, and after taking them back at one moment."""
    done = [act() for act in acts]
    after = rows()
    for one in reversed(done):
        if one.act:
            undoing.take_back(one.act, by, NOW + timedelta(minutes=1))
            Act.objects.filter(pk=one.act.pk).update(undone_at=NOW)
    said = sorted(sentence for one in done for sentence in one.left_out)
    return sum(one.count for one in done), said, after, rows()


@pytest.mark.parametrize("name", ACTS)
def test_many_leave_the_same_rows_as_each_and_so_does_undo(mikkel, lone, name):
    leads, act = leads_of_all_sorts(16, mikkel, lone), ACTS[name]

    with transaction.atomic():
        each = done_and_undone([lambda one=one: act([one], mikkel, lone) for one in leads], mikkel)
        transaction.set_rollback(True)
    before = rows()
    count, said, after, undone = done_and_undone([lambda: act(leads, mikkel, lone)], mikkel)

    assert count > 2
    assert (count, said, after, undone) == each
    for table in ("leads", "answers", "steps", "people"):
        assert undone[table] == before[table]
    assert Act.objects.filter(undone_at=NOW).get().count == count


@pytest.mark.parametrize("name", ACTS)
def test_many_take_few_queries_and_so_does_undo(mikkel, lone, name):
    leads = leads_of_all_sorts(20, mikkel, lone)

    with CaptureQueriesContext(connection) as doing_it:
        done = ACTS[name](leads, mikkel, lone)
    with CaptureQueriesContext(connection) as undoing_it:
        undoing.take_back(done.act, mikkel, NOW)

    assert len(doing_it) <= 32
    assert len(undoing_it) <= 40


def test_a_new_owner_of_many_is_emailed_once(mikkel, lone):
    leads = [write(number, "We need a ledger.") for number in range(30)]

    doing.assign(leads, lone, by=mikkel, at=NOW)

    email = Message.objects.get(to=lone.email)
    assert email.subject == "30 leads are yours now"
    assert email.to_colleague.leads.count() == 30


def test_two_closed_leads_of_one_person_are_not_both_reopened(mikkel):
    lost = {"lost_because": "price", "by": mikkel, "at": NOW}
    for number in range(2):
        doing.move([write(1, f"We need a ledger, {number}.")], "lost", **lost)
    leads = list(Lead.objects.order_by("pk"))

    done = doing.move(leads, "qualified", by=mikkel, at=NOW)

    assert done.count == 1
    assert done.left_out == ["Visitor 1: This contact has another open lead: work on that one."]


def test_undo_of_many_leaves_those_that_a_colleague_has_worked_on(mikkel, lone):
    leads = [write(number, "We need a ledger.") for number in range(5)]
    done = doing.sort(leads, Kind.JOB, by=mikkel, at=NOW)
    doing.take(leads[:1], by=lone, at=NOW + timedelta(seconds=1))

    said = undoing.take_back(done.act, mikkel, NOW + timedelta(seconds=2))

    assert said == [
        "Undone: 4 of them.",
        "Visitor 0 was not changed: Lone Vestergaard has worked on it since "
        "(Assigned to Lone Vestergaard).",
    ]
    assert Lead.objects.filter(kind=Kind.JOB).get() == leads[0]


@pytest.mark.django_db(transaction=True)
def test_two_people_who_change_the_same_leads_at_once_wait_for_each_other(mikkel, lone):
    """Each in an order of their own: rows are held in one order all the same."""
    leads = [write(number, "We need a ledger.") for number in range(12)]
    for one in leads[::2]:
        write(leads.index(one), "One more thing.")

    def work(person, order):
        try:
            for turn in range(6):
                order.shuffle(mine := list(leads))
                if turn % 2:
                    doing.assign(mine, person, by=person, at=timezone.now())
                else:
                    done = doing.spam(mine, by=person, at=timezone.now())
                    if done.act:
                        with transaction.atomic():  # as the page of Undo does
                            undoing.take_back(done.act, person, timezone.now())
        finally:
            connection.close()

    with ThreadPoolExecutor() as threads:
        jobs = [
            threads.submit(work, person, random.Random(number))
            for number, person in enumerate([mikkel, lone])
        ]
        for job in jobs:
            job.result()

    assert {lead.owner_id for lead in Lead.objects.all()} <= {mikkel.pk, lone.pk}
    assert Lead.objects.values("owner").distinct().count() == 1
    assert not SpamMark.objects.exists()
