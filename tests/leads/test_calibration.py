"""What became of leads, by the result they had when they closed."""

import csv
import io
from datetime import timedelta

import lxml.html
import pytest
from django.urls import reverse
from django.utils import timezone

from leads.insight import calibration
from leads.insight.calibration import Share, is_less, wilson
from leads.intake import receiving
from leads.models import Inquiry, InquiryAssessment
from leads.pipeline import moves
from privacy import erasing
from privacy.collecting import collect
from readiness import publishing
from readiness.models import QuestionSet
from tests.builders import assessment, closed_lead, second_question_set, user

pytestmark = pytest.mark.django_db

PAGE = reverse("admin:leads_lead_calibration")
FILE = reverse("admin:leads_lead_calibration_csv")
LAST_WEEK = timezone.now() - timedelta(days=7)


@pytest.fixture(autouse=True)
def published(question_set):
    return question_set


@pytest.fixture
def sales(client):
    client.force_login(user(role="Sales"))
    return client


def close(times, *, answers, won, of=None, **fields):
    for place in range(times):
        taken = assessment(answers=answers, at=LAST_WEEK, of=of)
        closed_lead(won=place < won, taken=[taken], **fields)


def groups(found):
    return {group.key: (group.won, group.closed) for group in found.groups if group.closed}


def said(answer):
    return " ".join(lxml.html.fromstring(answer.text).text_content().split())


# What counts


def test_a_closed_lead_counts_with_its_result():
    close(3, answers=3, won=2)
    close(2, answers=1, won=0)

    found = calibration.calibration()

    assert groups(found) == {"ready": (2, 3), "foundations": (0, 2)}
    assert (found.together.won, found.together.closed) == (2, 5)


def test_an_open_lead_does_not_count():
    inquiry = receiving.receive(Inquiry(name="Ada", email="ada@example.com", message="Hello."))
    InquiryAssessment.objects.create(inquiry=inquiry, assessment=assessment())

    assert calibration.calibration().is_empty


def test_of_several_assessments_the_latest_before_the_closing_counts():
    taken = [
        assessment(answers=1, at=LAST_WEEK - timedelta(days=1)),
        assessment(answers=3, at=LAST_WEEK),
        assessment(answers=0, at=LAST_WEEK + timedelta(days=2)),
        assessment(answers=0, until=4, at=LAST_WEEK - timedelta(hours=1)),
    ]
    closed_lead(taken=taken, at=LAST_WEEK + timedelta(days=1))

    assert groups(calibration.calibration()) == {"ready": (1, 1)}


def test_an_assessment_taken_after_the_closing_is_none():
    closed_lead(taken=[assessment(answers=3)], at=LAST_WEEK)

    found = calibration.calibration()

    assert groups(found) == {}
    assert found.without.closed == 1


def test_a_lead_without_an_assessment_is_there_to_compare_with():
    close(1, answers=3, won=1)
    closed_lead(won=False)

    found = calibration.calibration()

    assert (found.together.closed, found.without.closed) == (1, 1)


def test_versions_count_apart_and_together_by_the_results_key(published):
    close(2, answers=3, won=2)
    second = second_question_set()
    close(3, answers=3, won=1)

    assert groups(calibration.calibration(published)) == {"ready": (2, 2)}
    assert groups(calibration.calibration(second)) == {"ready": (1, 3)}
    assert groups(calibration.calibration()) == {"ready": (3, 5)}


def test_who_is_forgotten_does_not_count():
    close(1, answers=3, won=1)
    [inquiry] = Inquiry.objects.all()

    erasing.erase(collect([inquiry.email]), by=user(role="Administrator"))

    assert calibration.calibration().is_empty


def test_results_stand_in_the_order_of_their_points_and_those_nobody_had_are_last():
    close(1, answers=0, won=1)
    close(1, answers=3, won=1)
    close(1, answers=2, won=1)

    found = [group.key for group in calibration.calibration().groups]

    assert found[:3] == ["ready", "pilot", "not_yet"]
    assert len(found) == 5


def test_amounts_in_different_currencies_are_never_added():
    for value in [1, 2, 30]:
        closed_lead(taken=[assessment(answers=3, at=LAST_WEEK)], value=value)
    closed_lead(taken=[assessment(answers=3, at=LAST_WEEK)], value=500, currency="USD")
    closed_lead(taken=[assessment(answers=3, at=LAST_WEEK)], value=None)
    closed_lead(taken=[assessment(answers=3, at=LAST_WEEK)], value=7000, won=False)

    [ready, *_] = calibration.calibration().groups

    assert [(one.currency, one.count, one.median, one.total) for one in ready.values] == [
        ("EUR", 3, 2, 33),
        ("USD", 1, 500, 500),
    ]


def test_it_costs_the_same_however_many_there_are(django_assert_num_queries):
    close(12, answers=3, won=4)
    closed_lead()

    with django_assert_num_queries(2):
        calibration.calibration()


# How sure one can be


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [  # Newcombe (1998), Statistics in Medicine 17, 857-872, table I: method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_range_of_a_share_is_wilsons(part, whole, low, high):
    assert wilson(part, whole) == pytest.approx((low, high), abs=0.0001)


def test_of_nothing_every_share_is_possible():
    assert wilson(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("one", "other", "is_it"),
    [
        ((2, 20), (16, 20), True),
        ((16, 20), (2, 20), False),
        ((9, 20), (11, 20), False),
        ((0, 5), (5, 5), True),
        ((0, 0), (5, 5), False),
        ((5, 10), (5, 10), False),
    ],
)
def test_a_share_is_less_only_when_chance_explains_it_badly(one, other, is_it):
    assert is_less(Share(*one), Share(*other)) is is_it


def test_a_result_that_does_worse_than_a_lower_one_is_named_once_there_is_enough():
    close(20, answers=3, won=2)
    close(19, answers=1, won=15)
    assert calibration.calibration().remarks == []
    close(1, answers=1, won=1)

    assert calibration.calibration().remarks == [
        "“Ready” does worse than “Foundations first”, which has fewer points: 10% of its leads "
        "were won, compared with 80%."
    ]


# The page


def test_before_anything_is_closed_the_page_says_what_will_appear(sales):
    page = said(sales.get(PAGE))

    assert "40 more closed leads with an assessment are needed" in page
    assert "Once at least 5 leads with the same result" in page
    assert "Nobody has started this version yet." in page


def test_too_few_have_neither_a_share_nor_a_value(sales):
    close(3, answers=3, won=2, value=777)

    page = said(sales.get(PAGE))

    assert "too few yet (3 of 5)" in page
    assert "37 more closed leads" in page
    assert "777" not in page and "67%" not in page and "2 of 3" not in page


def test_a_value_of_few_is_hidden_though_the_share_is_shown(sales):
    close(5, answers=3, won=2, value=777)

    page = said(sales.get(PAGE))

    assert "2 of 5" in page and "40% 12 to 77%" in page
    assert "EUR too few yet (2 of 5)" in page
    assert "777" not in page


def test_enough_are_shown_with_their_value_and_the_range_of_the_share(sales):
    close(40, answers=3, won=10, value=1200)

    page = said(sales.get(PAGE))

    assert "10 of 40 25% 14 to 40%" in page
    assert "EUR 1,200 median of 10, 12,000 in all" in page
    assert "are needed" not in page
    assert "No result does worse than one with fewer points" in page


def test_the_page_is_about_the_version_that_was_chosen(sales):
    close(5, answers=3, won=5)
    second_question_set()
    close(6, answers=3, won=0)

    page = sales.get(PAGE, {"version": "1"})

    assert "5 of 5" in said(page) and "0 of 6" not in said(page)
    assert "Answers to Question set 1" in said(page)
    assert f"{FILE}?version=1" in page.text
    assert "5 of 11" in said(sales.get(PAGE))


@pytest.mark.parametrize("version", ["99", "x", "-1", "9" * 40, "1,2"])
def test_a_version_that_is_not_there_gets_a_sentence(sales, version):
    page = sales.get(PAGE, {"version": version})

    assert page.status_code == 200
    assert "There is no such version. All versions are shown." in said(page)
    assert sales.get(FILE, {"version": version}).url.startswith(f"{PAGE}?version=")


def test_a_draft_is_no_version_to_be_chosen(sales):
    QuestionSet.objects.create(number=2)

    assert "There is no such version" in said(sales.get(PAGE, {"version": "2"}))


def test_the_list_of_leads_leads_to_it(sales):
    assert PAGE in sales.get(reverse("admin:leads_lead_changelist")).text


@pytest.mark.parametrize("role", ["Author", "Publisher"])
def test_who_may_not_see_leads_sees_neither_page_nor_file(client, role):
    client.force_login(user(role=role))

    assert client.get(PAGE).status_code == 403
    assert client.get(FILE).status_code == 403


# The file


def test_the_file_is_the_table(sales):
    close(6, answers=3, won=5, value=100)
    close(2, answers=1, won=2, value=777)

    answer = sales.get(FILE)

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert 'filename="calibration.csv"' in answer.headers["Content-Disposition"]
    table = list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    found = {row["result"]: row for row in table}
    assert list(found["Ready"].values()) == [
        "Ready", "6", "5", "83", "44", "97", "EUR", "5", "100.00", "500.00",
    ]  # fmt: skip
    assert found["Foundations first"]["won"] == "too few yet (2 of 5)"
    assert found["With an assessment"]["closed"] == "8"
    assert found["No assessment"]["won"] == "too few yet (0 of 5)"
    assert not any("777" in cell for row in table for cell in row.values())


def test_the_name_of_a_result_is_no_formula(sales):
    draft = publishing.draft()
    draft.results.filter(key="ready").update(name='=HYPERLINK("http://evil.example")')
    publishing.publish(draft, at=timezone.now())
    close(1, answers=3, won=1, of=draft)

    assert b"'=HYPERLINK" in sales.get(FILE, {"version": "2"}).getvalue()


def test_amounts_have_the_digits_of_their_currency(sales):
    for currency in ("KWD", "JPY"):
        for _ in range(5):
            lead = closed_lead(taken=[assessment(answers=3, at=LAST_WEEK)], value=1)
            moves.revise(lead, {"currency": currency}, by=None, at=timezone.now())

    file = sales.get(FILE).getvalue().decode()

    assert "KWD,5,1.000,5.000" in file.replace('"', "")
    assert "JPY,5,1,5" in file.replace('"', "")
