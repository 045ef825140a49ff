"""What answers amount to: properties of any question set, and the examples of the first one."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness import scoring
from readiness.models import QuestionSet
from readiness.scoring import Condition, Item, Rubric, Scale

KEYS = ["A1", "A2", "A3", "B1", "B2", "B3", "C1", "C2", "C3"]
WEIGHTS = [13, 12, 10, 14, 11, 10, 10, 10, 10]
FIRST = Rubric(
    tuple(
        Scale(letter, tuple(
            Item(key, weight)
            for key, weight in zip(KEYS, WEIGHTS, strict=True) if key[0] == letter
        ))
        for letter in "ABC"
    ),
    (
        Condition(min_unsure=3),
        Condition(all_zero=frozenset({"C1", "C3"})),
        Condition(below_total=25),
        Condition(min_total=75, min_each_dimension=60),
        Condition(min_total=50, min_each_dimension=40),
        Condition(),
    ),
)  # fmt: skip
RESULTS = ["unknown", "not yet", "not yet", "ready", "pilot", "foundations"]
WORST_FIRST = ["not yet", "foundations", "pilot", "ready"]

options = st.sampled_from([0, 1, 2, 3])
sure_answers = st.fixed_dictionaries({key: options for key in KEYS})
any_answers = st.fixed_dictionaries({key: options | st.none() for key in KEYS})


@st.composite
def rubrics(draw):
    """Any set whose weights sum to 100."""
    count = draw(st.integers(2, 9))
    cuts = draw(st.sets(st.integers(1, 99), min_size=count - 1, max_size=count - 1))
    edges = [0, *sorted(cuts), 100]
    weights = [after - before for before, after in pairwise(edges)]
    letters = draw(st.lists(st.sampled_from("ABC"), min_size=count, max_size=count))
    scales = tuple(
        Scale(letter, tuple(
            Item(f"{letter}{place}", weight)
            for place, (weight, of) in enumerate(zip(weights, letters, strict=True))
            if of == letter
        ))
        for letter in sorted(set(letters))
    )  # fmt: skip
    return Rubric(scales, FIRST.conditions[3:])


@st.composite
def rubrics_and_answers(draw):
    rubric = draw(rubrics())
    return rubric, {item.key: draw(options | st.none()) for item in rubric.items()}


def result(answers):
    return RESULTS[scoring.score(FIRST, answers).rule]


def everywhere(value, **others):
    return dict.fromkeys(KEYS, value) | others


@given(rubrics_and_answers())
def test_points_stay_within_their_bounds(asked):
    rubric, answers = asked

    profile = scoring.score(rubric, answers)

    assert 0 <= profile.total <= 100
    assert profile.total == sum(profile.points.values())
    for scale in rubric.scales:
        assert 0 <= profile.points[scale.letter] <= scale.weight
        assert 0 <= profile.shares[scale.letter] <= 1


@given(rubrics_and_answers(), st.data())
def test_a_better_answer_never_costs_points(asked, data):
    rubric, answers = asked
    key = data.draw(st.sampled_from(sorted(answers)))
    better = answers | {key: data.draw(st.integers(answers[key] or 0, 3))}

    before, after = scoring.score(rubric, answers), scoring.score(rubric, better)

    assert after.total >= before.total
    assert all(after.points[letter] >= before.points[letter] for letter in before.points)


@given(sure_answers, st.sampled_from(KEYS))
def test_a_better_answer_never_worsens_the_result(answers, key):
    better = answers | {key: min(answers[key] + 1, 3)}

    assert WORST_FIRST.index(result(better)) >= WORST_FIRST.index(result(answers))


@given(any_answers)
def test_the_weakest_dimension_limits_the_result(answers):
    profile = scoring.score(FIRST, answers)
    weakest = min(profile.shares.values())

    if RESULTS[profile.rule] == "ready":
        assert weakest * 100 >= 60
    if RESULTS[profile.rule] == "pilot":
        assert weakest * 100 >= 40


@given(any_answers)
def test_what_holds_most_back_is_what_the_rule_names_and_then_what_costs_most(answers):
    profile = scoring.score(FIRST, answers)
    named = FIRST.conditions[profile.rule].all_zero
    cost = {item.key: item.weight * (3 - (answers[item.key] or 0)) for item in FIRST.items()}

    assert (
        list(profile.holding_back)
        == [
            key for key in sorted(KEYS, key=lambda key: (key not in named, -cost[key])) if cost[key]
        ][:2]
    )


def test_a_result_with_two_blockers_says_what_to_do_about_those():
    profile = scoring.score(FIRST, everywhere(1) | {"B1": 0, "C1": 0, "C3": 0})

    assert RESULTS[profile.rule] == "not yet"
    assert profile.holding_back == ("C1", "C3")


@given(any_answers)
def test_the_same_answers_are_the_same_profile(answers):
    assert scoring.score(FIRST, answers) == scoring.score(FIRST, dict(reversed(answers.items())))


@pytest.mark.parametrize(
    ("answers", "total", "expected"),
    [
        (everywhere(2), 66.7, "pilot"),
        (everywhere(3), 100, "ready"),
        (everywhere(1), 33.3, "foundations"),
        (everywhere(3, A1=0, A2=0, A3=0), 65, "foundations"),
        (everywhere(0), 0, "not yet"),
        (everywhere(3, C1=0, C3=0), 80, "not yet"),
        (everywhere(1, A1=0, A2=0, A3=0), 21.7, "not yet"),
        (everywhere(3, A1=None, B1=None, C2=None), 63, "unknown"),
        (everywhere(3, A1=None, B1=None), 73, "pilot"),
        (everywhere(None), 0, "unknown"),
    ],
)
def test_the_worked_examples(answers, total, expected):
    profile = scoring.score(FIRST, answers)

    assert float(round(profile.total, 1)) == total
    assert RESULTS[profile.rule] == expected


def test_two_thirds_everywhere_are_two_thirds_of_each_dimension():
    shares = scoring.score(FIRST, everywhere(2)).shares

    assert {round(share * 100) for share in shares.values()} == {67}


def test_a_threshold_is_met_exactly():
    just = Rubric((Scale("A", (Item("A1", 75), Item("A2", 25))),), FIRST.conditions[3:])

    assert scoring.score(just, {"A1": 3, "A2": 0}).rule == 0


def test_an_answer_that_is_missing_or_impossible_is_an_error():
    with pytest.raises(KeyError):
        scoring.score(FIRST, {})
    with pytest.raises(ValueError, match="A1 has no option 4"):
        scoring.score(FIRST, everywhere(3, A1=4))


@pytest.mark.django_db
def test_the_first_published_set_scores_as_was_agreed(question_set):
    assert question_set.number == 1
    assert question_set.rubric() == FIRST
    assert [rule.result.key.replace("_", " ") for rule in question_set.ordered_rules] == RESULTS
    assert QuestionSet.objects.current() == question_set


# What leads to a better result


@given(any_answers, st.data())
def test_what_is_ahead_is_reached_by_meeting_what_it_asks_for(answers, data):
    profile = scoring.score(FIRST, answers)
    ahead = scoring.ahead(FIRST, profile.rule)
    better = {
        key: data.draw(st.integers(value or 0, 3)) if value is not None else None
        for key, value in answers.items()
    }

    reached = scoring.score(FIRST, better)

    for place in ahead:
        condition = FIRST.conditions[place]
        if reached.total >= condition.min_total and all(
            share * 100 >= condition.min_each_dimension for share in reached.shares.values()
        ):
            assert reached.rule <= place


@pytest.mark.parametrize(
    ("rule", "ahead"), [("unknown", []), ("ready", []), ("pilot", [3]), ("foundations", [4, 3])]
)
def test_ahead_stand_the_conditions_that_ask_for_more(rule, ahead):
    assert scoring.ahead(FIRST, RESULTS.index(rule)) == ahead


def test_where_a_condition_asks_for_more_and_less_nothing_is_certain():
    mixed = Condition(min_total=80, below_total=90)
    rubric = Rubric(FIRST.scales, (mixed, *FIRST.conditions))

    assert scoring.ahead(rubric, 5) == []


def test_what_asks_for_less_of_something_is_not_ahead():
    flat = Condition(min_each_dimension=60)
    rubric = Rubric(FIRST.scales, (flat, Condition(min_total=75), Condition()))

    assert scoring.ahead(rubric, 1) == []
    assert scoring.ahead(rubric, 2) == [1, 0]


@given(any_answers)
def test_no_number_is_shown_as_the_bound_that_it_misses(answers):
    profile = scoring.score(FIRST, answers)

    assert abs(FIRST.whole(profile.total) - profile.total) < 1
    for bound in (25, 50, 75):
        assert (FIRST.whole(profile.total) >= bound) == (profile.total >= bound)
    for share in profile.shares.values():
        for bound in (40, 60):
            assert (FIRST.whole(share * 100) >= bound) == (share * 100 >= bound)


def test_who_misses_a_bound_by_a_third_reads_the_number_below():
    profile = scoring.score(FIRST, everywhere(3, B1=0, A2=2, B2=1))

    assert float(round(profile.total, 1)) == 74.7
    assert FIRST.whole(profile.total) == 74


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("value", [0, 1, 2, 3, None])
def test_where_fewer_than_two_points_hold_back_the_result_is_ready(key, value):
    """So the words of the other results may speak of “the two points below”."""
    profile = scoring.score(FIRST, everywhere(3, **{key: value}))

    assert RESULTS[profile.rule] == "ready"
    assert len(profile.holding_back) <= 1
