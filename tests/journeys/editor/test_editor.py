"""Writing in the editor, in a real browser: what is pasted into it and what becomes of links."""

import re
from base64 import b64encode
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.pictures import picture_file
from tests.prose.written_links import AS_TYPED

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


WORD_ITEM = (
    "<p class=MsoListParagraph style='mso-list:l0 level{level} lfo1'><![if !supportLists]>"
    "<span style='mso-list:Ignore'>{mark}<span>&nbsp;&nbsp; </span></span><![endif]>x</p>"
)


@pytest.mark.parametrize(
    ("marks", "lists"),
    [
        ("· ·", "<ul>"),
        ("- –", "<ul>"),
        ("§ Ø", "<ul>"),
        ("o o", "<ul>"),
        ("1. 2.", "<ol>"),
        ("7) 8)", '<ol start="7">'),
        ("(2) (3)", '<ol start="2">'),
        ("1.3. 1.4.", '<ol start="3">'),
        ("b. c.", '<ol start="2" type="a">'),
        ("B) C)", '<ol start="2" type="A">'),
        ("iv. v.", '<ol start="4" type="i">'),
        ("I. II.", '<ol type="I">'),
    ],
)
def test_a_list_of_word_keeps_its_kind_and_its_number(writer, marks, lists):
    paste(writer, "".join(WORD_ITEM.format(level=1, mark=mark) for mark in marks.split()))

    [opening] = re.findall(r"<[uo]l[^>]*>", kept(writer))
    assert re.sub(r' data-type="[^"]*"', "", opening) == lists
    assert kept(writer).count("<li><p>x</p></li>") == 2


def test_a_mark_that_is_no_number_stays_in_the_text(writer):
    paste(writer, WORD_ITEM.format(level=1, mark="Step 1:"))

    assert kept(writer) == "<p>Step 1: x</p>"


def test_levels_of_word_that_jump_keep_every_item(writer):
    levels = [1, 3, 2, 1, 2]
    paste(writer, "".join(WORD_ITEM.format(level=level, mark="·") for level in levels))

    assert kept(writer).count("<p>x</p>") == len(levels)


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


# Back, twice, and away


def test_after_back_the_editor_has_the_words_that_the_form_would_send(writer):
    writer.page.get_by_label("Title:", exact=True).fill("Gone and back")
    body(writer).click()
    writer.page.keyboard.type("Words that took an hour.")
    writer.open("/admin/")

    writer.page.go_back()

    expect(writer.page.get_by_label("Title:", exact=True)).to_have_value("Gone and back")
    expect(body(writer)).to_have_text("Words that took an hour.")
    body(writer).click()
    writer.page.keyboard.press("Control+End")
    writer.page.keyboard.type(" More.")
    assert kept(writer) == "<p>Words that took an hour. More.</p>"


def test_a_double_click_on_save_saves_once_and_accuses_nobody(writer):
    begin(writer, title="Twice", slug="twice", words="One click too many.")

    writer.page.get_by_role("button", name="Save draft").dblclick()

    expect(writer.page.locator(".messagelist")).to_contain_text("Saved.")
    expect(writer.page.locator(".errornote")).to_have_count(0)
    body(writer).click()
    writer.page.keyboard.type("So. ")
    writer.page.get_by_role("button", name="Save draft").dblclick()
    expect(writer.page.locator(".messagelist")).to_contain_text("Saved.")
    expect(writer.page.locator(".errornote")).to_have_count(0)
    expect(writer.page.locator(".revisions tbody tr")).to_have_count(1)


def test_back_from_the_preview_of_a_new_article_leads_to_that_article(writer):
    begin(writer, title="Seen first", slug="seen-first", words="As readers would.")

    writer.page.get_by_role("button", name="Save and preview").click()
    expect(writer.page.get_by_text("readers can’t see this")).to_be_visible()
    writer.page.go_back()

    expect(writer.page).to_have_url(re.compile(r"/article/\d+/change/$"))
    expect(body(writer)).to_have_text("As readers would.")
    body(writer).click()
    writer.page.keyboard.press("Control+Home")
    writer.page.keyboard.type("First: ")
    writer.page.get_by_role("button", name="Save draft").click()
    expect(writer.page.locator(".messagelist")).to_contain_text("Saved.")
    assert kept(writer) == "<p>First: As readers would.</p>"
    assert writer.complaints == []


def test_without_script_back_from_a_new_article_leads_to_that_article(browser, logins):
    with browser.visitor(java_script_enabled=False) as writer:
        writer.sign_in(PUBLISHER, logins[PUBLISHER])
        writer.open(ADD)
        for name, value in {"title": "Plain", "slug": "plain", "body": "<p>Words.</p>"}.items():
            writer.page.locator(f"[name={name}]").fill(value)
        writer.page.get_by_role("button", name="Save draft").click()
        expect(writer.page.locator(".messagelist")).to_contain_text("Saved.")

        writer.page.go_back()

        expect(writer.page).to_have_url(re.compile(r"/article/\d+/change/$"))
        expect(writer.page.locator("[name=slug]")).to_have_value("plain")


def test_what_is_wrong_with_a_new_article_is_said_before_any_preview(writer):
    begin(writer, title="Not yet", slug="not yet", words="Something.")

    writer.page.get_by_role("button", name="Save and preview").click()

    expect(writer.page.locator(".errornote")).to_be_visible()
    expect(body(writer)).to_have_text("Something.")


def test_the_preview_leads_back_to_the_editor(writer):
    begin(writer, title="There and back", slug="there-and-back", words="Words.")
    writer.page.get_by_role("button", name="Save and preview").click()

    writer.page.get_by_role("link", name="Back to editing").click()

    expect(body(writer)).to_have_text("Words.")


def begin(writer, *, title, slug, words):
    writer.page.get_by_label("Title:", exact=True).fill(title)
    writer.page.get_by_label("Address").fill(slug)
    body(writer).click()
    writer.page.keyboard.type(words)


# Pictures


def put_on_clipboard(writer, *, files=(), html=""):
    """Paste as a program does that copies pictures: files cannot be put there by a script."""
    body(writer).click()
    writer.page.evaluate(
        """async ([files, html]) => {
            const data = new DataTransfer();
            if (html) data.setData("text/html", html);
            for (const [name, color, type] of files) {
                const canvas = document.createElement("canvas");
                Object.assign(canvas, { width: 60, height: 40 });
                const context = canvas.getContext("2d");
                context.fillStyle = color;
                context.fillRect(0, 0, 60, 40);
                const content = await new Promise((resolve) => canvas.toBlob(resolve, type));
                data.items.add(new File([content], name, { type }));
            }
            const sent = { clipboardData: data, bubbles: true, cancelable: true };
            const writing = document.querySelector(".ProseMirror[contenteditable]");
            writing.dispatchEvent(new ClipboardEvent("paste", sent));
        }""",
        [list(files), html],
    )


def upload(writer, *, alt="", decorative=False):
    dialog = writer.page.get_by_role("dialog")
    dialog.get_by_label("What it shows").fill(alt)
    dialog.get_by_label("Decorative").set_checked(decorative)
    dialog.get_by_role("button", name="Add picture").click()
    return dialog


def picture_in_text(writer):
    return body(writer).locator("figure img")


def notice(writer):
    return writer.page.locator(".prose-notice")


def test_a_screenshot_on_the_clipboard_is_described_and_stands_in_the_text(writer):
    put_on_clipboard(writer, files=[("image.png", "#123456", "image/png")])
    dialog = upload(writer, alt="  ")
    expect(dialog.get_by_role("alert")).to_contain_text("Describe the picture")

    upload(writer, alt="A blue wall")

    expect(dialog).to_have_count(0)
    expect(picture_in_text(writer)).to_have_attribute("alt", "A blue wall")
    expect(picture_in_text(writer)).to_have_js_property("naturalWidth", 60)
    assert re.search(r'data-file="\d+"', kept(writer))
    assert writer.complaints == []


def test_a_picture_that_the_library_has_is_taken_from_there(writer):
    stands_in_text = []
    for _ in range(2):
        writer.open(ADD)
        put_on_clipboard(writer, files=[("wall.png", "#654321", "image/png")])
        upload(writer, alt="A brown wall")
        expect(picture_in_text(writer)).to_have_count(1)
        stands_in_text += re.findall(r'data-file="(\d+)"', kept(writer))

    assert len(stands_in_text) == 2
    assert len(set(stands_in_text)) == 1


def test_several_pictures_are_asked_for_one_after_the_other(writer):
    put_on_clipboard(
        writer,
        files=[("one.png", "#112233", "image/png"), ("two.jpg", "#332211", "image/jpeg")],
    )
    expect(writer.page.get_by_role("heading", name="Add picture 1 of 2")).to_be_visible()
    upload(writer, alt="One")
    expect(writer.page.get_by_role("heading", name="Add picture 2 of 2")).to_be_visible()
    upload(writer, decorative=True)

    expect(picture_in_text(writer)).to_have_count(2)


def test_the_picture_within_pasted_text_is_asked_for(writer):
    png = b64encode(picture_file(color=(9, 8, 7)).read()).decode()
    dot = f"data:image/png;base64,{png}"
    put_on_clipboard(
        writer,
        html=f"<p>Before</p><p><img src='{dot}' alt='A dot'></p><p>After</p>",
    )

    expect(writer.page.get_by_label("What it shows")).to_have_value("A dot")
    upload(writer, alt="A dot")

    expect(picture_in_text(writer)).to_have_count(1)
    expect(body(writer)).to_contain_text("Before")


@pytest.mark.parametrize(
    ("html", "said"),
    [
        ("<p>Words<img src='https://lh7.example.test/a.png'></p>", "1 picture was not copied"),
        ("<p>Words<img src='file:///C:/a.png'><img src='cid:1'></p>", "2 pictures were not copied"),
        ("<p>Words</p><img src='/media/images/unknown.png'>", "1 picture was not copied"),
    ],
)
def test_a_picture_that_cannot_come_along_is_named(writer, html, said):
    put_on_clipboard(writer, html=html)

    expect(notice(writer)).to_contain_text(said)
    assert "<img" not in kept(writer)
    notice(writer).get_by_role("button", name="Close").click()
    expect(notice(writer)).to_have_count(0)
    assert writer.complaints == []


def test_a_picture_of_another_host_is_named_however_it_came(writer):
    body(writer).click()
    writer.page.keyboard.type("![a](/media/images/gone.png)")

    expect(notice(writer)).to_contain_text("not in the library")


def test_the_picture_that_word_makes_of_a_text_is_not_asked_for(writer):
    put_on_clipboard(writer, html="<p>Words</p>", files=[("image.png", "#ffffff", "image/png")])

    assert kept(writer) == "<p>Words</p>"
    expect(writer.page.get_by_role("dialog")).to_have_count(0)


def test_a_file_that_is_dropped_becomes_a_picture_or_a_word_of_advice(writer):
    for name, type in [("notes.txt", "text/plain"), ("wall.png", "image/png")]:
        writer.page.evaluate(
            """async ([name, type]) => {
                const canvas = document.createElement("canvas");
                const content = await new Promise((resolve) => canvas.toBlob(resolve));
                const dataTransfer = new DataTransfer();
                dataTransfer.items.add(new File([content], name, { type }));
                const writing = document.querySelector(".ProseMirror[contenteditable]");
                const { left, top } = writing.getBoundingClientRect();
                const place = { clientX: left + 30, clientY: top + 30 };
                const sent = { ...place, dataTransfer, bubbles: true, cancelable: true };
                writing.dispatchEvent(new DragEvent("drop", sent));
            }""",
            [name, type],
        )
    expect(notice(writer)).to_contain_text("Only pictures")

    upload(writer, alt="Nothing")

    expect(picture_in_text(writer)).to_have_count(1)


# How it looks


@pytest.mark.parametrize("address", [ADD, "/admin/pages/page/add/"])
@pytest.mark.parametrize(("width", "height"), [(360, 740), (768, 1000), (1280, 1000)])
def test_the_bar_of_buttons_stays_and_leaves_room_to_write(writer, address, width, height):
    page = writer.page
    page.set_viewport_size({"width": width, "height": height})
    writer.open(address)
    paste(writer, "<p>Words</p>" * 100)

    page.mouse.move(width / 2, height / 2)
    body(writer).locator("p").nth(50).scroll_into_view_if_needed()

    bar, buttons = page.locator(".prose-menubar").first, page.locator(".submit-row").last
    above, below = bar.bounding_box(), buttons.bounding_box()
    assert above["y"] == 0
    assert above["height"] + below["height"] < height * 0.15
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.set_viewport_size({"width": 1280, "height": 1000})


@pytest.mark.parametrize("address", [ADD, "/admin/pages/page/add/"])
def test_what_is_written_looks_like_what_it_is(writer, address):
    writer.open(address)
    paste(writer, "<ul><li>One</li></ul><table><tr><td>Cell</td></tr></table><pre>code</pre>")

    def style(selector, name):
        return body(writer).locator(selector).evaluate(f"one => getComputedStyle(one).{name}")

    assert style("ul > li", "listStyleType") == "disc"
    assert style("ul", "marginLeft") == "0px"
    assert style("td", "borderTopStyle") == "solid"
    assert style("pre", "backgroundColor") != "rgba(0, 0, 0, 0)"
