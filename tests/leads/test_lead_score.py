"""The score of a lead: within its bounds, never lowered by a better result, each line explained."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.score import NO_ASSESSMENT, RANKS, START, TEAM, WANTED, Known, Result
from leads.score import score as score_of
from readiness.forms import WishesForm

results = st.builds(Result, st.text(), st.text(), st.floats(0, 100), st.integers(0, len(RANKS) - 1))
known = st.builds(
    Known,
    address=st.text() | st.sampled_from(["a@gmail.com", "a@firm.example"]),
    company=st.text(),
    inquiries=st.integers(0, 50),
    suspected_inquiries=st.integers(0, 50),
    longest_message=st.integers(0, 10_000),
    read_an_article=st.booleans(),
    wanted=st.sampled_from(["", *WANTED]),
    start=st.sampled_from(["", *START]),
    team=st.sampled_from(["", *TEAM]),
    readiness=st.none() | results,
)


@given(known)
def test_it_is_within_0_and_100_and_every_line_says_why(lead):
    score = score_of(lead)

    assert 0 <= score.total <= 100
    for line in score.lines:
        assert line.reason and line.part and line.label
        assert line.points <= line.most


@given(known, results)
def test_a_better_result_never_lowers_it(lead, result):
    each = [replace(result, rank=rank) for rank in range(len(RANKS))]
    totals = [score_of(replace(lead, readiness=one)).total for one in each]

    assert totals == sorted(totals)


def points(lead, label):
    [line] = [line for line in score_of(lead).lines if line.label == label]
    return line.points, line.reason


ADA = Known(address="ada@firm.example")


def test_without_an_assessment_it_says_so_and_stands_in_the_middle():
    few, reason = points(ADA, "Result")

    assert few == NO_ASSESSMENT
    assert reason.startswith("No assessment")
    assert RANKS[0].points < few < RANKS[-1].points


@pytest.mark.parametrize(("held", "few"), [(0, 0), (1, -5), (2, -15)])
def test_what_was_suspected_costs_something(held, few):
    assert points(replace(ADA, inquiries=2, suspected_inquiries=held), "Suspected")[0] == few


def test_free_mail_is_no_address_of_a_firm():
    assert points(replace(ADA, address="Ada@GMail.com"), "Address")[0] == 0
    assert points(ADA, "Address")[0] == 10


def test_every_wish_that_can_be_chosen_has_its_points():
    for name, table in {"wanted": WANTED, "start": START, "team": TEAM}.items():
        offered = {words for words, _ in WishesForm.base_fields[name].choices}
        assert offered == table.keys()


def test_all_that_speaks_for_a_lead_is_a_hundred():
    best = Known(
        address="ada@firm.example",
        company="Engines",
        inquiries=2,
        longest_message=600,
        read_an_article=True,
        wanted="project",
        start="month",
        team="up_to_20",
        readiness=Result("ready", "Ready", 100, len(RANKS) - 1),
    )

    assert score_of(best).total == sum(line.most for line in score_of(best).lines) == 100
