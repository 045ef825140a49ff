"""What readers see of what was typed: quotation marks, directions, and where names may break."""

import lxml.html
import pytest

from prose.rendering import render
from prose.typography import breakable, curly


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ('He said "no" twice.', "He said “no” twice."),
        ("It's the teams' own", "It’s the teams’ own"),
        ("She said \"he said 'no'\" twice", "She said “he said ‘no’” twice"),
        ("'She said \"no\"' twice", "‘She said “no”’ twice"),
        ("\"'Tis nothing,\" he said", "“’Tis nothing,” he said"),
        ("the '90s and '68", "the ’90s and ’68"),
        ("the 1990's", "the 1990’s"),
        ("rock 'n' roll", "rock ’n’ roll"),
        ("get 'em all", "get ’em all"),
        ("'cause and effect' are two", "‘cause and effect’ are two"),
        ("she is 5'10\" tall", "she is 5′10″ tall"),
        ('a 27" screen', "a 27″ screen"),
        ('the "class of 2019" left', "the “class of 2019” left"),
        ('("in brackets")', "(“in brackets”)"),
        ('so—"he said"—no', "so—“he said”—no"),
        ('the non-"standard" way', "the non-“standard” way"),
        ('an empty "" string', "an empty “” string"),
        ('"one", "two".', "“one”, “two”."),
        ("„Gans“ and «oie» and ‘these’", "„Gans“ and «oie» and ‘these’"),
        ("l'eau", "l’eau"),
        ("", ""),
        ('"', "”"),
    ],
)  # fmt: skip
def test_straight_marks_become_the_ones_that_are_meant(typed, read):
    assert curly(typed) == read


@pytest.mark.parametrize(
    ("stored", "read"),
    [
        ('<p>"<em>Yes</em>," he said.</p>', "<p>“<em>Yes</em>,” he said.</p>"),
        ('<p><strong>"Yes"</strong>: no</p>', "<p><strong>“Yes”</strong>: no</p>"),
        ('<p>Write "<code>x = "1"</code>".</p>', '<p>Write “<code>x = "1"</code>”.</p>'),
        ("<p><code>it</code>'s</p>", "<p><code>it</code>’s</p>"),
        ('<p>"One</p><p>"two"</p>', "<p>“One</p><p>“two”</p>"),
        ('<p>see <a href="/a/?q=%22">it\'s "here"</a></p>',
         '<p>see <a href="/a/?q=%22">it’s “here”</a></p>'),
        ("<ul><li>'a'</li><li>'b'</li></ul>", "<ul><li>‘a’</li><li>‘b’</li></ul>"),
    ],
)  # fmt: skip
def test_marks_are_read_across_elements_and_never_within_code(stored, read):
    html = str(render(stored).html)

    assert html.replace("<p></p>", "") == read


def test_code_is_quoted_as_it_is():
    html = render("<pre><code>print('it', \"is\")</code></pre>").html

    assert lxml.html.fromstring(str(html)).text_content() == "print('it', \"is\")"


def test_a_mark_beside_a_note_closes():
    body = '<p>"Quoted."[1]</p><h2>Notes</h2><ol><li><p>"A source"</p></li></ol>'

    text = lxml.html.fromstring(f"<div>{render(body).html}</div>").text_content()

    assert text.startswith("“Quoted.”1")
    assert "“A source”" in text


def test_the_contents_list_says_what_the_heading_says():
    [heading] = render('<h2>It\'s "done"</h2>').headings

    assert (heading.text, heading.anchor) == ("It’s “done”", "its-done")


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("django.db.transaction.on_commit", "django.<wbr>db.<wbr>transaction.<wbr>on_<wbr>commit"),
        ("the path a/b", "the path a/<wbr>b"),
        ("An end. A start, 3.5", "An end. A start, 3.<wbr>5"),
        ("<b>.x & y", "&lt;b&gt;.x &amp; y"),
        ("a.&lt;", "a.&amp;lt;"),
    ],
)
def test_a_long_name_may_break_where_its_parts_end(text, html):
    assert breakable(text) == html


def test_what_is_written_from_the_right_runs_from_the_right():
    table = "<table><tbody><tr><td><p>سلام</p></td></tr></tbody></table>"
    body = f"<p>Hello</p><p>مرحبا</p><ul><li>שלום</li></ul>{table}"

    root = lxml.html.fromstring(f"<div>{render(body).html}</div>")

    assert [one.tag for one in root.xpath("//*[@dir='auto']")] == ["p", "ul", "li", "td"]
