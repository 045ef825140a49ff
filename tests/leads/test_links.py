"""A link in a notification by which a colleague takes the lead."""

import re
from datetime import timedelta

import pytest
from django.core import signing
from django.test import Client
from django.utils import timezone

from desk.models import Act
from leads.acts import doing
from leads.intake import receiving
from leads.messages import links
from leads.messages.tasks import notify_about_inquiry
from leads.models import Absence, Inquiry, Lead, Recipient
from leads.pipeline import moves
from privacy import erasing
from privacy.collecting import collect
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("worker_at_hand")]

SHARED = "sales@example.org"


@pytest.fixture(autouse=True)
def sales():
    Recipient.objects.create(email=SHARED)
    Recipient.objects.create(email="lone@example.org")


@pytest.fixture
def lone():
    return builders.user(role="Sales", name="Lone", email="lone@example.org")


@pytest.fixture
def mikkel():
    return builders.user(role="Sales", name="Mikkel", email="mikkel@example.org")


@pytest.fixture
def lead():
    about = {"name": "Ada", "email": "ada@example.com", "message": "We need a ledger."}
    return receiving.receive(Inquiry(**about)).lead


def link_to(lead, to="lone@example.org"):
    return links.path(links.TAKE, lead.pk, to)


def page(client, address):
    return client.get(address).content.decode()


def press(client, address, act="take"):
    return client.post(address, {"act": act}, follow=True).content.decode()


def owner():
    return Lead.objects.get().owner


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def test_each_recipient_has_their_own_in_the_notification(client, lead, lone):
    notify_about_inquiry(lead.inquiries.get().pk)

    for one in lead.inquiries.get().notifications.filter(kind="notification"):
        for words in (one.message.text, one.message.html):
            [token] = re.findall(r"/decide/([^/\s\"]+)/", words)
            assert links.read(token) == links.Link(lead.pk, "take", one.recipient)
            assert "I’ll take it" in words


def test_looking_changes_nothing_and_names_the_act_and_for_whom(client, lead, lone):
    said = page(client, link_to(lead))

    assert "We need a ledger." in said and "Nobody has it yet." in said
    assert "I’ll take it" in said and "You are acting as Lone, lone@example.org" in said
    assert owner() is None


def test_its_button_takes_the_lead_and_offers_undo(client, lead, lone):
    said = press(client, link_to(lead))

    assert owner() == lone
    assert "You have it." in said and ">Undo<" in said
    assert lead.activities.get(kind="owner").text == "Assigned to Lone"


def test_undo_takes_it_back_without_signing_in(client, lead, lone):
    press(client, link_to(lead))

    said = press(client, link_to(lead), "undo")

    assert owner() is None
    assert "Undone." in said and "I’ll take it" in said


def test_after_an_hour_nothing_is_offered_to_undo(client, lead, lone):
    press(client, link_to(lead))
    Act.objects.update(at=timezone.now() - Act.UNDOABLE_FOR)

    assert ">Undo<" not in page(client, link_to(lead))
    press(client, link_to(lead), "undo")
    assert owner() == lone


def test_undo_is_refused_once_a_colleague_has_worked_on_it(client, lead, lone, mikkel):
    press(client, link_to(lead))
    doing.note(lead, "I called.", by=mikkel, at=timezone.now())

    said = press(client, link_to(lead), "undo")

    assert "Mikkel has worked on it since" in said
    assert owner() == lone


def test_used_twice_it_does_nothing_more(client, lead, lone):
    press(client, link_to(lead))

    said = press(client, link_to(lead))

    assert "You have it." in said
    assert lead.activities.filter(kind="owner").count() == 1


def test_after_someone_else_took_it_it_says_who_and_since_when(client, lead, lone, mikkel):
    doing.take([lead], by=mikkel, at=timezone.now())

    said = press(client, link_to(lead))

    assert "Mikkel has it since" in said and ">I’ll take it<" not in said
    assert owner() == mikkel


def test_of_an_owner_who_is_away_it_says_until_when_and_who_covers(client, lead, lone, mikkel):
    doing.take([lead], by=mikkel, at=timezone.now())
    today = timezone.localdate()
    Absence.objects.create(user=mikkel, first_day=today, last_day=today, cover=lone)

    said = page(client, link_to(lead))

    assert f"Mikkel is away until {today:%a %-d %b}, Lone covers." in said


def test_two_at_once_give_it_to_the_first_and_tell_the_second(lead, lone, mikkel):
    opened = signed_in(mikkel)
    page(opened, link_to(lead, SHARED))
    doing.take([lead], by=lone, at=timezone.now())

    said = press(opened, link_to(lead, SHARED))

    assert "Lone has it since" in said
    assert owner() == lone


def test_a_lead_of_someone_who_has_left_can_be_taken(client, lead, lone, mikkel):
    doing.take([lead], by=mikkel, at=timezone.now())
    mikkel.deactivate()

    assert "Mikkel had it and is no longer in sales." in page(client, link_to(lead))
    press(client, link_to(lead))
    assert owner() == lone


def test_undo_gives_it_back_to_whoever_had_left(client, lead, lone, mikkel):
    doing.take([lead], by=mikkel, at=timezone.now())
    mikkel.deactivate()
    press(client, link_to(lead))

    press(client, link_to(lead), "undo")

    assert owner() == mikkel


@pytest.mark.parametrize(
    ("colleague", "said"),
    [
        (None, "may be read by several people"),
        ({"role": "Sales", "is_active": False}, "sent to Old, who may no longer do this"),
        ({"role": "Sales", "is_staff": False}, "sent to Old, who may no longer do this"),
        ({"role": "Author"}, "sent to Old, who may no longer do this"),
    ],
)
def test_where_the_address_is_nobodys_who_may_it_asks_to_sign_in(client, lead, colleague, said):
    if colleague:
        builders.user(name="Old", email="old@example.org", **colleague)
    address = link_to(lead, "old@example.org")

    shown = press(client, address)

    assert "Sign in to take it" in shown and said in shown
    assert owner() is None


def test_from_a_shared_mailbox_it_acts_for_who_is_signed_in(lead, mikkel):
    press(signed_in(mikkel), link_to(lead, SHARED))

    assert owner() == mikkel


def test_signed_in_without_the_right_it_says_so(lead):
    author = builders.signed_in("Author", name="Ratna")

    said = press(author, link_to(lead, SHARED))

    assert "You are signed in as Ratna, who may not do this." in said
    assert owner() is None


@pytest.mark.parametrize("act", ["spam", "not-spam", "", "other"])
def test_it_does_only_what_it_was_made_for(client, lead, lone, act):
    press(client, link_to(lead), act)

    assert owner() is None
    assert not Inquiry.objects.get().is_spam


def test_a_link_about_an_inquiry_takes_no_lead(client, lead, lone):
    press(client, links.path(links.SPAM, lead.inquiries.get().pk, "lone@example.org"), "take")

    assert owner() is None


def test_of_a_closed_lead_it_says_so(client, lead, lone):
    moves.move(lead, "lost", by=None, at=timezone.now(), lost_because="price")

    said = press(client, link_to(lead))

    assert "This lead is closed: lost." in said and ">I’ll take it<" not in said
    assert owner() is None


def test_of_a_lead_that_is_spam_it_says_so(client, lead, lone, mikkel):
    doing.spam([lead], by=mikkel, at=timezone.now())

    said = press(client, link_to(lead))

    assert "All that Ada wrote was marked as spam." in said
    assert owner() is None


def test_of_an_erased_person_it_says_so(client, lead, lone):
    address = link_to(lead)
    erasing.erase(collect(["ada@example.com"]), by=lone)

    response = client.post(address, {"act": "take"}, follow=True)

    assert response.status_code == 410
    assert "no longer here" in response.content.decode()


@pytest.mark.parametrize("change", [lambda token: token[:-2], lambda token: "x" + token])
def test_a_forged_one_is_refused_with_an_explanation(client, lead, lone, change):
    address = link_to(lead)
    token = address.rstrip("/").rpartition("/")[2]

    response = client.post(address.replace(token, change(token)), {"act": "take"})

    assert response.status_code == 410
    assert "This link does not work" in response.content.decode()
    assert owner() is None


def test_an_old_one_does_nothing(client, lead, lone, monkeypatch):
    address = link_to(lead)
    monkeypatch.setattr(links, "GOOD_FOR", timedelta(seconds=-1))

    assert client.post(address, {"act": "take"}).status_code == 410
    assert owner() is None


def test_a_post_from_another_site_is_refused(lead, lone):
    response = Client(enforce_csrf_checks=True).post(link_to(lead), {"act": "take"})

    assert response.status_code == 403
    assert owner() is None


def test_links_in_emails_of_before_still_work(client, lead, lone):
    """Signed as they always were: [key, act, address]."""
    token = signing.dumps(
        [lead.inquiries.get().pk, "spam", "lone@example.org"], salt="leads.messages.spam_links"
    )

    assert links.read(token).act == links.SPAM
