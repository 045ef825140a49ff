"""Plain texts that two people changed are put together by lines and words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.three_way import Choice, merge_text

LINES = st.lists(st.sampled_from(["a", "b c", "d", "", "e f g"]), max_size=6).map("\n".join)


@given(LINES, LINES)
def test_what_only_one_changed_is_theirs(base, ours):
    assert merge_text(base, ours, base).text() == ours
    assert merge_text(base, base, ours).text() == ours
    assert merge_text(base, ours, ours).text() == ours


@given(LINES, LINES, LINES)
def test_each_choice_keeps_what_its_side_added(base, ours, theirs):
    merged = merge_text(base, ours, theirs)

    for choice, side in [(Choice.OURS, ours), (Choice.THEIRS, theirs), (Choice.BOTH, ours)]:
        for word in set(side.split()) - set(base.split()):
            assert word in merged.text(choice).split()


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "merged"),
    [
        ("one two three", "ONE two three", "one two THREE", "ONE two THREE"),
        ("one\ntwo", "one\ntwo\nthree", "zero\ntwo", "zero\ntwo\nthree"),
    ],
)
def test_changes_at_two_places_are_put_together(base, ours, theirs, merged):
    found = merge_text(base, ours, theirs)

    assert found.conflicts == []
    assert found.text() == merged


def test_changes_of_the_same_words_stay_one_below_the_other():
    found = merge_text("spend it well", "spend it here", "spend it there")

    assert len(found.conflicts) == 1
    assert found.text() == "spend it here\nspend it there"
