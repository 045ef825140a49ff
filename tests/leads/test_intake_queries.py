"""How many statements one inquiry costs, from the form's POST to the redirect.

Counted is everything that the database is sent, savepoints too, but BEGIN and COMMIT.
"""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from leads.intake import filing, receiving
from leads.models import Brief, Company, Contact, Inquiry, InquiryAssessment, Lead
from leads.pipeline import moves
from readiness import taking
from readiness.models import QuestionSet
from tests import builders, nights
from tests.locks import wait_until_held_up

pytestmark = pytest.mark.django_db(transaction=True)

PROMISED = 10
ADA = {"name": "Ada", "email": "ada@example.com", "message": "We need a ledger.", "seconds": "31"}
KEY = "3f2b8c1e-9a4d-4e6f-8b7a-1c2d3e4f5a6b"
BRIEF = {"title": "Refunds", "context": "A billing API."}


@pytest.fixture
def site(client):
    """An article, two offices, and someone who has written before."""
    builders.question_set()
    builders.office(is_headquarters=True)
    builders.office(slug="riyadh", timezone="Asia/Riyadh")
    builders.article(slug="ledgers")
    send(client, email="earlier@example.com")


def send(client, path="leads:contact", **fields):
    answer = client.post(reverse(path), {**ADA, "key": KEY, **fields})
    assert answer.status_code == 302
    return answer


def cost_of(client, **fields):
    with CaptureQueriesContext(connection) as asked:
        send(client, **fields)
    said = [one["sql"].split(" ")[0] for one in asked.captured_queries]
    return [word for word in said if word not in ("BEGIN", "COMMIT")]


def result_key(at=None):
    assessment, key = taking.begin(QuestionSet.objects.current(), at=at)
    questions = QuestionSet.objects.for_asking().get(pk=assessment.question_set_id).questions
    taking.save(assessment, answers=dict.fromkeys(questions, 2))
    taking.finish(assessment, at=at)
    return taking.result_key(key)


FIELDS = {
    "by itself": {},
    "without script": {"key": "", "seconds": ""},
    "suspected": {"reference_2": "x"},
    "perhaps spam": {"message": "<a href=https://x.example>Look</a>"},
    "from an article": {"about": "ledgers", "page": "/articles/ledgers/"},
    "from an office": {"page": "/offices/riyadh/"},
    "of a new company": {"company": "Engines"},
    "of a company in other letters": {"company": "Ærø Shipping"},
    "with a brief": {"path": "leads:brief", **BRIEF},
}
EVERYTHING = {"path": "leads:brief", "about": "ledgers", "company": "Engines", **BRIEF}


@pytest.mark.parametrize("fields", FIELDS.values(), ids=FIELDS.keys())
@pytest.mark.parametrize("is_repeat", [False, True], ids=["first", "repeat"])
def test_an_inquiry_costs_no_more_than_promised(client, site, fields, is_repeat):
    if is_repeat:
        send(client, message="Earlier.")

    cost = cost_of(client, **fields)

    assert len(cost) <= PROMISED, cost
    assert "SAVEPOINT" not in cost
    assert Inquiry.objects.count() == 2 + is_repeat


@pytest.mark.parametrize("key", [KEY, ""], ids=["with script", "without"])
@pytest.mark.parametrize("is_repeat", [False, True], ids=["first", "answered before"])
def test_everything_at_once_costs_no_more_than_promised(client, site, is_repeat, key):
    if is_repeat:
        send(client, message="Earlier.")
        moves.answer(Lead.objects.get(contact__address=ADA["email"]), by=None, at=timezone.now())
    everything = {**EVERYTHING, "assessment": result_key(), "key": key}

    cost = cost_of(client, **everything)

    assert len(cost) <= PROMISED, cost
    inquiry = Inquiry.objects.get(message=ADA["message"], email=ADA["email"])
    assert (inquiry.article.slug, inquiry.brief.title) == ("ledgers", "Refunds")
    assert inquiry.assessments.count() == 1
    assert inquiry.contact.company.name == "Engines"
    assert inquiry.lead.responded_at is None


def test_an_inquiry_that_is_sent_twice_is_found_with_three_questions(client, site):
    send(client)

    assert len(cost_of(client)) == 3
    assert Inquiry.objects.count() == 2


def test_most_inquiries_cost_six(client, site):
    assert len(cost_of(client)) == 6


# What was looked up may have changed until it is written down


def change_after_the_look(monkeypatch, change):
    """Between the first look and the transaction, on another connection, someone changes this."""
    look, changed = receiving.look, []

    def and_change(*args, **kwargs):
        known = look(*args, **kwargs)
        if not changed:
            changed.append(True)
            with ThreadPoolExecutor(1) as other:
                other.submit(and_close, change).result()
        return known

    monkeypatch.setattr(receiving, "look", and_change)
    return changed


def and_close(act):
    try:
        act()
    finally:
        connection.close()


def erase_ada():
    Inquiry.objects.filter(email=ADA["email"]).delete()
    Lead.objects.filter(contact__address=ADA["email"]).delete()
    Contact.objects.filter(address=ADA["email"]).delete()


CHANGES = {
    "a company of that name": lambda: Company.objects.create(name="ENGINES"),
    "the person wrote": lambda: receiving.receive(
        Inquiry(name="Ada", email=ADA["email"], message="At the same time")
    ),
    "the person was erased": erase_ada,
    "their address changed": lambda: Contact.objects.filter(address=ADA["email"]).update(
        address="ada@new.example"
    ),
    "the lead was closed": lambda: Lead.objects.update(
        stage="lost", lost_because="price", closed_at=timezone.now()
    ),
    "the lead was answered": lambda: [
        moves.answer(lead, by=None, at=timezone.now()) for lead in Lead.objects.all()
    ],
    "the lead got an office": lambda: Lead.objects.update(office=builders.office()),
    "the assessment is gone": lambda: taking.Assessment.objects.all().delete(),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
@pytest.mark.parametrize("is_repeat", [False, True], ids=["first", "repeat"])
def test_whatever_changes_after_the_look_the_inquiry_is_kept_right(
    client, site, monkeypatch, change, is_repeat
):
    if is_repeat:
        send(client, message="Earlier.")
    key = result_key()
    changed = change_after_the_look(monkeypatch, change)

    send(client, company="Engines", assessment=key, about="ledgers")

    inquiry = Inquiry.objects.get(message=ADA["message"], email=ADA["email"])
    assert changed
    assert inquiry.contact.address == ADA["email"]
    assert inquiry.lead.is_waiting and inquiry.lead.contact == inquiry.contact
    assert Company.objects.filter(name__iexact="engines").count() == 1
    assert Lead.objects.open().filter(contact=inquiry.contact).count() == 1
    assert inquiry.lead.activities.filter(inquiry=inquiry).count() == 1


def test_a_brief_is_kept_once_though_it_took_two_tries(client, site, monkeypatch):
    change_after_the_look(monkeypatch, CHANGES["the person wrote"])

    send(client, "leads:brief", **BRIEF)

    assert Brief.objects.get().inquiry.message == ADA["message"]


def test_what_never_settles_is_an_error_and_leaves_nothing(client, site, monkeypatch):
    monkeypatch.setattr(filing, "MAX_TRIES", 2)
    monkeypatch.setattr(
        Lead.objects, "create", lambda **fields: (_ for _ in ()).throw(filing.Changed)
    )

    with pytest.raises(filing.Changed):
        send(client)

    assert not Contact.objects.filter(address=ADA["email"]).exists()


def test_an_expired_assessment_that_is_sent_just_now_is_not_forgotten(client, site):
    key = result_key(at=timezone.now() - taking.RESULT_KEPT_FOR)
    assessment = taking.find_result(key)
    inquiry = Inquiry.objects.get()

    with ThreadPoolExecutor(1) as other:
        with receiving.transaction.atomic():
            receiving.assessments.attach(inquiry, assessment.pk)
            act = other.submit(and_close, nights.pass_by)
            wait_until_held_up(act)
        act.result(timeout=30)

    assert InquiryAssessment.objects.filter(inquiry=inquiry).exists()


class TestMidnight:
    """Without script the key of the day makes two clicks one inquiry, and around midnight there
    are two such days.
    """

    def test_a_click_that_overlaps_with_yesterdays_is_the_same(
        self, client, site, monkeypatch, time_machine
    ):
        time_machine.move_to("2026-03-02T00:00:01Z", tick=False)
        yesterday = timezone.now().replace(day=1, hour=23, minute=59, second=59)
        change_after_the_look(
            monkeypatch,
            lambda: receiving.receive(
                Inquiry(
                    name="Ada", email=ADA["email"], message=ADA["message"], received_at=yesterday
                )
            ),
        )

        send(client, key="")

        assert Inquiry.objects.filter(email=ADA["email"]).count() == 1
