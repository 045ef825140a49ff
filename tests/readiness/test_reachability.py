"""Which answers lead where: counted for all of them at once, and the same as trying each."""

from collections import Counter
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness import scoring
from readiness.reachability import VALUES, TooLarge, reachability
from readiness.scoring import Condition, Item, Rubric, Scale
from tests.cpu import costs_more
from tests.readiness.test_scoring import FIRST

thresholds = st.none() | st.integers(0, 130)


@st.composite
def unfinished_rubrics(draw):
    """Any set that an editor could be half done with: also with dimensions that ask nothing, with
    weights that sum to anything, and with rules that nobody reaches or that catch too little.
    """
    scales = tuple(
        Scale(letter, tuple(
            Item(f"{letter}{place}", draw(st.integers(1, 60)))
            for place in range(draw(st.integers(0, 2)))
        ))
        for letter in "ABC"[:draw(st.integers(0, 3))]
    )  # fmt: skip
    keys = [item.key for scale in scales for item in scale.items] + ["Z9"]
    conditions = st.builds(
        Condition,
        min_unsure=st.none() | st.integers(0, 7),
        below_total=thresholds,
        min_total=thresholds,
        min_each_dimension=thresholds,
        all_zero=st.frozensets(st.sampled_from(keys), max_size=2),
    )
    return Rubric(scales, tuple(draw(st.lists(conditions, max_size=5))))


def by_trying(rubric):
    """How many combinations end at each place, and how many meet each condition."""
    keys = [item.key for item in rubric.items()]
    ends, meets = Counter(), Counter()
    for values in product(VALUES, repeat=len(keys)):
        answers = dict(zip(keys, values, strict=True))
        profile = scoring.score(rubric.closed(), answers)
        ends[profile.rule] += 1
        for place, condition in enumerate(rubric.conditions):
            meets[place] += all(
                demand.holds
                for demand in scoring.demands(
                    condition,
                    answers,
                    total=profile.total,
                    shares=profile.shares,
                    unsure=profile.unsure,
                )
            )
    return ends, meets


@settings(deadline=None)
@given(unfinished_rubrics())
def test_counting_agrees_with_trying_every_combination(rubric):
    ends, meets = by_trying(rubric)

    found = reachability(rubric)

    assert found.combinations == sum(ends.values())
    assert found.uncaught.combinations == ends[len(rubric.conditions)]
    for place, rule in enumerate(found.rules):
        assert (rule.combinations, rule.holding) == (ends[place], meets[place])


@settings(deadline=None)
@given(unfinished_rubrics())
def test_every_example_ends_where_it_is_said_to(rubric):
    found = reachability(rubric)

    for place, rule in enumerate([*found.rules, found.uncaught]):
        assert (rule.example is None) == (rule.combinations == 0)
        if rule.example is not None:
            assert scoring.score(rubric.closed(), rule.example).rule == place


@settings(deadline=None)
@given(unfinished_rubrics())
def test_what_is_never_reached_is_caught_before(rubric):
    for place, rule in enumerate(reachability(rubric).rules):
        if rule.combinations:
            assert rule.caught_by == ()
        else:
            assert bool(rule.caught_by) == bool(rule.holding)
            assert all(earlier < place for earlier in rule.caught_by)


def test_every_rule_of_the_first_set_is_reached():
    found = reachability(FIRST)

    assert found.combinations == 5**9 == sum(rule.combinations for rule in found.rules)
    assert found.uncaught.combinations == 0
    assert all(rule.combinations for rule in found.rules)


def test_a_rule_behind_a_milder_one_is_caught_by_it():
    milder_first = Rubric(
        FIRST.scales, (Condition(min_total=50), Condition(min_total=75), Condition())
    )

    pilot, ready, rest = reachability(milder_first).rules

    assert (ready.combinations, ready.caught_by, ready.example) == (0, (0,), None)
    assert ready.holding > 0
    assert pilot.combinations + rest.combinations == 5**9


def test_a_total_that_nobody_has_is_met_by_nothing():
    [beyond, _] = reachability(Rubric(FIRST.scales, (Condition(min_total=101), Condition()))).rules

    assert (beyond.combinations, beyond.holding, beyond.caught_by) == (0, 0, ())


def test_thirty_questions_are_counted_as_well():
    scales = tuple(
        Scale(letter, tuple(Item(f"{letter}{place}", 3 + place % 2) for place in range(6)))
        for letter in "ABCDE"
    )

    found = reachability(Rubric(scales, FIRST.conditions[2:]))

    assert found.combinations == 5**30 == sum(rule.combinations for rule in found.rules)


def test_what_would_take_too_long_is_refused_soon():
    scales = tuple(
        Scale(letter, tuple(Item(f"{letter}{place}", 100) for place in range(12)))
        for letter in "ABCDEFGHIJ"
    )

    def refuse():
        with pytest.raises(TooLarge):
            reachability(Rubric(scales, FIRST.conditions[2:]))

    assert not costs_more(refuse, 10)
