"""Who is writing about a lead is said to colleagues, while they are and no longer."""

from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.urls import reverse
from django.utils import timezone

from leads.acts import doing
from leads.inbox import writing
from leads.intake import receiving
from leads.models import Inquiry, Opened
from tests import builders

pytestmark = pytest.mark.django_db

INBOX = reverse("admin:inbox")


@pytest.fixture
def lead():
    return receiving.receive(Inquiry(name="Ada", email="ada@example.com", message="Help.")).lead


@pytest.fixture
def lone():
    return builders.user(role="Sales", name="Lone Vestergaard")


@pytest.fixture
def sales(client):
    client.force_login(builders.user(role="Sales", name="Mikkel Sørensen"))
    return client


def tell(client, lead, what):
    return client.post(reverse("admin:lead_writing", args=[lead.pk]), {"writing": what})


def pages(client, lead):
    return [
        client.get(INBOX).text,
        client.get(reverse("admin:lead", args=[lead.pk])).text,
    ]


@pytest.mark.parametrize(
    ("what", "said"),
    [("note", "Lone is writing a note, since"), ("answer", "Lone began an answer")],
)
def test_a_colleague_sees_it_on_the_row_and_on_the_record(sales, lead, lone, what, said):
    writing.begin(lead, what, by=lone, at=timezone.now())

    inbox, record = pages(sales, lead)

    assert inbox.count(said) == 2  # in the list, and beside it
    assert record.count(said) == 1


def test_nobody_is_told_of_themselves(sales, lead):
    tell(sales, lead, "note")

    assert not any("is writing" in page for page in pages(sales, lead))


@pytest.mark.parametrize(("what", "minutes"), [("note", 1), ("answer", 20)])
def test_it_is_gone_when_nothing_was_heard_of_it(sales, lead, lone, what, minutes):
    writing.begin(lead, what, by=lone, at=timezone.now() - timedelta(minutes=minutes, seconds=1))

    assert not any("Lone is" in page or "Lone began" in page for page in pages(sales, lead))


def test_an_answer_is_no_longer_begun_once_it_is_given(sales, lead, lone):
    writing.begin(lead, "answer", by=lone, at=timezone.now())
    doing.answer([lead], by=lone, at=timezone.now(), shown={})

    assert "began an answer" not in pages(sales, lead)[1]


def test_whoever_begins_is_told_at_once_who_else_does(sales, lead, lone):
    assert "notice" not in tell(sales, lead, "note").text
    writing.begin(lead, "answer", by=lone, at=timezone.now())

    assert "Lone began an answer" in tell(sales, lead, "note").text


def test_since_when_stays_while_it_goes_on_and_begins_anew_after(lead, lone):
    began = timezone.now() - timedelta(minutes=5)
    for seconds in (0, 20, 40):
        writing.begin(lead, "note", by=lone, at=began + timedelta(seconds=seconds))
    assert Opened.objects.get().writing_since == began

    writing.begin(lead, "note", by=lone, at=began + timedelta(minutes=4))

    assert Opened.objects.get().writing_since == began + timedelta(minutes=4)


def test_who_opened_it_stays_known(sales, lead, lone):
    pages(sales, lead)
    tell(sales, lead, "note")
    pages(sales, lead)

    assert Opened.objects.get().writing == "note"


@pytest.mark.parametrize("what", ["", "letter", "note\0"])
def test_nonsense_is_not_found(sales, lead, what):
    assert tell(sales, lead, what).status_code == 404


def test_a_lead_that_is_gone_is_not_found(sales, lead):
    url = reverse("admin:lead_writing", args=[4711])

    assert sales.post(url, {"writing": "note"}).status_code == 404


def test_who_does_not_sell_says_nothing(lead):
    assert tell(builders.signed_in("Author"), lead, "note").status_code == 403


def test_writing_without_a_moment_cannot_be_stored(lead, lone):
    with pytest.raises(IntegrityError, match="leads_writing_says_what_and_when"):
        Opened.objects.create(lead=lead, by=lone, at=timezone.now(), writing="note")
