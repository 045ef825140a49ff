"""One comparison of two stored texts, which shows each word that came or went."""

import re
from html import unescape

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from desk.differences import Kind
from prose.diff import compare
from prose.editor import _ALLOWED, sanitize
from tests.cpu import costs_more
from tests.prose.stored import TEXTS, edited, meaning, words_in

FRAME = re.compile(r'<div class="(?:code|table-scroll)"[^>]*>(.*)</div>', re.DOTALL)
NOTE = re.compile(r'<small class="diff-note">.*?</small>', re.DOTALL)


def unframed(rows, side):
    found = (getattr(row, side) for row in rows)
    return "".join(frame[1] if (frame := FRAME.fullmatch(one)) else one for one in found)


def accepted(html):
    """What is left when every change is accepted."""
    html = without(NOTE.sub("", html), "diff-removed", "del")
    return re.sub(r' class="diff-added"|(?<= class=")diff-added |</?ins>', "", html)


def without(html, name, tag):
    """Without the elements of that class, and without what that tag holds."""
    wanted = re.compile(rf'<(\w+)[^>]*\sclass="{name}\b[^>]*>|<({tag})>')
    while found := wanted.search(html):
        element, level = found[1] or found[2], 0
        for one in re.finditer(rf"<(/?){element}\b[^>]*>", html[found.start() :]):
            level += -1 if one[1] else 1
            if level == 0:
                html = html[: found.start()] + html[found.start() + one.end() :]
                break
    return html


def now(html):
    return re.sub(r' data-was="[^"]*"', "", accepted(html))


def before(html):
    """What is left when every change is rejected."""
    html = without(NOTE.sub("", html), "diff-added", "ins")
    html = re.sub(r' class="diff-removed"|(?<= class=")diff-removed |</?del>', "", html)
    while found := re.search(r'<(\w+)((?:\s[^\s=>]+="[^"]*")*?) data-was="([^"]*)"[^>]*>', html):
        html = _with_old_tags(html, found)
    return html


def _with_old_tags(html, found):
    """The element with the tags that it had, of code blocks both."""
    tag, was, level = found[1], unescape(found[3]), 0
    for one in re.finditer(rf"<(/?){tag}\b[^>]*>", html[found.start() :]):
        level += -1 if one[1] else 1
        if level == 0:
            inner = html[found.end() : found.start() + one.start()]
            rest = html[found.start() + one.end() :]
            break
    if tag == "pre":
        inner = re.sub(r"\A<code[^>]*>|</code>\Z", "", inner) if "<code" in was else inner
    ends = "".join(f"</{name}>" for name in reversed(re.findall(r"<(\w+)", was)))
    return html[: found.start()] + was + inner + ends + rest


STORED = _ALLOWED["tags"]
STORED_ATTRIBUTES = {name for names in _ALLOWED["attributes"].values() for name in names}
SCRAPS = [
    *("<p>", "</p>", "<b>", "<li>", "<ul>", "<pre>", "<code class='a>b'>", "<td>", "<tr>"),
    *("<table>", "<script>", "<img src=x onerror=alert(1)>", "<a href='javascript:x'>", "</code>"),
    *(
        "&",
        "&amp;",
        "&#",
        "<",
        ">",
        '"',
        "\x00",
        "]]>",
        "<!--",
        "<ins>",
        "<del class='diff-added'>",
    ),
]
TWO_TEXTS = st.one_of(st.tuples(TEXTS, TEXTS), edited())
BOLD_AROUND_NOTHING = ("", "<ul><li><strong></strong></li></ul>")


class TestWhatItPromises:
    @given(TWO_TEXTS)
    @example(BOLD_AROUND_NOTHING)
    def test_accepting_all_gives_the_new_text(self, two):
        old, new = map(sanitize, two)

        assert meaning(now(unframed(compare(old, new).rows, "both"))) == meaning(new)

    @given(TWO_TEXTS)
    @example(BOLD_AROUND_NOTHING[::-1])
    def test_rejecting_all_gives_the_old_text(self, two):
        old, new = map(sanitize, two)

        assert meaning(before(unframed(compare(old, new).rows, "both"))) == meaning(old)

    @given(TWO_TEXTS)
    @example(BOLD_AROUND_NOTHING)
    def test_each_side_is_its_text_with_marks(self, two):
        old, new = map(sanitize, two)
        rows = compare(old, new).rows

        sides = [
            re.sub(rf"</?{tag}>| class=\"{name}\"|(?<= class=\"){name} ", "", unframed(rows, side))
            for side, tag, name in [("old", "del", "diff-removed"), ("new", "ins", "diff-added")]
        ]

        assert list(map(meaning, sides)) == [meaning(old), meaning(new)]

    @given(TWO_TEXTS)
    @example(BOLD_AROUND_NOTHING)
    def test_it_finds_no_change_if_and_only_if_there_is_none(self, two):
        old, new = map(sanitize, two)

        assert bool(compare(old, new)) == (meaning(old) != meaning(new))

    @given(st.lists(st.sampled_from(SCRAPS) | st.text(max_size=5), max_size=30).map("".join), TEXTS)
    def test_it_takes_any_text_and_shows_nothing_that_could_not_be_stored(self, some, text):
        rows = compare(some, text).rows + compare(text, some).rows

        tags = re.findall(r"<([a-z0-9]+)((?:\s[^<>]*)?)>", "".join(row.both for row in rows))
        assert {tag for tag, _ in tags} <= STORED | {"ins", "del", "small", "div"}
        attributes = {name for _, said in tags for name in re.findall(r"\s([^\s=]+)=\"", said)}
        assert attributes <= STORED_ATTRIBUTES | {"data-was", "role", "tabindex", "aria-label"}


def shown(old, new):
    [row] = [row for row in compare(old, new).rows if row.kind != Kind.SAME]
    return row


class TestWhatItShows:
    def test_words_that_came_and_went(self):
        row = shown(
            "<p>Give retries a budget, spend it where it pays, and refuse the rest.</p>",
            "<p>Give retries a budget, spend it in one place, and refuse the rest.</p>",
        )

        assert "it <del>where it pays</del><ins>in one place</ins>, and" in row.both
        assert (row.words_added, row.words_removed) == (3, 3)

    def test_a_sentence_written_anew_as_a_whole(self):
        row = shown(
            "<p>Backoff spreads the attempts over a longer time. Neither makes them fewer.</p>",
            "<p>Jitter keeps the clients apart for a while. Neither makes them fewer.</p>",
        )

        assert row.both.count("<del>") <= 2

    @pytest.mark.parametrize(
        ("old", "new", "said"),
        [
            ("word", "<strong>word</strong>", "now bold"),
            ("<em>word</em>", "word", "no longer italic"),
            ('<a href="/one/">word</a>', '<a href="/two/">word</a>', "link to /two/, was /one/"),
            ("word", '<a href="/two/">word</a>', "now a link to /two/"),
            (
                '<img src="/a.png" alt="Old" data-file="3">',
                '<img src="/a.png" alt="New" data-file="3">',
                "description “New”, was “Old”",
            ),
        ],
    )
    def test_what_changed_besides_words_is_said(self, old, new, said):
        row = shown(f"<p>One {old} here.</p>", f"<p>One {new} here.</p>")

        assert f"<del>{old}</del><ins>{new}</ins>" in row.both
        assert f'<small class="diff-note">{said}</small>' in row.both
        assert (row.words_added, row.words_removed) == (0, 0)

    @pytest.mark.parametrize(
        ("old", "new", "note"),
        [
            ("<p>The budget</p>", "<h2>The budget</h2>", "now a heading, was a paragraph"),
            ("<ul><li>one</li></ul>", "<ol><li>one</li></ol>", "now a numbered list, was a list"),
            (
                "<pre><code>SELECT 1</code></pre>",
                '<pre><code class="language-sql">SELECT 1</code></pre>',
                "language sql, was not said",
            ),
        ],
    )
    def test_a_block_that_became_another_keeps_its_words(self, old, new, note):
        row = shown(old, new)

        assert row.notes == (note,)
        assert "<del>" not in row.both

    def test_code_line_by_line(self):
        row = shown(
            "<pre><code>one = 1\ntwo = 2\n</code></pre>",
            "<pre><code>one = 1\ntwo = 3\n</code></pre>",
        )

        assert "one = 1\n<del>two = 2\n</del><ins>two = 3\n</ins>" in row.both

    def test_a_table_cell_by_cell(self):
        table = "<table><tbody><tr><th><p>Load</p></th><td><p>{}</p></td></tr></tbody></table>"

        row = shown(table.format("12"), table.format("13"))

        assert "<th><p>Load</p></th><td><p><del>12</del><ins>13</ins></p></td>" in row.both

    @pytest.mark.parametrize(
        "block",
        [
            '<figure><img src="/a.png" alt="" data-file="3"><figcaption>Load</figcaption></figure>',
            "<p>We used to learn of it from its clients.</p>",
        ],
    )
    def test_a_block_that_moved_is_one_change(self, block):
        stays = "<p>One two three four five.</p><p>Six seven eight nine ten.</p>"

        found = compare(block + stays, stays + block)

        assert found.said == "one change"
        assert [row.kind for row in found.rows if row.kind != Kind.SAME] == [Kind.LEFT, Kind.MOVED]
        assert found.words_added == found.words_removed == 0

    @pytest.mark.parametrize(
        "text",
        [
            "<ul><li>{0}one{1}</li><li>{0}two{1}</li></ul>",
            "<table><tbody><tr><td>{0}one{1}</td><th>{0}two{1}</th></tr></tbody></table>",
            "<ul><li>{0}one{1}<ul><li>{0}two{1}</li></ul></li></ul>",
        ],
    )
    def test_a_paragraph_that_the_editor_writes_into_an_item_is_no_change(self, text):
        plain, written = text.format("", ""), text.format("<p>", "</p>")

        assert not compare(plain, written)
        assert compare(plain, written.replace("two", "three")).said == "one change"

    def test_letters_that_belong_together_stay_together(self):
        row = shown("<p>क्षि 👩‍👧 and the rest</p>", "<p>क्षे 👩‍👦 and the rest</p>")

        assert "<del>क्षि 👩‍👧</del><ins>क्षे 👩‍👦</ins>" in row.both

    def test_of_a_language_without_blanks_the_letters(self):
        row = shown("<p>東京都に住む</p>", "<p>京都に住む</p>")

        assert row.both == "<p><del>東</del>京都に住む</p>"

    def test_entities_stay_whole(self):
        row = shown("<p>salt &amp; pepper</p>", "<p>salt &lt; pepper</p>")

        assert "<del>&amp;</del><ins>&lt;</ins>" in row.both


class TestWhereItIs:
    TEXT = "<p>Intro.</p><h2>Give &amp; take</h2><p>First of them.</p><p>Second of them.</p>"

    @pytest.mark.parametrize(
        ("old", "new", "where"),
        [
            ("Intro.", "Intro here.", "First paragraph"),
            ("Second of them.", "Second of those.", "Give & take, second paragraph"),
            ("<p>Second", "<hr><p>Second", "Give & take, a new line"),
            ("<p>Intro.</p>", "", "A paragraph removed"),
            ("Give &amp; take", "Give and take", "Heading"),
        ],
    )
    def test_each_change_says_its_place(self, old, new, where):
        assert shown(self.TEXT, self.TEXT.replace(old, new)).where == where


class TestHowMuch:
    def test_it_counts_and_leads_to_each(self):
        old = "".join(f"<p>This is paragraph number {number} of all.</p>" for number in range(20))
        new = old.replace("number 3 ", "number III ").replace("number 15 ", "number XV ")

        found = compare(old, new, prefix="body")

        assert found.said == "two changes"
        assert [line.id for line in found.changes] == ["body-1", "body-2"]
        assert [line.skipped for line in found.lines if line.skipped] == [2, 9, 3]

    def test_the_whole_text_where_that_is_asked_for(self):
        old = "<p>One two three.</p>" * 9

        assert len(compare(old, old, is_whole=True).lines) == 9


WORD = "an endless sentence of words that goes on and on "


class TestBounds:
    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("<p>a</p>" * 60_000, "<p>b</p>" + "<p>a</p>" * 60_000),
            (f"<p>{WORD * 60_000}</p>", f"<p>{'a b ' * 60_000}</p>"),
            ("<p>a b</p>" * 1_000, "<p>b a</p>" * 1_000),
            ("<blockquote>" * 2_000 + "x", "<blockquote>" * 2_000 + "y"),
            ("<ul><li>a" * 2_000, "<ul><li>b" * 2_000),
            (f"<p>{'a b ' * 20_000}</p>", f"<p>{'b ' + 'b a ' * 20_000}</p>"),
            ("<p>" + "x<sup>y<sub>" * 4_000, "<p>" + "x<sup>z<sub>" * 4_000),
        ],
        ids=["blocks", "letters", "pairs", "boxes", "lists", "repeated", "formats"],
    )
    def test_beyond_them_a_text_is_shown_in_whole_blocks(self, old, new):
        found = compare(old, new)

        assert found
        new_sides = [re.sub(r"</?ins>", "", row.new) for row in found.rows]
        assert words_in("".join(new_sides)) == words_in(sanitize(new))
        assert not costs_more(lambda: compare(old, new), seconds=6)

    def test_a_long_article_is_compared_word_by_word(self):
        paragraphs = [
            f"<h2>Part {part}</h2><p>{' '.join(f'word{part * 50 + one}' for one in range(50))}</p>"
            for part in range(200)
        ]
        old = "".join(paragraphs)
        new = re.sub(r"word(\d*7) ", r"other\1 ", old)

        found = compare(old, new)

        assert found.words_added == found.words_removed > 900
        assert not costs_more(lambda: compare(old, new), seconds=2)
