"""Slow statements: told with the page that asked them, and without what they asked for."""

import json

import pytest
from django.contrib.auth import get_user_model
from django.db import connection

from leads.messages.tasks import notify_about_inquiry
from leads.models import Inquiry
from mail.models import Message
from web import queries
from web.metrics.shared import numbers

pytestmark = pytest.mark.django_db

WORDS = "my husband is ill"


@pytest.fixture
def everything_is_slow(settings):
    settings.SLOW_QUERY_SECONDS = 0.0


def slow(json_log):
    return [line for line in json_log() if line["event"].startswith("Slow query")]


def test_a_slow_statement_is_told_with_its_page_its_request_and_how_long_it_took(
    client, json_log, everything_is_slow
):
    client.get("/offices/", headers={"x-request-id": "0123456789abcdef0123456789abcdef"})

    [line, *_] = slow(json_log)
    [request] = [line for line in json_log() if line["logger"] == "web.request_lines"]
    assert (line["level"], line["logger"], line["route"]) == (
        "warning",
        "web.queries",
        "offices:list",
    )
    assert line["request_id"] == request["request_id"]
    assert line["ms"] >= 0
    assert "SELECT" in line["event"]


def test_it_quotes_nobody(client, json_log, everything_is_slow):
    inquiry = {"name": "Zora", "email": "zora@quill.example", "message": WORDS}
    client.post("/contact/", inquiry)
    client.get("/articles/search/", {"q": WORDS})
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT '{WORDS}, it''s so', 1")

    said = json.dumps([slow(json_log), list(numbers.total())], ensure_ascii=False)
    assert Inquiry.objects.count() == 1 and "INSERT INTO" in said and "SELECT '…', 1" in said
    assert "Zora" not in said and "quill" not in said and "husband" not in said


def test_a_long_list_of_columns_does_not_hide_what_is_asked_for(json_log, everything_is_slow):
    list(Inquiry.objects.filter(company="Analytical Engines"))

    [line] = slow(json_log)
    assert 'SELECT … FROM "leads_inquiry" WHERE "leads_inquiry"."company" = %s' in line["event"]


def test_what_is_quick_is_not_told(client, json_log, settings):
    settings.SLOW_QUERY_SECONDS = float("inf")

    client.get("/offices/")

    assert slow(json_log) == []


def test_a_statement_that_fails_slowly_is_told_as_well(json_log, everything_is_slow):
    with pytest.raises(Exception), connection.cursor() as cursor:  # noqa: B017, PT011
        cursor.execute("SELECT nothing FROM nowhere")

    [line] = slow(json_log)
    assert "nowhere" in line["event"] and line["route"] == "none"


def test_a_slow_statement_of_a_task_is_told_with_the_task(
    json_log, everything_is_slow, worker_at_hand
):
    notify_about_inquiry.delay(999_999)

    assert {line["route"] for line in slow(json_log)} == {notify_about_inquiry.name}


def test_slow_statements_are_counted(everything_is_slow):
    before = numbers.slot('site_slow_queries_total{route="none"}')[0]

    Message.objects.count()

    assert numbers.slot('site_slow_queries_total{route="none"}')[0] == before + 1


def test_the_line_of_a_request_says_how_many_statements_it_took(client, json_log):
    client.get("/offices/")

    [line] = [line for line in json_log() if line["logger"] == "web.request_lines"]
    assert line["queries"] > 0
    assert 0 <= line["db_ms"] <= line["ms"]


def test_what_two_requests_ask_is_counted_apart():
    with queries.watched("a") as first:
        Message.objects.count()
    with queries.watched("b") as second:
        Message.objects.count()
        get_user_model().objects.count()

    assert (first.queries, second.queries) == (1, 2)
