"""The home page of the desk: for each who signs in what waits, what is due, what is new."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from django.test import Client
from django.utils import timezone

from accounts.roles import AUTHOR, PUBLISHER, SALES
from articles import reviewing
from desk import deadlines
from desk.home import CLUSTER, TOUCHING, Day
from leads.models import Lead, NextStep
from tests import builders
from tests.builders import article, revision, signed_in, user
from web.screens import MAX_ITEMS, Due

pytestmark = pytest.mark.django_db


def headline(client):
    """The sentence that opens the desk."""
    return "".join(part.text for part in client.get("/admin/").context["headline"].parts)


@pytest.mark.parametrize(
    ("waiting", "overdue", "said"),
    [
        (0, 0, "Nobody is waiting for an answer."),
        (1, 0, "One person is waiting for an answer."),
        (1, 1, "One person is waiting for an answer, too long."),
        (3, 0, "Three people are waiting for an answer."),
        (3, 2, "Three people are waiting for an answer, two of them too long."),
        (21, 0, "21 people are waiting for an answer."),
    ],
)
def test_the_desk_opens_with_who_waits_for_sales(client, waiting, overdue, said):
    late = timezone.now() - timedelta(hours=1)
    for number in range(waiting):
        lead = builders.lead(email=f"{number}@example.com")
        if number < overdue:
            Lead.objects.filter(pk=lead.pk).update(respond_by=late)

    assert headline(signed_in(SALES)) == said
    assert headline(signed_in(PUBLISHER)) == "Nothing is waiting for review."
    assert headline(signed_in("")) == "Nothing waits for you."


def home_lists(client):
    """The lists of the desk, each with the titles in it."""
    lists = client.get("/admin/").context["lists"]
    return {one.title: [item.title for item in one.shown] for one in lists}


def test_the_desk_lists_what_waits_for_the_person_and_what_is_nobodys(client):
    lone, mikkel = user(role=SALES, name="Lone"), user(role=SALES, name="Mikkel")
    soon = timezone.now() + timedelta(hours=5)  # on some weekdays a new lead is due far later
    for name, owner in (("Ada", lone), ("Bo", mikkel), ("Cy", None)):
        lead = builders.lead(name=name, email=f"{name}@example.com")
        Lead.objects.filter(pk=lead.pk).update(owner=owner, respond_by=soon)
        NextStep.objects.create(
            lead=lead, text=f"Call {name}", due_on=timezone.localdate(), owner=owner
        )
    client.force_login(lone)

    assert home_lists(client) == {
        "Waiting for me": ["Ada"],
        "Due today": ["Call Ada"],
        "New, no owner yet": ["Cy"],
    }
    page = client.get("/admin/").text
    assert "We need a ledger." in page and "left</span>" in page


def test_the_desk_lists_the_drafts_of_whoever_writes_and_all_that_is_in_review():
    signe, eric = user(role=AUTHOR, name="Signe"), user(role=PUBLISHER, name="Eric")
    own = article(live_from=None)
    revision(own, title="By Signe", by=signe)
    revision(publishing_article := article(live_from=None), title="For review", by=eric)
    reviewing.submit_for_review(publishing_article)
    author, publisher = Client(), Client()
    author.force_login(signe)
    publisher.force_login(eric)

    assert home_lists(author) == {
        "Returned to you": [],
        "Continue writing": ["By Signe"],
        "Sent for review": [],
        "Searches that found nothing": [],
    }
    assert home_lists(publisher) == {
        "Waiting for you": ["For review"],
        "Continue writing": [],
        "Needs care": [],
        "Searches that found nothing": [],
    }


def test_a_list_of_the_desk_shows_a_few_and_leads_to_all():
    sales = signed_in(SALES)
    for number in range(MAX_ITEMS + 1):
        builders.lead(email=f"{number}@example.com")

    page = sales.get("/admin/").text

    assert len(home_lists(sales)["New, no owner yet"]) == MAX_ITEMS
    assert "All of them" in page


def test_the_day_has_a_ball_for_each_answer_that_is_due(time_machine):
    time_machine.move_to("2026-11-30T10:42:00Z", tick=False)
    for name, hour in (("Ada", 9), ("Bo", 11), ("Cy", 17)):
        lead = builders.lead(name=name, email=f"{name}@example.com")
        due = timezone.now().replace(hour=hour, minute=0)
        Lead.objects.filter(pk=lead.pk).update(respond_by=due)

    day = signed_in(SALES).get("/admin/").context["day"]

    assert [ball.due.title for ball in day.balls] == ["Ada", "Bo", "Cy"]
    assert [ball.due.is_late for ball in day.balls] == [True, False, False]
    assert [ball.x for ball in day.balls] == sorted({ball.x for ball in day.balls})
    assert day.summary == "Today: 1 late, 2 due"


def test_what_is_due_at_one_moment_shares_a_ball_that_leads_to_all_of_it():
    noon = [Due(name, f"/{name}/", 720, list_url="/all/") for name in ("Ada", "Grace", "Eve")]

    day = Day.of([*noon, Due("Joan", "/joan/", 900, list_url="/all/")])

    assert [(ball.text, ball.url) for ball in day.balls] == [
        ("Ada and 2 more", "/all/"),
        ("Joan", "/joan/"),
    ]


@pytest.mark.parametrize("minutes", [1, 10, 20, 45])
def test_no_flag_of_the_day_lies_over_another(minutes):
    dues = [Due("Somebody with a name", "/", 500 + minutes * number) for number in range(30)]

    balls = Day.of(dues).balls

    for one, after in pairwise(balls):
        assert after.x - one.x >= CLUSTER or after.top != one.top
        assert after.x - one.x >= TOUCHING
    assert len({(ball.x, ball.top) for ball in balls}) == len(balls) <= 8


def test_the_home_page_costs_the_same_however_much_waits(django_assert_max_num_queries):
    for number in range(10):
        builders.lead(email=f"{number}@example.com", company=f"C{number}")
    sales = signed_in(SALES)
    sales.get("/admin/")

    with django_assert_max_num_queries(15):
        sales.get("/admin/")


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (-3000, "2 days late"),
        (-130, "2 h late"),
        (-24, "24 min late"),
        (0, "1 min late"),
        (35, "35 min left"),
        (79, "1 h 19 left"),
        (7 * 60 + 5, "7 h left"),
        (24 * 60, "tomorrow 10:00"),
        (3 * 24 * 60, "Thu 10:00"),
        (30 * 24 * 60, "30 Dec"),
    ],
)
def test_a_deadline_is_said_in_a_few_words(minutes, said):
    now = datetime(2026, 11, 30, 10, tzinfo=UTC)

    assert deadlines.time_left(now + timedelta(minutes=minutes), now=now) == said


@pytest.mark.parametrize(
    ("days", "said"), [(0, "today"), (-3, "since Fri"), (-18, "since 12 Nov"), (2, "2 Dec")]
)
def test_a_day_that_is_due_says_since_when(days, said):
    today = date(2026, 11, 30)

    assert deadlines.since(today + timedelta(days=days), today=today) == said
