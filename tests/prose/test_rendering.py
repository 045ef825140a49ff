import re

import lxml.html
import pytest
from django.conf import settings as site
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pygments.lexers import find_lexer_class_by_name

from articles.models import Revision
from images.models import Image, Rendition
from images.tasks import make_renditions
from prose.editor import sanitize
from prose.rendering import render
from tests.builders import article, image
from tests.cpu import costs_more

LONG = "<p>" + "word " * 300 + "</p>"
THREE_CHAPTERS = f"<h2>One</h2>{LONG}<h2>Two</h2>{LONG}<h3>A detail</h3><h2>Three</h2>{LONG}"


def tree(html, **kwargs):
    return lxml.html.fragment_fromstring(str(render(html, **kwargs).html), create_parent="div")


# Headings and contents


def test_headings_have_anchors_that_lead_to_them():
    rendered = tree("<h2>Why queues fill</h2><p>…</p><h3>And drain</h3>")

    [why, drain] = rendered.iter("h2", "h3")
    assert (why.get("id"), drain.get("id")) == ("why-queues-fill", "and-drain")
    assert why.find("a").get("href") == "#why-queues-fill"


def test_anchors_are_unique_whatever_the_headings_say():
    headings = ["Costs", "Costs", "Costs 2", "Costs", "!!!", "???", "日本", "<em>Costs</em>"]

    rendered = render("".join(f"<h2>{text}</h2>" for text in headings))

    anchors = [heading.anchor for heading in rendered.headings]
    assert len(anchors) == len(headings)
    assert len(set(anchors)) == len(anchors)
    assert all(anchors)


@pytest.mark.django_db
def test_no_heading_takes_the_id_of_another_part_of_the_page(client):
    named = article(text={"body": THREE_CHAPTERS})
    article()
    page = lxml.html.fromstring(client.get(named.get_absolute_url()).content)
    in_text = set(page.xpath("//div[@class='prose']//@id"))
    around_it = [name for name in page.xpath("//@id") if name not in in_text]
    body = "".join(f"<h2>{name.replace('-', ' ')}</h2>" for name in around_it)

    taken = article(text={"body": THREE_CHAPTERS + body})

    ids = lxml.html.fromstring(client.get(taken.get_absolute_url()).content).xpath("//@id")
    assert around_it
    assert sorted(ids) == sorted(set(ids))


def test_a_long_text_has_contents_of_its_chapters():
    rendered = render(THREE_CHAPTERS)

    assert [heading.text for heading in rendered.contents] == ["One", "Two", "Three"]


@pytest.mark.parametrize(
    "html",
    [
        "<h2>One</h2><h2>Two</h2><h2>Three</h2><p>Short</p>",
        f"<h2>One</h2>{LONG}<h2>Two</h2>{LONG}{LONG}",
        f"{LONG}{LONG}{LONG}",
        "",
    ],
    ids=["short", "two chapters", "no chapters", "empty"],
)
def test_a_text_that_can_be_seen_whole_has_no_contents(html):
    assert render(html).contents == []


@pytest.mark.parametrize(
    ("words", "minutes"), [(1, 1), (238, 1), (239, 2), (2380, 10)], ids=lambda number: str(number)
)
def test_reading_time_is_rounded_up(words, minutes):
    assert render(f"<p>{'word ' * words}</p>").minutes == minutes


# Tables


def test_a_first_row_of_header_cells_is_the_head_of_its_table():
    rendered = tree(
        "<table><tbody>"
        "<tr><th><p>Queue</p></th><th><p>Depth</p></th></tr>"
        "<tr><th><p>mail</p></th><td><p>3</p></td></tr>"
        "</tbody></table>"
    )

    assert rendered.xpath("//thead/tr/th[@scope='col']/text()") == ["Queue", "Depth"]
    assert rendered.xpath("//tbody/tr/th[@scope='row']/text()") == ["mail"]
    assert rendered.xpath("//tbody/tr/td/text()") == ["3"]


def test_a_table_without_a_header_row_has_no_head():
    rendered = tree("<table><tbody><tr><td>1</td><td>2</td></tr></tbody></table>")

    assert not rendered.xpath("//thead")
    assert rendered.xpath("//td/text()") == ["1", "2"]


def test_a_wide_table_can_be_scrolled_from_the_keyboard_and_keeps_the_text_behind_it():
    rendered = tree("<table><tbody><tr><td>1</td></tr></tbody></table>and on")

    [scroller] = rendered.xpath("//table/..")
    assert scroller.get("tabindex") == "0"
    assert scroller.get("role") == "region" and scroller.get("aria-label")
    assert scroller.tail == "and on"


@pytest.mark.parametrize(
    "cells",
    [
        ["3", "1,204"],
        ["120 ms", "2.4 s"],
        ["–3 %", "+12%"],
        ["$ 1,200", "€3"],
        ["12", "–"],
        ["1:20", "3"],
    ],
    ids=str,
)
def test_a_column_of_numbers_stands_in_line_with_its_head(cells):
    rows = "".join(f"<tr><td>queue</td><td>{cell}</td></tr>" for cell in cells)

    rendered = tree(f"<table><tbody><tr><th>Name</th><th>Figure</th></tr>{rows}</tbody></table>")

    assert rendered.xpath("//*[@class='number']/text()") == ["Figure", *cells]


@pytest.mark.parametrize(
    "rows",
    [
        "<tr><td>3</td></tr><tr><td>three</td></tr>",
        "<tr><td>–</td></tr><tr><td></td></tr>",
        '<tr><td colspan="2">3</td></tr><tr><td>3</td><td>4</td></tr>',
        "<tr></tr>",
        "",
    ],
)
def test_a_column_with_anything_else_in_it_is_left_as_text(rows):
    assert not tree(f"<table><tbody>{rows}</tbody></table>").xpath("//*[@class='number']")


TABLE = "<table><tbody><tr><td>x</td></tr></tbody></table>"


def test_a_paragraph_in_italics_below_a_table_is_its_caption():
    rendered = tree(f"{TABLE}<p><em>Depths at <strong>noon</strong></em></p><p>And on.</p>")

    [caption] = rendered.xpath("//table/*[1][self::caption]")
    assert caption.text_content() == "Depths at noon"
    assert rendered.xpath("string(//div[@role='region']/@aria-label)") == "Table: Depths at noon"
    assert rendered.xpath("//p/text()") == ["And on."]


@pytest.mark.parametrize(
    "below",
    [
        "<p><em>Stressed</em>, and more</p>",
        "<p>Well, <em>no</em></p>",
        "<p><em> </em></p>",
        "<p><em>a</em><em>b</em></p>",
        "between<p><em>Not mine</em></p>",
        "<h2><em>No</em></h2>",
        "",
    ],
)
def test_whatever_else_is_below_a_table_is_no_caption(below):
    rendered = tree(TABLE + below)

    assert not rendered.xpath("//caption")
    words = lxml.html.fragment_fromstring(below, create_parent="div").text_content()
    assert rendered.text_content().removesuffix("#") == f"x{words}"


# Quotes


def test_a_last_line_with_a_dash_says_who_is_quoted():
    rendered = tree("<blockquote><p>Ship it.</p><p>— Ada, <em>Notes</em></p></blockquote>and on")

    [figure] = rendered.xpath("//figure[@class='quote']")
    assert figure.xpath("string(./blockquote)") == "Ship it."
    assert figure.xpath("string(./figcaption)") == "— Ada, Notes"
    assert figure.tail == "and on"


@pytest.mark.parametrize(
    "words", ["<p>— Alone</p>", "<p>One</p><p>two — three</p>", "<p>One</p><p>—</p>"]
)
def test_a_quote_of_nobody_stays_a_quote(words):
    rendered = tree(f"<blockquote>{words}</blockquote>")

    assert not rendered.xpath("//figure")
    assert rendered.xpath("//blockquote//p")


# Notes

NOTES = "<h2>Notes</h2><ol><li><p>First.</p></li><li><p>Second.</p></li></ol>"


def test_a_mark_leads_to_its_note_and_the_note_leads_back():
    rendered = tree(f"<p>Slow [1], then <em>fast [2]</em>.</p>{NOTES}")

    marks = rendered.xpath("//sup/a")
    assert [mark.get("href") for mark in marks] == ["#note-1", "#note-2"]
    assert [mark.text for mark in marks] == ["1", "2"]
    assert rendered.xpath("//ol/li/@id") == ["note-1", "note-2"]
    back = rendered.xpath("//ol/li//a")
    assert [link.get("href") for link in back] == [f"#{mark.get('id')}" for mark in marks]
    assert all(link.get("aria-label") for link in [*marks, *back])
    assert rendered.xpath("string(//p[1])") == "Slow1, then fast2."


def test_a_note_that_is_called_twice_leads_back_to_the_first_place():
    rendered = tree(f"<p>One [1] and again [1].</p>{NOTES}")

    assert rendered.xpath("//a[@href='#note-1']/@id") == ["noted-1"]
    assert rendered.xpath("//li//a/@href") == ["#noted-1"]


def test_a_mark_that_is_raised_already_is_not_raised_twice():
    rendered = tree(f"<p>One<sup>[1]</sup>[2]</p>{NOTES}")

    assert not rendered.xpath("//sup//sup")
    assert rendered.xpath("string(//p[1])") == "One1, 2"


def test_marks_and_the_words_between_them_keep_their_order():
    rendered = tree(f"<p>a [1] b <em>c</em> [2] d [1][2] e [3] f</p>{NOTES}")

    assert rendered.xpath("string(//p[1])") == "a1 b c2 d1, 2 e [3] f"


def test_twenty_thousand_marks_take_no_longer_than_their_number():
    assert not costs_more(lambda: render(f"<p>{'word [1] ' * 20_000}</p>{NOTES}"), 5)


@pytest.mark.parametrize(
    "words",
    [
        "<p>a [3] b [0] c [x] d [] e [1 f 1] g [-1] h [٣] i [99999999]</p>",
        "<p><code>a[1]</code></p><pre><code>a[1]</code></pre>",
        '<p><a href="/x/">see [1]</a></p>',
        "<h2>Chapter [1]</h2>",
    ],
)
def test_what_is_no_mark_is_left_as_it_is(words):
    rendered = tree(words + NOTES)

    assert not rendered.xpath("//sup")
    assert not rendered.xpath("//li//a")


@pytest.mark.parametrize(
    "html",
    [
        "<p>a [1]</p>",
        "<p>a [1]</p><h2>Notes</h2>",
        "<p>a [1]</p><h2>Notes</h2><ul><li>x</li></ul>",
        "<p>a [1]</p><h2>Chapter</h2><ol><li>x</li></ol>",
        f"<p>a [1]</p>{NOTES}<p>The end.</p>",
        f"<p>a [1]</p>{NOTES}The end.",
        "<p>a [1]</p><ol><li>x</li></ol>",
        "<ol><li>a [1]</li></ol>",
    ],
)
def test_without_notes_at_the_end_a_mark_is_only_text(html):
    rendered = tree(html)

    assert "[1]" in rendered.text_content()
    assert not rendered.xpath("//sup | //li[@id]")


def test_no_heading_takes_the_id_of_a_note():
    rendered = tree(f"<h2>Note 1</h2><h2>Noted 1</h2><p>x [1]</p>{NOTES}")

    ids = rendered.xpath("//@id")
    assert sorted(ids) == sorted(set(ids))
    assert {"note-1", "noted-1"} <= set(ids)


# Code


def test_code_is_colored_by_classes_alone():
    html = str(render('<pre><code class="language-python">def f():\n  pass</code></pre>').html)

    assert '<span class="tok-key">def </span><span class="tok-name">f</span>' in html
    assert "style" not in html
    assert lxml.html.fromstring(html).text_content() == "def f():\n  pass"


@pytest.mark.parametrize(
    ("language", "name"), [("python", "Python"), ("sql", "SQL"), ("klingon", None), ("", None)]
)
def test_a_block_of_code_says_what_language_it_is_in(language, name):
    rendered = tree(f'<pre><code class="language-{language}">x</code></pre>and on')

    [block] = rendered.xpath("//div[@class='code']")
    assert block.get("data-language") == name
    [code] = block.xpath("./pre[@tabindex='0']")
    assert code.get("role") and code.get("aria-label") == f"{name or 'Example'} code"
    assert block.tail == "and on"


@pytest.mark.parametrize("language", ["klingon", "", "c++", "C#", "../../etc"])
def test_code_in_a_language_nobody_knows_is_shown_as_it_is(language):
    code = "if a &lt; b &amp;&amp; c:"

    rendered = tree(f'<pre><code class="language-{language}">{code}</code></pre>')

    assert rendered.xpath("string(//pre)") == "if a < b && c:"


def test_code_that_looks_like_markup_stays_code():
    rendered = tree(
        '<pre><code class="language-html">&lt;script&gt;alert(1)&lt;/script&gt;</code></pre>'
    )

    assert not rendered.xpath("//script")
    assert rendered.xpath("string(//pre)") == "<script>alert(1)</script>"


# What is kept out, on save and again on show

HARMFUL = {
    "a script": "<script>alert(1)</script>",
    "a handler": '<p onclick="alert(1)">text</p>',
    "a handler on a picture": '<img src="x" onerror="alert(1)">',
    "a script in a link": '<a href="javascript:alert(1)">text</a>',
    "a hidden script in a link": '<a href=" java&#x09;script:alert(1)">text</a>',
    "data in a link": '<a href="data:text/html,<script>alert(1)</script>">text</a>',
    "a frame": '<iframe src="https://evil.example"></iframe>',
    "a style element": "<style>body { display: none }</style>",
    "a style attribute": '<p style="position: fixed">text</p>',
    "a drawing": '<svg onload="alert(1)"><script>alert(1)</script></svg>',
    "mathematics": "<math><mtext><style><img src=x onerror=alert(1)></style></mtext></math>",
    "a form": '<form action="https://evil.example"><input name="password"></form>',
    "an object": '<object data="evil.swf"></object><embed src="evil.swf">',
    "a base": '<base href="https://evil.example">',
    "a link to a stylesheet": '<link rel="stylesheet" href="https://evil.example">',
    "a redirect": '<meta http-equiv="refresh" content="0; url=https://evil.example">',
    "a template": "<template><script>alert(1)</script></template>",
    "a comment": "<!--[if IE]><script>alert(1)</script><![endif]-->",
    "an id": '<p id="inquiry-form">text</p>',
    "a foreign picture": '<img src="https://evil.example/track.gif" alt="">',
}
HARM = re.compile(
    r"script|alert|evil|onclick|onerror|onload|style|<svg|<math|<form|<input|<object|<embed|id=",
    re.IGNORECASE,
)


@pytest.mark.parametrize("html", HARMFUL.values(), ids=HARMFUL.keys())
def test_harm_is_not_shown_whatever_is_stored(html):
    assert not HARM.search(str(render(f"<p>Before</p>{html}<p>After</p>").html))


@pytest.mark.django_db
@pytest.mark.parametrize("html", HARMFUL.values(), ids=HARMFUL.keys())
def test_harm_is_not_even_stored(html):
    kept = (
        article(live_from=None, text={"body": f"<p>Before</p>{html}<p>After</p>"})
        .revisions.get()
        .body
    )

    # A picture of another host is left out when the text is shown.
    assert not HARM.search(kept.replace("https://evil.example/track.gif", ""))
    assert "Before" in kept and "After" in kept


@pytest.mark.django_db
def test_harm_that_got_past_the_models_is_not_shown(client):
    attacked = article()
    Revision.objects.update(body='<p>Words</p><script>alert(1)</script><p onclick="alert(1)">more')

    page = client.get(attacked.get_absolute_url()).text

    assert "Words" in page
    assert "alert(1)" not in page


WRITTEN = """
<h2>Heading</h2><h3>Smaller</h3>
<p><strong>bold</strong> <em>italic</em> <code>code</code> <s>gone</s> x<sup>2</sup> y<sub>1</sub>
<a href="https://example.com/">away</a> <a href="/contact/">here</a>
<a href="mailto:a@example.com">mail</a> <a href="tel:+451234">phone</a><br>next</p>
<ul><li><p>one</p></li></ul><ol start="3"><li><p>three</p></li></ol>
<blockquote><p>said</p></blockquote><hr>
<pre><code class="language-sql">SELECT 1</code></pre>
<table><tbody><tr><th colspan="2" rowspan="1"><p>wide</p></th></tr></tbody></table>
"""


def test_what_the_editor_can_write_is_kept():
    kept = lxml.html.fragment_fromstring(sanitize(WRITTEN), create_parent="div")
    written = lxml.html.fragment_fromstring(WRITTEN, create_parent="div")

    assert [element.tag for element in kept.iter()] == [element.tag for element in written.iter()]
    assert kept.xpath("//@href") == written.xpath("//@href")
    assert kept.xpath("//@colspan") == ["2"]
    assert kept.xpath("//@start") == ["3"]
    assert kept.xpath("//code/@class") == ["language-sql"]


def test_a_link_to_another_site_tells_it_nothing_of_the_window():
    rendered = tree('<a href="https://example.com/">away</a><a href="/contact/">here</a>')

    [away, here] = rendered.iter("a")
    assert "noopener" in away.get("rel")
    assert here.get("href") == "/contact/"


# Pictures


@pytest.mark.django_db
def test_a_picture_of_the_library_is_shown_as_small_as_a_browser_likes(client):
    wall = image(alt="A brick wall")
    make_renditions(wall.pk)
    shown = article(
        text={
            "body": f'<p>Look:</p><figure><img src="/anything" data-file="{wall.pk}" alt="Ours">'
            "<figcaption>Photo: Ada</figcaption></figure>"
        }
    )

    answer = client.get(shown.get_absolute_url())

    assert "</source>" not in answer.text
    page = lxml.html.fromstring(answer.content)
    [picture] = page.xpath("//div[@class='prose']//figure//picture")
    assert "image/avif" in picture.xpath(".//source/@type")
    [inside] = picture.xpath(".//img")
    assert inside.get("src").startswith("/media/")
    assert (inside.get("width"), inside.get("height")) == (str(wall.width), str(wall.height))
    assert page.xpath("string(//figcaption)") == "Photo: Ada"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "reference",
    [
        "",
        'data-file=""',
        'data-file="999999"',
        'data-file="-1"',
        'data-file="1e3"',
        'data-file="٣"',
        f'data-file="{10**18}"',
        f'data-file="{"9" * 5000}"',
    ],
    ids=lambda reference: reference[:30],
)
def test_a_picture_that_is_not_in_the_library_is_left_out(client, reference):
    body = f'<p>Words</p><figure><img src="https://example.com/a.png" {reference}></figure>'
    shown = article()
    Revision.objects.update(body=body)  # published before what readers would miss was checked

    page = lxml.html.fromstring(client.get(shown.get_absolute_url()).content)

    assert "Words" in page.text_content()
    assert not page.xpath("//div[@class='prose']//img | //div[@class='prose']//figure")


# Nothing raises

UGLY = {
    "deep": "<blockquote>" * 5000 + "deep" + "</blockquote>" * 5000,
    "deep lists": "<ul><li>" * 2000,
    "deep tables": "<table><tbody><tr><td>" * 500 + "x",
    "huge": "<p>" + "word " * 200_000 + "</p>",
    "many headings": "<h2>Same</h2>" * 2000,
    "unclosed": "<p><strong><em><a href='",
    "closed twice": "</p></p></table></pre></div>",
    "half a tag": "<",
    "half an entity": "&#x;&#99999999999;&am &amp",
    "NUL": "<p>a\0b</p><h2>a\0b</h2><pre><code>a\0b</code></pre>",
    "control characters": "<h2>\x01\x02\x0b\x0c\x1b\x7f\x85</h2><pre>\x01\x1b</pre>",
    "references to control characters": "<h2>&#1;&#11;&#x0;</h2><pre>&#1;</pre>",
    "right to left": "<h2>\u202eمرحبا\u202c بالعالم</h2><p dir='rtl'>שלום</p>",
    "not characters": "<h2>\ufffe\uffff\U0001fffe</h2>",
    "blank": " \n\t\u3000 ",
    "only a comment": "<!-- nothing -->",
    "a document": "<!doctype html><html><head><title>x</title></head><body><h2>y</h2></body>",
    "an empty heading": "<h2></h2><h2> </h2><h3><br></h3>",
    "an empty table": "<table></table><table><tbody></tbody></table><table><tr></tr></table>",
    "tables in tables": "<table><tr><th><table><tr><th>x</th></tr></table></th></tr></table>",
    "code in code": "<pre><code><pre><code>x</code></pre></code></pre><pre></pre>",
    "loose cells": "<tr><th>a</th></tr><td>b</td><li>c</li><figcaption>d</figcaption>",
    "a heading in a link": "<a href='/x'><h2>y <a href='/z'>z</a></h2></a>",
    "notes and no end": "<p>[1]</p>" * 999 + "<h2>Notes</h2><ol>" + "<li>[1]" * 999 + "</ol>",
    "a list of no notes": "<p>[1]</p><h2>Notes</h2><ol></ol>",
    "empty notes": "<sup>[1]</sup>[1][1]<h2>Notes</h2><ol><li></li></ol>",
    "quotes in quotes": "<blockquote><blockquote><p>a</p><p>— b</p></blockquote><p>— c</p>" * 3,
    "figures in figures": "<figure><figure><img></figure></figure>",
}


@pytest.mark.parametrize("html", UGLY.values(), ids=UGLY.keys())
def test_ugly_markup_renders_all_the_same(html):
    rendered = render(html)

    assert "<script" not in rendered.html
    assert rendered.minutes >= 1


PIECES = [
    *["<p>", "</p>", "<h2>", "</h2>", "<h3>", "<pre>", "</pre>", "</code>", "<br>", "</a>"],
    *["<table>", "<tbody>", "<tr>", "<th>", "<td>", "</tr>", "</table>", "<ul>", "<li>", "</ul>"],
    *["<blockquote>", "<figure>", "<img>", "<figcaption>", "</figure>", "<table onload=x>"],
    *['<code class="language-python">', '<a href="https://example.com">', "<a href='/x'>"],
    *['<a href="javascript:x">', '<a href="java&#1;script:x">', '<a href="java\1script:x">'],
    *['<img data-file="1" src="x" onerror="x">', '<img data-file="1" alt="<script>">'],
    *["<script>", "</script>", "<style>", "</style>", "<svg>", "<math>", "<mtext>", "<mglyph>"],
    *["<template>", "<noscript>", "<textarea>", "<title>", '<iframe srcdoc="<script>">'],
    *["<!--", "-->", "]]>", "<![CDATA[", "&lt;script&gt;", "&amp;lt;", "&#0;", "&#x1b;"],
    *["<", ">", '"', "'", "=", "\0", "\x1b", "\ufffe"],
    *["[1]", "[2]", "<sup>", "</sup>", "<h2>Notes</h2>", "<ol><li>", "</li></ol>", "<em>", "</em>"],
    *["<ol><li>x</li></ol>", "<p>— x</p>", "<tr><td>1</td><td>2</td></tr>"],
]
markup = st.lists(
    st.one_of(
        st.text(max_size=20),
        st.sampled_from(PIECES),
    ),
    max_size=30,
).map("".join)

HANDLER = re.compile(r"^on", re.IGNORECASE)


@settings(deadline=None)  # the first of each language loads its colors
@given(markup)
@example("<pre><code>&lt;script&gt;</code></pre>")
def test_nothing_that_is_stored_can_run_or_raise(html):
    # In the library, but not in a database: its renditions as if they had been fetched.
    wall = Image(pk=1, file="wall.png", width=1, height=1, alt='"><script>alert(1)</script>')
    wall._prefetched_objects_cache = {"renditions": Rendition.objects.none()}

    shown = str(render(html, [wall]).html)

    assert "<script" not in shown.lower()
    elements = list(lxml.html.fragment_fromstring(shown, create_parent="div").iter())
    assert not {str(element.tag) for element in elements} & {"script", "style", "svg", "iframe"}
    attributes = [(name, value) for element in elements for name, value in element.items()]
    assert not [name for name, _ in attributes if HANDLER.match(name) or name == "style"]
    links = [value for name, value in attributes if name in ("href", "src")]
    assert not [link for link in links if re.sub(r"[\0-\x20]", "", link).startswith("javascript:")]


@settings(deadline=None)
@given(markup)
@example("<h2><b><h2>")
@example('<a href="java&#1;script:x">')
def test_sanitizing_twice_changes_nothing(html):
    once = sanitize(html)

    assert sanitize(once) == once


OTHER_BLOCKS = {
    "headings of other levels": ("<h1>Title</h1><h4>Sub</h4>", "<h2>Title</h2><h3>Sub</h3>"),
    "divisions": ("<div>one</div><div>two</div>", "<p>one</p><p>two</p>"),
    "a division in a division": ("<div>a<div>b</div>c</div>", "<p>a</p><p>b</p>c"),
    "blocks in a section": (
        "<section><p>a</p><ul><li>b</li></ul></section>",
        "<p>a</p><ul><li>b</li></ul>",
    ),
    "terms": ("<dl><dt>a</dt><dd>b</dd></dl>", "<p>a</p><p>b</p>"),
    "in a cell": (
        "<table><tbody><tr><td><div>a</div><div>b</div></td></tr></tbody></table>",
        "<table><tbody><tr><td><p>a</p><p>b</p></td></tr></tbody></table>",
    ),
    "in a heading": ("<h2><div>a</div>b</h2>", "<h2> a b</h2>"),
    "in code": ("<pre><div>a</div><div>b</div></pre>", "<pre>a\n\nb\n</pre>"),
    "a table's caption": (
        "<table><caption>a</caption><tbody><tr><td>b</td></tr></tbody></table>",
        "<p>a</p><table><tbody><tr><td>b</td></tr></tbody></table>",
    ),
    "choices": ("<select><option>a</option><option>b</option></select>", "<p>a</p><p>b</p>"),
}


@pytest.mark.parametrize(("written", "kept"), OTHER_BLOCKS.values(), ids=OTHER_BLOCKS)
def test_words_of_blocks_that_the_editor_does_not_know_stay_apart(written, kept):
    assert sanitize(written) == kept
    assert sanitize(kept) == kept


@pytest.mark.parametrize(
    "picture", ['<img src="https://lh7.example.test/x.png">', "", '<img src="/x" data-file="99">']
)
def test_a_caption_outlives_its_picture(picture):
    body = f"<p>Before</p><figure>{picture}<figcaption>Churn <em>fell</em></figcaption></figure>"

    html = str(render(body).html)

    assert html == "<p>Before</p><p>Churn <em>fell</em></p>"


def test_code_keeps_its_lines_however_they_are_broken():
    [code] = tree("<pre><code>one<br>two\nthree</code></pre>").iter("code")

    assert code.text_content() == "one\ntwo\nthree"


def test_words_of_neighboring_blocks_are_counted_and_named_apart():
    body = render("<h2>Why<br>now</h2><p>one</p><p>two</p><ul><li>three</li><li>four</li></ul>")

    assert body.words == 6
    assert body.headings[0].text == "Why now"


def test_every_language_that_the_editor_offers_is_colored_and_named_alike():
    source = (site.BASE_DIR / "static/admin/prose/languages.js").read_text()
    offered = re.findall(r'^  \["([\w+#-]+)", "([^"]+)"\],$', source, re.MULTILINE)
    assert len(offered) > 30

    for value, name in offered:
        code = f'<pre><code class="language-{value}">x = 1</code></pre>'
        [block] = tree(code).find_class("code")
        assert block.get("data-language", "") == ("" if value == "text" else name)
        assert find_lexer_class_by_name(value)
