"""A review from asking to answer, as those who ask and those who read see it."""

import re

import pytest
from django.urls import reverse

from articles import doing, reviewing
from articles.models import Review
from mail.models import Message
from tests.builders import article, revision, signed_in, user
from tests.forms import filled_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def ines():
    return signed_in("Author", name="Ines Moreau", email="ines@example.com")


@pytest.fixture
def tobias():
    return signed_in("Publisher", name="Tobias Lindgren", email="tobias@example.com")


def address(of, page):
    return reverse(f"admin:articles_article_{page}", args=[of.pk])


def person(client):
    return client.get(reverse("admin:index")).context["user"]


def a_change():
    live = article(text={"title": "Locks", "body": "<p>One lock is enough.</p>"})
    revision(live, body="<p>One lock is plenty.</p>")
    return live


def ask(client, of, **said):
    return client.post(address(of, "review"), said, follow=True)


def test_the_room_saves_and_leads_to_whom_to_ask(ines):
    draft = article(live_from=None)
    page = address(draft, "change")

    form = filled_in(ines.get(page), "article_form", "_ask", title="Finished")
    answer = ines.post(page, form)

    assert answer.url == address(draft, "review")
    assert draft.draft().title == "Finished"


def test_what_nobody_could_read_is_not_sent(ines):
    """The room opens the sheet without a save of its own."""
    draft = article(live_from=None, text={"summary": "", "body": ""})

    shown, sent = ines.get(address(draft, "review")), ask(ines, draft)

    assert (shown.status_code, sent.status_code) == (200, 422)
    assert "It has no summary" in shown.text and "The text is empty" in sent.text
    assert not Review.objects.exists()


def test_what_is_unfinished_stays_in_the_room(ines):
    draft = article(live_from=None)
    page = address(draft, "change")

    answer = ines.post(page, filled_in(ines.get(page), "article_form", "_ask", summary=""))

    assert "Lists and search results show it." in answer.text


def test_the_one_who_is_asked_is_emailed_a_way_to_what_readers_would_see_differently(ines, tobias):
    changed = a_change()

    ask(ines, changed, asked_of=person(tobias).pk, note="Is it clear?", due_on="2099-01-02")

    [email] = Message.objects.filter(to="tobias@example.com")
    assert "Is it clear?" in email.text and "due 2 January 2099" in email.text
    [path] = re.findall(r"https?://[^/\s]+(/\S+)", email.text)
    page = tobias.get(path).text
    assert "What readers would see differently" in page
    assert "<del>enough</del>" in page and "<ins>plenty</ins>" in page
    assert "Is it clear?" in page


def test_what_readers_never_saw_is_said_to_be_new_to_them(ines, tobias):
    draft = article(live_from=None)
    ask(ines, draft)

    assert "Readers have not seen it yet." in tobias.get(address(draft, "send_back")).text


def test_the_room_says_what_was_asked_and_leads_the_publisher_there(ines, tobias):
    draft = article(live_from=None)
    ask(ines, draft, note="Is it clear?")

    hers, his = (client.get(address(draft, "change")).text for client in (ines, tobias))

    assert "asked any publisher for a review" in " ".join(re.sub(r"<[^>]*>", "", hers).split())
    assert "Is it clear?" in hers
    assert address(draft, "send_back") in his and address(draft, "send_back") not in hers


def test_what_came_back_is_in_the_room_on_home_and_in_a_tab_until_it_is_sent_again(ines, tobias):
    draft = article(live_from=None, text={"title": "A Runbook"})
    ask(ines, draft)
    tobias.post(address(draft, "send_back"), {"reason": "Which is it, a list or a story?"})

    tab = reverse("admin:article_list") + "?tab=returned"
    places = [address(draft, "change"), reverse("admin:index"), tab]
    room, home, listed = (ines.get(place).text for place in places)
    assert "Which is it, a list or a story?" in room and "sent this back" in room
    assert "Which is it, a list or a story?" in home
    row = address(draft, "change")
    assert row in listed and row not in tobias.get(tab).text

    ask(ines, draft)

    room, home, listed = (ines.get(place).text for place in places)
    assert "sent this back" not in room and "a list or a story" not in home
    assert row not in listed


@pytest.mark.parametrize("what", ["ask", "approve", "send back"])
def test_each_of_it_is_undone_from_its_message(ines, tobias, what):
    draft = article(live_from=None)
    if what == "ask":
        client, answer = ines, ask(ines, draft)
    else:
        reviewing.submit_for_review(draft, by=user(name="Lea"))
        client = tobias
        sent = {"reason": "Shorter"} if what == "send back" else {"action": "approve"}
        page = "send_back" if what == "send back" else "act"
        answer = client.post(address(draft, page), sent, follow=True)
    [act] = re.findall(r'name="act" value="(\d+)"', answer.text)

    client.post(reverse("admin:undo"), {"act": act})

    states = {"ask": "draft"}
    assert draft.draft().state == states.get(what, "in_review")
    assert Review.objects.filter(verdict__isnull=False).count() == 0
    assert not Message.objects.exists()


def test_asked_twice_at_once_it_is_one_review():
    draft = article(live_from=None)
    for name in ("Ines", "Lea"):
        by = user(name=name)
        doing.each(
            [draft],
            lambda one, act, by=by: reviewing.submit_for_review(one, by=by, act=act),
            by=by,
            at=draft.draft().edited_at,
        )

    [review] = Review.objects.all()
    assert review.asked_by.name == "Lea"
