"""A brief as a document: the visitor's words as they are, in an order that nothing breaks."""

import random
import re
from itertools import pairwise

import pytest
from markdown_it import MarkdownIt

from leads.briefs.sections import NOT_SAID, SECTIONS, markdown, plain_criteria
from leads.models import Brief

HEADINGS = ["Context", "Interfaces", "Acceptance criteria", "Out of scope", "Definition of done",
            "Constraints"]  # fmt: skip


def outline(document):
    """The headings of the first two levels, as a program that knows Markdown finds them."""
    tokens = MarkdownIt("commonmark").parse(document)
    return [
        inline.content
        for token, inline in pairwise(tokens)
        if token.type == "heading_open" and token.tag in ("h1", "h2") and token.level == 0
    ]


def section(document, heading):
    return document.partition(f"## {heading}\n\n")[2].partition("\n\n## ")[0].rstrip("\n")


def test_a_brief_is_a_document_with_a_heading_for_each_section():
    document = markdown(Brief(title="Orders", context="Lost.", out_of_scope="Returns."))

    assert document.startswith("# Orders\n\n## Context\n\nLost.\n\n## Interfaces\n\n")
    assert outline(document) == ["Orders", *HEADINGS]
    assert section(document, "Out of scope") == "Returns."


def test_what_is_not_said_is_left_open_in_words():
    document = markdown(Brief(context="Lost."))

    assert document.startswith("# Brief\n")
    assert document.count(NOT_SAID) == 5


def test_the_visitors_words_and_their_markdown_stay():
    words = "We have **two** shops:\n\n- one in `PHP`\n- one [here](https://a.example)\n\n> Help!"

    assert section(markdown(Brief(context=words)), "Context") == words


def test_line_ends_of_the_web_become_those_of_files():
    assert section(markdown(Brief(context="One\r\nTwo\rThree")), "Context") == "One\nTwo\nThree"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("# Ours", "### Ours"),
        ("  ## Ours ##", "#### Ours ##"),
        ("###### Deep", "###### Deep"),
        ("#hashtag", "#hashtag"),
        ("Ours\n====", "### Ours"),
        ("Ours\n---\nMore", "### Ours\n\nMore"),
        ("- one\n---", "- one\n\n---"),
        ("above\n\n---\n\nbelow", "above\n\n---\n\nbelow"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "| a | b |\n|---|---|\n| 1 | 2 |"),
        ("```sh\n# a comment\n```", "```sh\n# a comment\n```"),
        ("```sh\n# never closed", "```sh\n# never closed\n```"),
        ("- see\n  ```\n  # x", "~~~\n- see\n  ```\n  # x\n~~~"),
        ("1. ~~~~\n   x", "~~~~~\n1. ~~~~\n   x\n~~~~~"),
        ("<!-- hidden", "\\<!-- hidden"),
        ("<script>x", "\\<script>x"),
        ("<https://a.example> <b>bold</b>", "<https://a.example> <b>bold</b>"),
    ],
)
def test_nothing_in_a_section_breaks_out_of_it(typed, kept):
    document = markdown(Brief(title="T", context=typed))

    assert section(document, "Context") == kept
    assert outline(document) == ["T", *HEADINGS]


def test_whatever_lines_are_put_together_the_outline_is_ours():
    lines = [
        "# x", "## y", "text", "===", "---", "-", "```", "~~~", "````", "  ```", "- ```", "1. ```",
        "> ```", "   ~~~", "<!--", "<script>", "<div>", "</div>", "", "", "- a", "  b", "1. c",
        "   # d", "    code", "\ttab", "| a | b |", "|---|---|", "> q", "<?php", "-->", "```py",
        "* * *", "[x]: /url", "a `b", "<pre>", "\\", "=", "<![CDATA[", "+ ~~~", "***", "#",
        "10) x", "     ```", "<p", "<a href='", "Given x", "When y", "- [ ] z", "…",
        "\x0b", "\u2028",
    ]  # fmt: skip
    dice = random.Random(29148)
    for _ in range(1500):
        words = {one.name: "\n".join(dice.choices(lines, k=dice.randrange(7))) for one in SECTIONS}
        assert outline(markdown(Brief(title="T", **words))) == ["T", *HEADINGS], words


@pytest.mark.parametrize(
    "title", ["1. A # title *with* <marks>_", "A\nB\r\n# C", "`", "# x #", "---"]
)
def test_a_title_is_one_line_and_reads_as_typed(title):
    document = markdown(Brief(title=title))

    [heading] = re.findall(r"<h1>(.*)</h1>", MarkdownIt("commonmark").render(document))
    shown = heading.replace("&lt;", "<").replace("&gt;", ">")
    assert shown == " ".join(title.split())


# Acceptance criteria


@pytest.mark.parametrize(
    ("typed", "listed"),
    [
        ("One\nTwo", "- [ ] One\n- [ ] Two"),
        ("- One\n* Two\n\n3. Three\n• Four", "- [ ] One\n- [ ] Two\n- [ ] Three\n- [ ] Four"),
        ("[ ] One\n- [x] Two", "- [ ] One\n- [x] Two"),
        ("Given a\nWhen b\nThen c\nGiven d",
         "- [ ] Given a\n      When b\n      Then c\n- [ ] Given d"),
        ("One\n  goes on\nTwo", "- [ ] One\n      goes on\n- [ ] Two"),
        ("404 is answered\n-1 is refused", "- [ ] 404 is answered\n- [ ] -1 is refused"),
    ],
)  # fmt: skip
def test_plain_criteria_become_a_list_to_tick_off(typed, listed):
    assert section(markdown(Brief(acceptance_criteria=typed)), "Acceptance criteria") == listed


@pytest.mark.parametrize(
    "typed",
    ["### Import\n- One", "| a | b |\n|---|---|", "> quoted", "One\n```\ncode\n```", "- ```\n  x"],
)
def test_criteria_that_are_markdown_of_another_kind_stay_so(typed):
    assert plain_criteria(typed) == []
    assert "- [ ]" not in markdown(Brief(acceptance_criteria=typed))
