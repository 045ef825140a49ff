"""Spam by week: what was held and marked, where people decided otherwise, and by which signs."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from lxml.html import fromstring

from leads.insight import spam_weeks
from leads.intake import receiving, spam_marks
from leads.models import Inquiry
from leads.spam.weighing import Sign
from tests import builders
from tests.builders import DOUBT, SPAM

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("worker_at_hand")]

CLEAR = [Sign(1, "A price or percentage."), Sign(-2, "Engineering terms: “queue”.")]


@pytest.fixture
def lone():
    return builders.user(role="Sales", name="Lone")


@pytest.fixture
def sales():
    return builders.signed_in("Sales")


def receive(number=0, *, signs=(), ago=timedelta(0)) -> Inquiry:
    return receiving.receive(
        Inquiry(
            name=f"Writer {number}",
            email=f"writer{number}@firm{number}.example",
            message=f"Number {number}",
            received_at=timezone.now() - ago,
        ),
        signs=signs,
    )


def address(which=""):
    return reverse(f"admin:leads_inquiry_{which or 'spam_weeks'}")


def this_week() -> spam_weeks.Week:
    return spam_weeks.weeks(timezone.now()).weeks[0]


def test_an_inquiry_is_counted_as_it_was_weighed_whatever_people_decide_later(lone):
    held, marked = receive(1, signs=SPAM), receive(2, signs=DOUBT)
    receive(3, signs=CLEAR)
    before = this_week()

    receiving.mark_not_spam(held, by=lone, at=timezone.now())
    spam_marks.mark(marked, by=lone, at=timezone.now())

    for week in (before, this_week()):
        assert (week.came, week.held, week.marked, week.clear) == (3, 1, 1, 1)


@pytest.mark.parametrize("signs", [SPAM, DOUBT])
def test_what_was_held_or_marked_and_is_found_to_be_real_is_wronged(lone, signs):
    inquiry = receive(1, signs=signs)
    assert this_week().wronged == 0

    receiving.mark_not_spam(inquiry, by=lone, at=timezone.now())

    assert this_week().wronged == 1


def test_an_answer_or_a_kind_finds_a_marked_inquiry_to_be_real(lone):
    for number in (1, 2):
        receive(number, signs=DOUBT)
    first, second = Inquiry.objects.order_by("pk")
    first.lead.answers.create(by=lone, at=timezone.now()).inquiries.add(first)
    assert this_week().wronged == 1

    second.lead.answers.create(by=lone, at=timezone.now()).inquiries.add(second)

    assert this_week().wronged == 2


def test_what_was_let_through_and_is_marked_as_spam_is_missed_until_that_is_undone(lone):
    inquiry = receive(1, signs=CLEAR)
    spam_marks.mark(inquiry, by=lone, at=timezone.now())
    spam_marks.mark(receive(2, signs=SPAM), by=lone, at=timezone.now())
    assert this_week().missed == 1

    spam_marks.unmark(inquiry, by=lone, at=timezone.now())

    assert this_week().missed == 0


def test_the_signs_that_misled_are_named_without_what_was_found(lone):
    missed = receive(1, signs=CLEAR)
    spam_marks.mark(missed, by=lone, at=timezone.now())
    signs = [Sign(4, "Gambling: “online: casino”, “a (b)”."), Sign(-1, "A phone number.")]
    receiving.mark_not_spam(receive(2, signs=signs), by=lone, at=timezone.now())

    counts = spam_weeks.weeks(timezone.now()).signs

    assert [(one.sign, one.wronged, one.missed) for one in counts] == [
        ("Engineering terms", 0, 1),
        ("Gambling", 1, 0),
    ]


def test_weeks_begin_on_monday_in_the_readers_zone_and_end_where_spam_is_deleted():
    sunday_evening = datetime(2030, 6, 2, 23, 30, tzinfo=UTC)

    with timezone.override("Asia/Tokyo"):
        found = spam_weeks.weeks(sunday_evening)
    with timezone.override("UTC"):
        there = spam_weeks.weeks(sunday_evening)

    assert str(found.weeks[0].monday) == "2030-06-03"
    assert str(there.weeks[0].monday) == "2030-05-27"
    assert len(found.weeks) == 12


class TestThePage:
    def fill(self, lone):
        spam_marks.mark(receive(1, signs=CLEAR), by=lone, at=timezone.now())
        receiving.mark_not_spam(receive(2, signs=SPAM), by=lone, at=timezone.now())
        receive(3, signs=DOUBT)
        receive(4, signs=SPAM)
        receive(5)
        receive(6, ago=timedelta(weeks=2))

    def test_each_count_leads_to_its_rows(self, lone, sales):
        self.fill(lone)
        page = fromstring(sales.get(address()).content)
        counted = {}

        for cell in page.xpath("//table[contains(@class, 'spam-weeks')]/tbody[1]/tr[1]/td[a]"):
            [link] = cell.xpath("a")
            rows = fromstring(sales.get(link.get("href")).content)
            names = rows.xpath("//*[@id='result_list']/tbody//th//a/text()")
            counted[cell.get("data-label")] = sorted(name.split()[-1] for name in names)
            assert len(names) == int(link.text)

        assert counted == {
            "Came": ["1", "2", "3", "4", "5"],
            "Held": ["2", "4"],
            "May be spam": ["3"],
            "Of these, real": ["2"],
            "Let through, but spam": ["1"],
        }

    def test_bars_are_drawn_to_one_scale(self, lone, sales):
        self.fill(lone)

        [week, *_] = fromstring(sales.get(address()).content).xpath("//svg[@class='stack']")

        assert week.get("viewbox") == "0 0 5 10"
        assert [(bar.get("x"), bar.get("width")) for bar in week] == [
            (None, "2"),
            ("2", "1"),
            ("3", "2"),
        ]

    def test_it_is_linked_from_the_list_and_says_when_there_is_nothing(self, sales):
        assert address() in sales.get(address("changelist")).content.decode()
        assert "No inquiry has come" in sales.get(address()).content.decode()

    def test_queries_do_not_grow_with_the_rows(self, lone, sales, django_assert_max_num_queries):
        self.fill(lone)

        with django_assert_max_num_queries(10):
            sales.get(address())

    @pytest.mark.parametrize(("role", "status"), [("Sales", 200), ("Author", 403)])
    def test_it_is_for_those_who_may_see_inquiries(self, role, status):
        assert builders.signed_in(role).get(address()).status_code == status


def test_reasons_are_kept_of_clear_inquiries_too():
    inquiry = receive(1, signs=CLEAR)

    assert inquiry.verdict == Inquiry.Verdict.CLEAR and inquiry.points == -1
    assert all(re.search(r"\([+-]\d\)$", reason) for reason in inquiry.reasons)
