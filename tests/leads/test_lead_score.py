"""The score of a lead: within its bounds, never lowered by a better result, each line explained."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.pipeline.score import NO_ASSESSMENT, RANKS, READINESS, START, TEAM, WANTED, CameTo, Known
from leads.pipeline.score import score as score_of
from readiness.forms import WishesForm

WORST_FIRST = sorted(RANKS, key=RANKS.__getitem__)

totals = st.floats(0, 100)
results = st.builds(CameTo, st.sampled_from(WORST_FIRST) | st.text(), st.text(), totals)
known = st.builds(
    Known,
    address=st.text() | st.sampled_from(["a@gmail.com", "a@firm.example"]),
    company=st.text(),
    inquiries=st.integers(0, 50),
    suspected_inquiries=st.integers(0, 50),
    longest_message=st.integers(0, 10_000),
    read_an_article=st.booleans(),
    wanted=st.text() | st.sampled_from(list(WANTED)),
    start=st.text() | st.sampled_from(list(START)),
    team=st.text() | st.sampled_from(list(TEAM)),
    readiness=st.none() | results,
)


@given(known)
def test_it_is_within_0_and_100_and_every_line_says_why(lead):
    score = score_of(lead)

    assert 0 <= score.total <= 100
    for line in score.lines:
        assert line.reason and line.part and line.label
        assert line.points <= line.most


@given(known, totals, st.data())
def test_a_better_result_never_lowers_it(lead, total, data):
    worse = data.draw(st.integers(0, 4))
    better = data.draw(st.integers(worse, 4))

    def with_result(place):
        return score_of(replace(lead, readiness=CameTo(WORST_FIRST[place], "", total))).total

    assert with_result(worse) <= with_result(better)


@given(known, totals, totals)
def test_of_results_it_does_not_know_a_higher_total_never_lowers_it(lead, one, other):
    def with_total(total):
        return score_of(replace(lead, readiness=CameTo("splendid", "", total))).total

    assert with_total(min(one, other)) <= with_total(max(one, other))


def points(lead, label):
    [line] = [line for line in score_of(lead).lines if line.label == label]
    return line.points, line.reason


ADA = Known(address="ada@firm.example")


def test_without_an_assessment_it_says_so_and_stands_in_the_middle():
    few, reason = points(ADA, "Result")

    assert few == NO_ASSESSMENT
    assert reason.startswith("No assessment")
    assert READINESS["not_yet"] < few < READINESS["ready"]


@pytest.mark.parametrize(
    ("total", "counts_as"),
    [(100, "ready"), (75, "ready"), (74.9, "pilot"), (50, "pilot"), (25, "foundations"),
     (24.9, "not_yet"), (0, "not_yet")],
)  # fmt: skip
def test_a_result_of_a_later_version_counts_by_its_total(total, counts_as):
    few, reason = points(replace(ADA, readiness=CameTo("splendid", "Splendid", total)), "Result")

    assert few == READINESS[counts_as]
    assert reason.startswith("Splendid")


@pytest.mark.parametrize(("held", "few"), [(0, 0), (1, -5), (2, -15)])
def test_what_was_held_back_costs_something(held, few):
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
        wanted="One bounded project",
        start="Within a month",
        team="6 to 20",
        readiness=CameTo("ready", "Ready", 100),
    )

    assert score_of(best).total == sum(line.most for line in score_of(best).lines) == 100
