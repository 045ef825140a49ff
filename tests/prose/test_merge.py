"""What two people made of one text is put together without the loss of a word."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prose.editor import sanitize
from prose.merge import Choice, merge
from tests.cpu import costs_more
from tests.prose.stored import TEXTS, edited_twice, meaning, words_in

THREE = st.one_of(st.tuples(TEXTS, TEXTS, TEXTS), edited_twice())


class TestWhatItPromises:
    @given(THREE)
    def test_no_word_is_lost_that_either_wrote(self, three):
        base, ours, theirs = (Counter(words_in(sanitize(html))) for html in three)

        merged = Counter(words_in(merge(*three).text()))

        for one, other in [(ours, theirs), (theirs, ours)]:
            deleted = base - other
            assert not (one - deleted) - merged

    @given(THREE)
    def test_what_only_one_changed_is_theirs(self, three):
        base, ours, _ = map(sanitize, three)

        for merged in (merge(base, ours, base), merge(base, base, ours)):
            assert merged.conflicts == []
            assert meaning(merged.text()) == meaning(ours)

    @given(THREE)
    def test_what_both_changed_in_the_same_way_is_taken_once(self, three):
        base, ours, _ = map(sanitize, three)

        assert merge(base, ours, ours).conflicts == []
        assert meaning(merge(base, ours, ours).text()) == meaning(ours)

    @given(THREE, st.sampled_from(Choice))
    def test_what_it_makes_can_be_stored_as_it_is(self, three, choice):
        merged = merge(*three).text(choice)

        assert meaning(sanitize(merged)) == meaning(merged)


LOAN = "<p>A retry is a loan against the next minute. Taken by one client it is harmless.</p>"
BUDGET = "<p>A budget ties retries to something real, and refuses the rest in time.</p>"


def with_words(text, **changes):
    for old, new in changes.items():
        text = text.replace(old, new)
    return text


class TestWithoutAQuestion:
    @pytest.mark.parametrize(
        ("ours", "theirs", "merged"),
        [
            # Two paragraphs
            (
                LOAN.replace("loan", "debt") + BUDGET,
                LOAN + BUDGET.replace("real", "true"),
                LOAN.replace("loan", "debt") + BUDGET.replace("real", "true"),
            ),
            # Two places of one
            (
                LOAN.replace("loan", "debt") + BUDGET,
                LOAN.replace("harmless", "cheap") + BUDGET,
                LOAN.replace("loan", "debt").replace("harmless", "cheap") + BUDGET,
            ),
            # Words here, formatting there
            (
                LOAN.replace("loan", "debt") + BUDGET,
                LOAN.replace("harmless", "<em>harmless</em>") + BUDGET,
                LOAN.replace("loan", "debt").replace("harmless", "<em>harmless</em>") + BUDGET,
            ),
            # What one adds beside what the other changes
            (
                LOAN + "<hr>" + BUDGET,
                LOAN.replace("loan", "debt") + BUDGET,
                LOAN.replace("loan", "debt") + "<hr>" + BUDGET,
            ),
            # What both add at one place
            (
                LOAN + "<p>Ours.</p>" + BUDGET,
                LOAN + "<p>Theirs.</p>" + BUDGET,
                LOAN + "<p>Ours.</p><p>Theirs.</p>" + BUDGET,
            ),
            # A block that becomes another, and its words
            (
                LOAN.replace("p>", "h2>") + BUDGET,
                LOAN.replace("harmless", "cheap") + BUDGET,
                LOAN.replace("p>", "h2>").replace("harmless", "cheap") + BUDGET,
            ),
            # What one deletes and the other left alone
            (BUDGET, LOAN + BUDGET.replace("real", "true"), BUDGET.replace("real", "true")),
        ],
    )
    def test_what_does_not_touch_is_put_together(self, ours, theirs, merged):
        for one, other in [(ours, theirs), (theirs, ours)]:
            found = merge(LOAN + BUDGET, one, other)

            assert found.conflicts == []
        assert merge(LOAN + BUDGET, ours, theirs).text() == merged

    def test_cells_and_items(self):
        table = "<table><tbody><tr><td><p>{}</p></td><td><p>{}</p></td></tr></tbody></table>"
        items = "<ul><li><p>{}</p></li><li><p>{}</p></li></ul>"
        text = table + items

        merged = merge(
            text.format("1", "2", "one two three", "four five six"),
            text.format("10", "2", "one two three", "four five seven"),
            text.format("1", "20", "one two eight", "four five six"),
        )

        assert merged.conflicts == []
        assert merged.text() == text.format("10", "20", "one two eight", "four five seven")


class TestConflicts:
    @pytest.mark.parametrize(
        ("ours", "theirs"),
        [
            (LOAN.replace("loan", "debt"), LOAN.replace("loan", "risk")),
            # Side by side: together they would say what neither meant
            (LOAN.replace("a loan", "one loan"), LOAN.replace("loan", "risk")),
            (LOAN.replace("loan", "<em>loan</em>"), LOAN.replace("loan", "risk")),
            ("", LOAN.replace("loan", "risk")),
            (LOAN.replace("loan", "debt"), ""),
            (LOAN.replace("p>", "h2>"), LOAN.replace("p>", "h3>")),
        ],
    )
    def test_both_versions_are_kept_until_somebody_chooses(self, ours, theirs):
        merged = merge(LOAN + BUDGET, ours + BUDGET, theirs + BUDGET)

        [conflict] = merged.conflicts
        assert (conflict.ours, conflict.theirs) == (ours, theirs)
        assert merged.text() == ours + theirs + BUDGET
        assert merged.text(Choice.OURS) == ours + BUDGET
        assert merged.text(Choice.THEIRS) == theirs + BUDGET

    def test_the_rest_is_put_together_all_the_same(self):
        merged = merge(
            LOAN + BUDGET,
            LOAN.replace("loan", "debt") + BUDGET.replace("real", "true"),
            LOAN.replace("loan", "risk") + BUDGET.replace("rest", "others"),
        )

        assert len(merged.conflicts) == 1
        assert merged.text().endswith(BUDGET.replace("real", "true").replace("rest", "others"))

    def test_the_editors_own_paragraphs_are_no_conflict(self):
        base = "<ul><li>one</li><li>two</li></ul>"
        by_editor = "<ul><li><p>one</p></li><li><p>two</p></li></ul>"

        merged = merge(base, base.replace("two", "two and a half"), by_editor)

        assert merged.conflicts == []
        assert words_in(merged.text()) == ["one", "two", "and", "a", "half"]

    def test_both_of_a_cell_stay_in_one(self):
        table = "<table><tbody><tr><td>{}</td><td>b</td></tr></tbody></table>"

        merged = merge(table.format("one"), table.format("two"), table.format("three"))

        assert merged.text() == table.format("<p>two</p><p>three</p>")


class TestBounds:
    @pytest.mark.parametrize(
        "text",
        ["<p>a b c</p>" * 20_000, f"<ul>{'<li>a</li>' * 20_000}</ul>", f"<p>{'a b ' * 90_000}</p>"],
        ids=["blocks", "items", "words"],
    )
    def test_beyond_them_nothing_is_lost_either(self, text):
        ours, theirs = text.replace("a", "x", 1), text + "<p>y</p>"

        merged = merge(text, ours, theirs).text()

        assert not Counter(words_in(ours + theirs)) - Counter(words_in(merged + text))
        assert not costs_more(lambda: merge(text, ours, theirs), seconds=6)
