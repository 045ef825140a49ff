"""Writing in the editor, in a real browser: what is pasted into it and what becomes of links."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.articles.written_links import AS_TYPED

PUBLISHER = "publisher@cleansystems.example"
ADD = "/admin/articles/article/add/"
# What each program puts on the clipboard, and beside it what the editor keeps of it.
PASTED = Path(__file__).parent / "pasted"
PROGRAMS = sorted(path.stem for path in PASTED.glob("*.html") if ".stored" not in path.name)


@pytest.fixture(scope="module")
def desk(browser, logins):
    """A publisher with an editor open and a clipboard."""
    with browser.visitor(
        viewport={"width": 1280, "height": 1000}, permissions=["clipboard-read", "clipboard-write"]
    ) as publisher:
        publisher.sign_in(PUBLISHER, logins[PUBLISHER])
        yield publisher


@pytest.fixture
def writer(desk):
    desk.complaints.clear()
    desk.open(ADD)
    return desk


def body(writer):
    return writer.page.get_by_role("textbox", name="Body", exact=True)


def kept(writer):
    """What the form would send."""
    return writer.page.locator("#id_body").input_value()


def paste(writer, html, into=None):
    """By the clipboard and the keyboard, as it was put there by another program."""
    page = writer.page
    page.evaluate(
        """html => document.addEventListener("copy", (event) => {
            event.clipboardData.setData("text/html", html);
            event.clipboardData.setData("text/plain", "not this");
            event.preventDefault();
            event.stopImmediatePropagation();
        }, { once: true, capture: true })""",
        html,
    )
    (into or body(writer)).click()
    page.keyboard.press("Control+c")
    page.keyboard.press("Control+v")


@pytest.mark.parametrize("program", PROGRAMS)
def test_pasted_text_keeps_its_structure_and_nothing_else(writer, program):
    stored = (PASTED / f"{program}.stored.html").read_text().rstrip("\n")

    paste(writer, (PASTED / f"{program}.html").read_text())

    assert kept(writer) == re.sub(r"\n(?=<(?!/))", "", stored)
    assert writer.complaints == []


def test_the_editor_of_a_page_takes_pasted_text_the_same_way(writer):
    writer.open("/admin/pages/page/add/")

    paste(writer, (PASTED / "google-docs.html").read_text())

    stored = (PASTED / "google-docs.stored.html").read_text()
    assert kept(writer) == stored.replace("\n", "")
    assert writer.complaints == []


def test_a_phrase_stays_in_its_sentence(writer):
    body(writer).click()
    writer.page.keyboard.type("Before ")

    paste(writer, "<meta charset='utf-8'><b style='font-weight:400'>plain</b> <b>bold</b>")

    assert kept(writer) == "<p>Before plain <strong>bold</strong></p>"


def test_what_is_copied_in_the_editor_comes_back_as_it_was(writer):
    paste(writer, "<ul><li>One <b>bold</b></li><li>Two</li></ul><h3>Detail</h3><p>Words</p>")
    before = kept(writer)
    assert "<h3>Detail</h3>" in before

    writer.page.keyboard.press("Control+a")
    writer.page.keyboard.press("Control+x")
    writer.page.keyboard.press("Control+v")

    assert kept(writer) == before


@pytest.mark.parametrize(
    ("levels", "kept_as"),
    [
        ("1", "2"),
        ("2", "2"),
        ("3", "3"),
        ("4", "3"),
        ("6", "3"),
        ("14", "23"),
        ("12323", "22323"),  # the first is the document's title
        ("1212", "2323"),
        ("2345", "2333"),
        ("34", "23"),
        ("3434", "2323"),
        ("456", "233"),
    ],
)
def test_headings_keep_their_outline(writer, levels, kept_as):
    paste(writer, "".join(f"<h{level}>Words</h{level}><p>Text</p>" for level in levels))

    assert "".join(re.findall(r"<h(\d)>", kept(writer))) == kept_as


def test_a_link_gets_the_scheme_that_it_lacks(writer):
    for typed, address in AS_TYPED.items():
        body(writer).click()
        writer.page.keyboard.press("Control+a")
        writer.page.keyboard.type("there")
        writer.page.keyboard.press("Control+a")
        writer.page.get_by_role("button", name="insert link").click()
        dialog = writer.page.get_by_role("dialog")
        dialog.get_by_label("URL").fill(typed)
        dialog.get_by_role("button", name="Update").click()

        expect(body(writer).locator("a")).to_have_attribute("href", address)
    assert writer.complaints == []
