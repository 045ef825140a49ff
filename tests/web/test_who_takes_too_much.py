"""Limits where visitors meet them: what is counted, what a refusal says, and whom it spares."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from lxml.html import fromstring

from devtools.processes import free_port
from leads.models import Inquiry
from readiness import taking
from readiness.models import Assessment
from redirects.models import MissingPage
from tests.builders import question_set as published
from web import limits

pytestmark = pytest.mark.django_db

ADA = {"name": "Ada", "email": "ada@example.com", "company": "Engines & Co",
       "message": "We need a <ledger>."}  # fmt: skip
HERE, THERE = Client(REMOTE_ADDR="203.0.113.9"), Client(REMOTE_ADDR="203.0.113.10")
CONTACT, BRIEF = "/contact/", "/contact/brief/"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(datetime(2026, 11, 30, 12, tzinfo=UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
def question_set(db):
    return published()


def send(client, times, path=CONTACT, **fields):
    return [client.post(path, ADA | fields) for _ in range(times)]


def spend_all_work(address="203.0.113.9"):
    limits.WORK.add(address, limits.WORK.most)


def is_filled(response):
    page = fromstring(response.text)
    values = {field.name: field.value for field in page.iter("input", "textarea") if field.name}
    return all(values[name].strip() == words for name, words in ADA.items())


def test_a_burst_of_60_meets_429_and_the_next_address_is_not_hit():
    statuses = [answer.status_code for answer in send(HERE, 60)]

    assert statuses == [302] * 30 + [429] * 30
    assert send(THERE, 1)[0].status_code == 302


def test_a_made_up_header_takes_nobody_past_it():
    send(HERE, 30)

    for spoofed in ("198.51.100.1", "127.0.0.1", "::1"):
        assert HERE.post(CONTACT, ADA, HTTP_X_FORWARDED_FOR=spoofed).status_code == 429


def test_addresses_of_one_64_are_one_visitor():
    for number in range(30):
        send(Client(REMOTE_ADDR=f"2001:db8:1:2::{number:x}"), 1)

    assert send(Client(REMOTE_ADDR="2001:db8:1:2:ffff::1"), 1)[0].status_code == 429
    assert send(Client(REMOTE_ADDR="2001:db8:1:3::1"), 1)[0].status_code == 302


def test_a_day_has_a_limit_of_its_own(clock):
    for _ in range(12):
        send(HERE, 30)
        clock.shift(1200)

    assert Inquiry.objects.count() <= 100


@pytest.mark.parametrize("path", [CONTACT, BRIEF])
def test_what_was_typed_comes_back_with_what_to_do(path):
    send(HERE, 30, path)

    [answer] = send(HERE, 1, path)

    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert "no-store" in answer["Cache-Control"]
    assert "Not sent yet" in answer.text and "Please try again in 11 minutes." in answer.text
    assert is_filled(answer)


def test_whoever_goes_on_gets_a_page_that_costs_next_to_nothing(django_assert_num_queries):
    send(HERE, 50)

    with django_assert_num_queries(0):
        [answer] = send(HERE, 1)

    assert answer.status_code == 429
    assert "go back in your browser" in answer.text


def test_a_refused_inquiry_is_taken_when_the_time_is_up(clock):
    send(HERE, 30)
    [refused] = send(HERE, 1)

    clock.shift(int(refused["Retry-After"]))

    assert send(HERE, 1)[0].status_code == 302


def test_looking_over_briefs_is_counted_by_what_it_costs():
    answers = [HERE.post(BRIEF, {"do": "look", "context": "By May, etc."}) for _ in range(320)]

    statuses = [answer.status_code for answer in answers]
    assert statuses[:200] == [200] * 200
    assert statuses[-1] == 429


def test_a_brief_that_is_not_looked_over_comes_back_as_it_was():
    spend_all_work()

    answer = HERE.post(BRIEF, {"do": "look", "title": "A ledger", "context": "By <May>, etc."})

    assert answer.status_code == 429


@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize(
    "path", ["/articles/search/?q=ledger", "/nowhere/", "/readiness/1/", "/readiness/result/x/pdf/"]
)
def test_what_costs_us_something_is_refused_to_whoever_has_taken_too_much(path, method):
    before = getattr(HERE, method)(path).status_code
    spend_all_work()

    answer = getattr(HERE, method)(path)

    assert before != 429
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert getattr(THERE, method)(path).status_code == before


def test_a_missing_page_that_is_refused_is_not_counted():
    spend_all_work()
    HERE.get("/nowhere/")

    assert not MissingPage.objects.exists()


def test_the_dearest_of_them_is_counted_as_such(question_set):
    assessment, key = taking.begin(question_set)
    taking.save(assessment, answers=dict.fromkeys(question_set.questions, 2))
    taking.finish(assessment)
    limits.WORK.add("203.0.113.9", limits.WORK.most - 50)

    args = [taking.result_key(key)]

    assert HERE.get(reverse("readiness:pdf", args=args)).status_code == 429
    assert HERE.get(reverse("readiness:result", args=args)).status_code == 200


def test_assessments_that_nobody_goes_on_with_are_limited(question_set):
    answers = {f"q-{letter}": "2" for letter in question_set.questions}
    begun = {"version": question_set.number, "back": "1", **answers}

    statuses = [Client(REMOTE_ADDR="203.0.113.9").post("/readiness/1/", begun).status_code
                for _ in range(60)]  # fmt: skip

    assert statuses == [302] * 40 + [429] * 20
    assert Assessment.objects.count() == 40
    assert THERE.post("/readiness/1/", begun).status_code == 302


def test_pages_are_made_for_nobody_who_has_had_too_many_made_but_he_can_write_to_us():
    limits.PAGES.add("203.0.113.9", limits.PAGES.most)

    assert HERE.get("/services/").status_code == 429
    assert THERE.get("/services/").status_code == 200
    assert HERE.get("/admin/login/").status_code == 200
    assert HERE.get("/healthz").status_code == 200
    assert send(HERE, 1)[0].status_code == 302


def test_what_is_read_is_counted_by_the_time_it_takes(monkeypatch):
    HERE.get("/services/")

    assert 0 < limits.PAGES.most - room(limits.PAGES) < 5_000


def room(limit, who="203.0.113.9"):
    """How much it may still spend."""
    fits, fits_not = 0, limit.most + 1
    while fits_not - fits > 1:
        middle = (fits + fits_not) // 2
        fits, fits_not = (fits, middle) if limit.wait(who, middle) else (middle, fits_not)
    return fits


def test_without_a_cache_inquiries_are_taken_and_everything_is_read(settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": f"redis://127.0.0.1:{free_port()}/0",
        }
    }

    assert [answer.status_code for answer in send(HERE, 40)] == [302] * 40
    assert HERE.get("/articles/search/?q=ledger").status_code == 200
    assert HERE.get("/nowhere/").status_code == 404
