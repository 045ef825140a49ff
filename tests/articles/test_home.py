"""Home for those who write, and for those who publish."""

from datetime import timedelta

import lxml.html
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.roles import AUTHOR, PUBLISHER, SALES
from articles import home, publishing, reviewing
from articles.models import Revision, SearchCount
from tests.builders import article, revision, signed_in, user

pytestmark = pytest.mark.django_db


def at_the_desk(person):
    client = Client()
    client.force_login(person)
    return client


def lists_of(client):
    return {one.title: one for one in client.get("/admin/").context["lists"]}


def headline(client):
    return "".join(part.text for part in client.get("/admin/").context["headline"].parts)


@pytest.mark.parametrize(
    ("html", "line"),
    [
        ("<p>First.</p><p>The bill <em>goes</em> elsewhere.</p>", "The bill goes elsewhere."),
        ("<p>First.</p><p></p><p>  </p>", "First."),
        ("<ul><li><p>One</p></li><li><p>Two</p></li></ul>", "Two"),
        ("<h2>A heading</h2>", "A heading"),
        ("<p>a &amp; b</p>", "a & b"),
        ("", ""),
        (f"<p>{'word ' * 90}end.</p>", None),
    ],
)
def test_the_line_that_an_author_stopped_at_is_the_last_one(html, line):
    said = home.last_line(html)

    if line is None:
        assert said.startswith("…word") and said.endswith("end.") and len(said) <= home.MAX_LINE + 1
    else:
        assert said == line


def test_an_author_finds_the_line_they_stopped_at_and_their_drafts():
    ines = user(role=AUTHOR)
    draft = article(live_from=None)
    revision(draft, title="A loan", body="<p>Once.</p><p>The bill goes elsewhere.</p>", by=ines)
    client = at_the_desk(ines)

    assert headline(client) == "You stopped at “The bill goes elsewhere.”"
    [item] = lists_of(client)["Continue writing"].items
    assert (item.title, item.words, item.about) == (
        "A loan",
        "The bill goes elsewhere.",
        "5 words",
    )


def test_an_author_finds_what_came_back_with_the_reason_until_it_is_submitted_again():
    ines, tobias = user(role=AUTHOR), user(role=PUBLISHER, name="Tobias")
    draft = article(live_from=None)
    reviewing.submit_for_review(draft, by=ines)
    client = at_the_desk(ines)
    assert len(lists_of(client)["Sent for review"].items) == 1

    reviewing.send_back(draft, "The third section promises a list.", by=tobias)
    [item] = lists_of(client)["Returned to you"].items
    assert item.words == "The third section promises a list."
    assert item.about == "Tobias sent it back"
    revision(draft, title="With a list", by=ines)
    assert len(lists_of(client)["Returned to you"].items) == 1
    reviewing.submit_for_review(draft, by=ines)

    assert not lists_of(client)["Returned to you"].items


@pytest.mark.parametrize("role", [AUTHOR, PUBLISHER])
def test_searches_that_found_nothing_are_told_to_those_who_write(role):
    today = timezone.localdate()
    for query, day, count, results in (
        ("webhook signature", today, 31, 0),
        ("webhook signature", today - timedelta(days=3), 2, 0),
        ("queues", today, 50, 4),
        ("answered since", today - timedelta(days=9), 9, 0),
        ("answered since", today, 1, 2),
        ("long ago", today - timedelta(days=60), 70, 0),
    ):
        SearchCount.objects.create(query=query, day=day, count=count, results=results)

    found = lists_of(signed_in(role))["Searches that found nothing"].items

    assert [(one.title, one.moment) for one in found] == [("webhook signature", "33 times")]


def test_a_publisher_approves_on_the_home_page_and_takes_it_back():
    tobias, ines = user(role=PUBLISHER, name="Tobias"), user(role=AUTHOR, name="Ines")
    draft = article(live_from=None, text={"title": "Runbooks"})
    due = timezone.localdate() + timedelta(days=1)
    reviewing.submit_for_review(draft, by=ines, of=tobias, due_on=due, note="Is it clear?")
    client = at_the_desk(tobias)
    assert headline(client) == "One article waits for you."

    page = lxml.html.fromstring(client.get("/admin/").content)
    [form] = page.xpath("//form[button[normalize-space()='Approve']]")
    sent = {name: value for name, value in form.form_values() if name != "csrfmiddlewaretoken"}
    client.post(form.get("action"), sent)

    assert reviewing.is_approved(draft.draft())
    assert not lists_of(client)["Waiting for you"].items
    care = lists_of(client)["Needs care"].items
    assert [(one.title, one.about) for one in care] == [("Runbooks", "Approved, and not published")]
    [number] = lxml.html.fromstring(client.get("/admin/").content).xpath("//input[@name='act']")
    client.post(reverse("admin:undo"), {"act": number.get("value")})
    assert draft.draft().state == Revision.State.IN_REVIEW


def test_what_waits_for_a_colleague_is_not_in_my_way():
    tobias, lea = user(role=PUBLISHER), user(role=PUBLISHER)
    reviewing.submit_for_review(article(live_from=None), by=user(), of=lea)

    assert headline(at_the_desk(tobias)) == "Nothing is waiting for review."
    assert headline(at_the_desk(lea)) == "One article waits for you."


def test_what_needs_care_is_told_to_publishers():
    today = timezone.localdate()
    article(
        live_from=None, planned_for=today - timedelta(days=1), text={"title": "Planned, a draft"}
    )
    article(live_from=-timedelta(days=600), text={"title": "Old"})
    article(text={"title": "Fine"})
    publishing.unpublish(article(live_from=-timedelta(days=600)), at=timezone.now())

    items = lists_of(signed_in(PUBLISHER))["Needs care"].items

    assert [one.title for one in items] == ["Planned, a draft", "Old"]


def test_the_week_stands_on_the_home_of_publishers_alone():
    article(live_from=timedelta(hours=1), text={"title": "Soon"})

    assert "Soon" in signed_in(PUBLISHER).get("/admin/").text
    assert "The next seven days" not in signed_in(AUTHOR).get("/admin/").text
    assert "The next seven days" not in signed_in(SALES).get("/admin/").text


def test_home_costs_the_same_however_much_waits(django_assert_max_num_queries):
    ines, publisher = user(role=AUTHOR), signed_in(PUBLISHER)
    for _ in range(10):
        reviewing.submit_for_review(article(live_from=None), by=ines)
    publisher.get("/admin/")

    with django_assert_max_num_queries(20):
        publisher.get("/admin/")
