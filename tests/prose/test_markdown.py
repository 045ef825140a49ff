"""The Markdown twin: what it says, and to whom it is given."""

from datetime import timedelta
from html import escape

import lxml.html
import pytest
from django.utils import timezone
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from articles import publishing
from prose.editor import sanitize
from prose.markdown import from_html
from prose.markdown_syntax import escaped
from prose.text import text_of
from tests.builders import article, author, image, revision

pytestmark = pytest.mark.django_db

BASE = "https://www.example.com/articles/on-queues/"
READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def words(html):
    """All that a reader sees, word for word: how wide a blank is, is the form's own affair."""
    return text_of(lxml.html.fragment_fromstring(html, create_parent="div")).split()


# What is said


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<h2>Why</h2><h3>And how</h3><p>So.</p>", "## Why\n\n### And how\n\nSo.\n"),
        ("<p>A <strong>b</strong>, <em>c</em>, <s>d</s></p>", "A **b**, *c*, ~~d~~\n"),
        ("<p>un<em>believ</em>able</p>", "un<em>believ</em>able\n"),
        ("<p>x<sup>2</sup></p>", "x<sup>2</sup>\n"),
        ("<p>one<strong> two</strong> three</p>", "one **two** three\n"),
        ("<p>one <strong>two </strong>three</p>", "one **two** three\n"),
        ("<p>one <strong> two </strong> three</p>", "one **two** three\n"),
        ("<p><strong> one</strong></p>", "**one**\n"),
        ("<p>one<strong> <em>two</em></strong></p>", "one <strong>*two*</strong>\n"),
        ("<p>one<s> two</s><em> three</em></p>", "one ~~two~~ *three*\n"),
        ('<p>one<a href="/x/"> two</a></p>', "one [two](https://www.example.com/x/)\n"),
        ("<p>one<strong> </strong>two</p>", "one two\n"),
        ("<p>a<code><br>b</code></p>", "a`  b `\n"),
        ("<p>one<sup> 2</sup></p>", "one <sup>2</sup>\n"),
        ("<pre><code>one<br>two</code></pre>", "```\none\ntwo\n```\n"),
        ("<p>one<br>two</p>", "one\\\ntwo\n"),
        ("<ul><li><p>a</p></li><li><p>b</p></li></ul>", "- a\n- b\n"),
        ('<ol start="3"><li><p>a</p></li><li><p>b</p></li></ol>', "3. a\n4. b\n"),
        ("<ul><li><p>a</p><ul><li><p>b</p></li></ul></li></ul>", "- a\n\n  - b\n"),
        ("<blockquote><p>a</p><p>b</p></blockquote>", "> a\n>\n> b\n"),
        ("<p>a</p><hr><p>b</p>", "a\n\n***\n\nb\n"),
        ('<pre><code class="language-sql">SELECT *\n</code></pre>', "```sql\nSELECT *\n```\n"),
        ("<pre><code>a ``` b</code></pre>", "````\na ``` b\n````\n"),
        ("<p><code>a`b</code></p>", "``a`b``\n"),
        (
            "<table><tbody><tr><th><p>a|b</p></th><th><p>c</p></th></tr>"
            "<tr><td><p><code>d|e</code></p></td><td><p>f</p><p>g</p></td></tr></tbody></table>",
            "| a\\|b | c |\n| --- | --- |\n| `d\\|e` | f<br>g |\n",
        ),
        ("<table><tbody><tr><td><p>a</p></td></tr></tbody></table>", "| |\n| --- |\n| a |\n"),
        (
            "<table><tr><th>a</th><th>b</th><th>c</th></tr>"
            '<tr><td rowspan="2">1</td><td>2</td><td>3</td></tr><tr><td>4</td><td>5</td></tr>'
            '<tr><td>6</td><td colspan="2">7</td></tr></table>',
            "| a | b | c |\n| --- | --- | --- |\n| 1 | 2 | 3 |\n| | 4 | 5 |\n| 6 | 7 | |\n",
        ),
        (
            '<table><tr><th colspan="2" rowspan="2">a</th><th>b</th></tr><tr><th>c</th></tr>'
            '<tr><td>1</td><td rowspan="0">2</td><td>3</td></tr>'
            "<tr><td>4</td><td>5</td></tr></table>",
            "| a | | b |\n| --- | --- | --- |\n| | | c |\n| 1 | 2 | 3 |\n| 4 | | 5 |\n",
        ),
        (
            "<table><tr><td>a<table><tr><td>b|</td><td>c</td></tr></table></td><td>d|e</td></tr>"
            "</table>",
            "| | |\n| --- | --- |\n| a<br>b\\|<br>c | d\\|e |\n",
        ),
        ('<p><a href="/offices/">us</a></p>', "[us](https://www.example.com/offices/)\n"),
        ('<p><a href="#why">why</a></p>', f"[why]({BASE}#why)\n"),
        ('<p><a href="javascript:run()">why</a> not</p>', "why not\n"),
        ("<p><a>why</a> not</p>", "why not\n"),
        (
            '<p><a href="https://x.example/a_(b)">x</a></p>',
            "[x](<https://x.example/a_(b)>)\n",
        ),
        (
            "<p># no heading, 5 * 3 &lt; 16, snake_case</p>",
            "\\# no heading, 5 \\* 3 \\< 16, snake_case\n",
        ),
        ("<p>1. no list</p>", "1\\. no list\n"),
        ("", ""),
    ],
)
def test_each_kind_of_block_has_its_form_in_markdown(html, expected):
    assert from_html(html, base=BASE) == expected


def test_a_figure_keeps_its_alternative_text_and_any_figure_its_caption(settings):
    shown = image(alt="Two [arches], one built")
    html = (
        f'<figure><img src="/" data-file="{shown.pk}"><figcaption>As of May</figcaption></figure>'
        '<figure><img src="/" data-file="99999"><figcaption>Lost</figcaption></figure>'
    )

    text = from_html(html, base=BASE, images={shown.pk: shown})

    assert text == (
        f"![Two \\[arches\\], one built](https://www.example.com{shown.file.url})"
        "\n\nAs of May\n\nLost\n"
    )


# What Markdown reads as a mark somewhere, and letters for it to stand between.
PIECES = [
    "a", "B", "é", "😀", "1", " ", "\n", "*", "**", "_", "__", "`", "``", "~~", "~", "#", "# ",
    "> ", "- ", "+ ", "1. ", "1) ", "---", "===", "|", "!", "[", "]", "](", "(", ")", "<", ">",
    "<b>", "<!--", "&", "&amp;", "&#65;", ";", "\\", "/", ":", '"', "'", "*a*", "_a_", "`a`",
    "~~a~~", "[a](b)", "![a](b)", "<a@b.dk>", "| - |", "```", "    a", "\t", "\xa0",
]  # fmt: skip
TEXT = st.lists(st.sampled_from(PIECES), max_size=6).map("".join) | st.text(
    st.characters(exclude_categories=["Cs", "Cc"]), max_size=6
)
WORDS = TEXT.map(escape)


def _spans(inner):
    tag = st.sampled_from(["em", "strong", "s", "code", "sup"])
    return (
        st.builds(lambda before, tag, words: f"{before}<{tag}>{words}</{tag}>", WORDS, tag, inner)
        | inner.map(lambda words: f'<a href="/x_(y)">{words}</a>')
        | st.builds(lambda one, two: f"{one}<br>{two}", inner, inner)
        | st.builds(lambda one, two: one + two, inner, inner)
    )


LINE = st.recursive(WORDS, _spans, max_leaves=4)
PARAGRAPH = LINE.map(lambda words: f"<p>{words}</p>")
HEADING = st.builds(lambda n, words: f"<h{n}>{words}</h{n}>", st.sampled_from([2, 3]), LINE)
CODE = TEXT.map(lambda code: f'<pre class="language-python"><code>{escape(code)}</code></pre>')
TABLE = st.lists(st.tuples(PARAGRAPH, PARAGRAPH), min_size=1, max_size=3).map(
    lambda rows: (
        "<table><tbody>"
        + "".join(f"<tr><td>{one}</td><td>{two}</td></tr>" for one, two in rows)
        + "</tbody></table>"
    )
)


def _blocks(inner):
    some = st.lists(inner, min_size=1, max_size=3).map("".join)
    items = st.lists(some, min_size=1, max_size=3).map(
        lambda each: "".join(f"<li>{item}</li>" for item in each)
    )
    return (
        items.map(lambda all: f"<ul>{all}</ul>")
        | items.map(lambda all: f'<ol start="7">{all}</ol>')
        | some.map(lambda all: f"<blockquote>{all}</blockquote>")
        | some
    )


BODY = st.recursive(PARAGRAPH | HEADING | CODE | TABLE | st.just("<hr>"), _blocks, max_leaves=5)


@settings(deadline=None, max_examples=150)
@given(BODY)
def test_whoever_reads_the_markdown_reads_every_word_of_the_article(html):
    stored = sanitize(html)

    read = READER.render(from_html(html, base=BASE))

    assert words(read) == words(stored)


@settings(deadline=None)
@given(TEXT)
@example("__a__")
def test_a_title_is_read_as_it_was_written(title):
    read = READER.render(f"# {escaped(title)}\n")

    assert words(read) == title.split()


# To whom it is given


def test_the_twin_is_a_document_of_its_own(client, settings):
    signed = article(
        slug="on-queues",
        authors=[author(name="Ada Byron", job_title="Analyst")],
        text={"title": "On #queues", "summary": "Why they *fill*", "body": "<p>They do.</p>"},
    )

    answer = client.get("/articles/on-queues.md")

    url = settings.SITE_URL + signed.get_absolute_url()
    assert answer.headers["Content-Type"] == "text/markdown; charset=utf-8"
    assert answer.headers["Link"] == f'<{url}>; rel="canonical"'
    day = f"{signed.live_revision().published_at:%-d %B %Y}"
    assert answer.text == (
        "# On #queues\n\nWhy they \\*fill\\*\n\n"
        f"By Ada Byron, Analyst. Published {day}: <{url}>\n\nThey do.\n"
    )


def test_a_changed_article_says_when(client):
    changed = article()
    revision(changed, body="<p>Better</p>", live_from=timedelta(0))

    assert ", updated " in client.get(f"/articles/{changed.slug}.md").text


@pytest.mark.parametrize(
    "accept",
    [
        "text/markdown",
        "text/markdown, */*",
        "text/markdown, text/html, */*",
        "text/html;q=0.5, text/markdown;q=0.9",
        "TEXT/Markdown; variant=GFM",
        "text/html;q=0, text/markdown;q=0.1",
    ],
)
def test_who_would_rather_have_markdown_gets_it_at_the_articles_address(client, accept):
    read = article()

    answer = client.get(read.get_absolute_url(), headers={"accept": accept})

    assert answer.headers["Content-Type"] == "text/markdown; charset=utf-8"
    assert answer.headers["Content-Location"] == f"/articles/{read.slug}.md"
    assert "Accept" in answer.headers["Vary"].split(", ")
    assert answer.text == client.get(f"/articles/{read.slug}.md").text


@pytest.mark.parametrize(
    "accept",
    [
        None,
        "",
        "*/*",
        "text/*",
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8",
        "text/html, text/markdown;q=0.9",
        "text/markdown;q=0.1, */*",
        "text/markdown;q=0",
        "text/markdown;q=nan",
        "text/markdown;q=-1",
        "text/markdown;q=two",
        "text/markdown;q",
        "text/markdownish",
        "image/png",
        ",;=q/,,*",
        "text/markdown;" + "a=b;" * 5000,
        "é\u0080",
    ],
)
def test_everyone_else_gets_html(client, accept):
    read = article()

    answer = client.get(
        read.get_absolute_url(), headers={} if accept is None else {"accept": accept}
    )

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "Accept" in answer.headers["Vary"].split(", ")


def test_the_two_forms_are_never_taken_for_each_other(client):
    read = article()
    page = client.get(read.get_absolute_url())

    twin = client.get(
        read.get_absolute_url(),
        headers={"accept": "text/markdown", "if-none-match": page.headers["ETag"]},
    )

    assert twin.status_code == 200
    assert twin.headers["ETag"] != page.headers["ETag"]


def test_the_twin_goes_where_the_article_goes(client):
    draft, planned = article(live_from=None), article(live_from=timedelta(days=1))
    moved, unpublished = article(slug="old"), article()
    moved.slug = "new"
    moved.save()
    publishing.retire(unpublished, at=timezone.now())

    for hidden in (draft, planned):
        assert client.get(f"/articles/{hidden.slug}.md").status_code == 404
    assert client.get(f"/articles/{unpublished.slug}.md").status_code == 410
    answer = client.get("/articles/old.md")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/articles/new.md")


def test_the_page_names_its_twin(client):
    read = article()

    page = lxml.html.fromstring(client.get(read.get_absolute_url()).content)

    [twin] = page.xpath("//link[@rel='alternate' and @type='text/markdown']/@href")
    assert client.get(twin).status_code == 200
