"""Writing in the editor, in a real browser: what is pasted into it and what becomes of links."""

import json
import re
from base64 import b64encode
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.pictures import picture_file
from tests.prose.written_links import AS_TYPED

PUBLISHER = "publisher@cleansystems.example"
ADD = "/admin/articles/article/add/"
# What each program puts on the clipboard, and beside it what the editor keeps of it.
PASTED = Path(__file__).parent / "pasted"
PROGRAMS = sorted(path.name.removesuffix(".stored.html") for path in PASTED.glob("*.stored.html"))


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
    desk.page.evaluate("sessionStorage.clear()")  # no preview is open from before
    desk.open(ADD)
    return desk


def body(writer):
    return writer.page.get_by_role("textbox", name="Body", exact=True)


def kept(writer):
    """What the form would send."""
    return writer.page.locator("#id_body").input_value()


def paste(writer, html="", *, text="not this", **others):
    """By the clipboard and the keyboard, as it was put there by another program."""
    page = writer.page
    kinds = {"text/html": html, "text/plain": text} | others
    page.evaluate(
        """kinds => document.addEventListener("copy", (event) => {
            for (const [kind, content] of Object.entries(kinds)) {
                if (content) event.clipboardData.setData(kind, content);
            }
            event.preventDefault();
            event.stopImmediatePropagation();
        }, { once: true, capture: true })""",
        kinds,
    )
    body(writer).click()
    page.keyboard.press("Control+c")
    page.keyboard.press("Control+v")


def test_pasted_text_keeps_its_structure_and_nothing_else(writer):
    """One writer, one text, and what each program puts on the clipboard, one after the other."""
    for program in PROGRAMS:
        body(writer).click()
        writer.page.keyboard.press("Control+a")
        writer.page.keyboard.press("Delete")
        stored = of_program(program, "stored.html").rstrip("\n")

        paste(
            writer,
            of_program(program, "html"),
            text=of_program(program, "txt") or "not this",
            **{"vscode-editor-data": mode(of_program(program, "mode").strip())},
        )

        assert kept(writer) == re.sub(r"\n(?=<(?!/))", "", stored), program
        assert writer.complaints == [], program
        assert "taken over" not in writer.page.title(), program


def of_program(program, kind):
    path = PASTED / f"{program}.{kind}"
    return path.read_bytes().decode() if path.exists() else ""


def mode(language):
    return json.dumps({"version": 1, "mode": language}) if language else ""


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
        writer.page.get_by_role("button", name="Link", exact=True).click()
        writer.page.get_by_role("combobox", name="Title of an article").fill(typed)
        writer.page.get_by_role("option", name="Link to").click()

        expect(body(writer).locator("a")).to_have_attribute("href", address)
    assert writer.complaints == []


# Back, twice, and away


def test_after_back_the_editor_has_the_words_that_the_form_would_send(writer):
    writer.page.get_by_label("Title", exact=True).fill("Gone and back")
    body(writer).click()
    writer.page.keyboard.type("Words that took an hour.")
    writer.open("/admin/")

    writer.page.go_back()

    expect(writer.page.get_by_label("Title", exact=True)).to_have_value("Gone and back")
    expect(body(writer)).to_have_text("Words that took an hour.")
    body(writer).click()
    writer.page.keyboard.press("Control+End")
    writer.page.keyboard.type(" More.")
    assert kept(writer) == "<p>Words that took an hour. More.</p>"


def test_a_double_click_on_save_saves_once_and_accuses_nobody(writer):
    begin(writer, title="Twice", slug="twice", words="One click too many.")
    sent = []
    writer.page.on(
        "request",
        lambda one: sent.append(one.method) if one.is_navigation_request() else None,
    )

    writer.page.get_by_role("button", name="Save draft").dblclick()

    expect(writer.page.locator(".messagelist")).to_contain_text("Saved.")
    expect(writer.page.locator(".errornote")).to_have_count(0)
    assert sent.count("POST") == 1
    body(writer).click()
    writer.page.keyboard.type("So. ")
    writer.page.get_by_role("button", name="Save draft").dblclick()
    expect(writer.page.locator(".messagelist")).to_contain_text("Saved.")
    expect(writer.page.locator(".errornote")).to_have_count(0)
    expect(writer.page.get_by_text("1 revision", exact=True)).to_have_count(1)


def test_nobody_meets_a_field_of_html_before_the_editor_is_there(writer):
    held = []
    with cut_off(writer, "extensions", lambda route: held.append(route)):
        writer.page.goto(f"{writer.address}{ADD}", wait_until="commit")
        expect(writer.page.get_by_label("Title", exact=True)).to_be_visible()
        expect(writer.page.locator("#id_body")).to_be_hidden()
        for route in held:
            route.continue_()

    expect(body(writer)).to_have_class(re.compile("ProseMirror"))


@pytest.mark.parametrize("script", ["extensions", "pasting", "editor"])
def test_an_editor_whose_script_did_not_come_starts_all_the_same(writer, script):
    """The browser gets it the second time, and the page asks by itself."""
    lost, loaded = [], []

    def lose(route):
        lost.append(route.request.url)
        route.abort() if len(lost) == 1 else route.continue_()

    def is_second(page):
        loaded.append(page)
        return len(loaded) == 2

    with cut_off(writer, script, lose):
        with writer.page.expect_event("load", is_second):
            writer.open(ADD)
        expect(body(writer)).to_be_editable()
        begin(writer, title="Lost", slug=f"lost-{script}", words="Words.")

    assert kept(writer) == "<p>Words.</p>"


def test_where_the_script_never_comes_the_page_says_so(writer):
    with cut_off(writer, "extensions", lambda route: route.abort()):
        writer.open(ADD)

        expect(writer.page.get_by_role("alert")).to_contain_text("The editor did not load")
        writer.page.get_by_label("Body", exact=True).fill("<p>Typed all the same.</p>")
    writer.page.get_by_role("button", name="Load the page again").click()

    expect(writer.page.locator(".ProseMirror")).to_be_visible()


@contextmanager
def cut_off(writer, script, how):
    """One of the editor's scripts, from now on. What the browser keeps of it does not count."""
    cache = writer.page.context.new_cdp_session(writer.page)
    cache.send("Network.setCacheDisabled", {"cacheDisabled": True})
    of_script = re.compile(rf"/admin/prose/{script}\.[^/]*js$")
    writer.page.route(of_script, how)
    yield
    writer.page.unroute(of_script)
    cache.detach()


def test_a_key_meets_what_is_selected_and_not_what_was(writer):
    """After Ctrl A and End, with no moment between them for the browser to tell of the caret."""
    begin(writer, title="Quick", slug="quick", words="All of this stays")
    writer.page.keyboard.press("Control+a")

    writer.page.evaluate(
        """() => {
            const writing = document.querySelector(".ProseMirror");
            getSelection().collapse(writing.querySelector("p").firstChild, 17);
            const key = { key: ".", code: "Period", keyCode: 190, charCode: 46 };
            for (const kind of ["keydown", "keypress"]) {
                const options = { ...key, bubbles: true, cancelable: true };
                writing.dispatchEvent(new KeyboardEvent(kind, options));
            }
        }"""
    )

    assert "All of this stays" in kept(writer)


def test_back_from_the_preview_of_a_new_article_leads_to_that_article(writer):
    begin(writer, title="Seen first", slug="seen-first", words="As readers would.")

    preview(writer)
    expect(previewed(writer)).to_contain_text("As readers would.")
    expect(writer.page).to_have_url(re.compile(r"/article/\d+/change/$"))
    expect(body(writer)).to_have_text("As readers would.")
    writer.open(writer.path.replace("/change/", "/preview/"))
    expect(writer.page.get_by_text("readers can’t see this")).to_be_visible()
    writer.page.go_back()

    expect(writer.page).to_have_url(re.compile(r"/article/\d+/change/$"))
    expect(body(writer)).to_have_text("As readers would.")
    body(writer).press("Control+Home")  # no click before: its own selection may come after the key
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


def test_what_is_wrong_with_a_new_article_is_said_though_its_preview_is_open(writer):
    """What is wrong may stand in the rail, which the preview covers."""
    begin(writer, title="Not yet", slug="not-yet", words="Something.")
    expect(writer.page).to_have_url(re.compile(r"/article/\d+/change/$"))
    writer.page.get_by_label("Address").fill("not yet")
    preview(writer)
    expect(previewed(writer)).to_contain_text("Something.")

    writer.page.get_by_role("button", name="Save draft").click()

    expect(writer.page.locator(".errornote")).to_be_visible()
    expect(writer.page.get_by_text("Enter a valid “slug”")).to_be_visible()
    expect(writer.page.get_by_label("Address")).to_have_value("not yet")
    expect(body(writer)).to_have_text("Something.")
    writer.page.get_by_label("Address").fill("not-yet")
    writer.page.get_by_role("button", name="Save draft").click()
    expect(writer.page.locator(".messagelist")).to_contain_text("Saved.")
    expect(previewed(writer)).to_contain_text("Something.")


def test_a_preview_of_what_is_not_saved_yet_says_so_and_why(writer):
    empty = writer.page.locator(".glass__empty")
    preview(writer)
    expect(empty).to_have_text("There is nothing to preview yet. Write the first words.")
    preview(writer)

    writer.page.route("**/keep/", lambda route: route.abort())
    writer.page.get_by_label("Title", exact=True).fill("Not there yet")
    preview(writer)
    expect(empty).to_have_text(
        "The preview shows what is saved, and your words are not saved yet. They appear here as"
        " soon as they are. The server does not answer. It is tried again by itself."
    )

    writer.page.unroute("**/keep/")
    shown = writer.page.frame_locator(".glass iframe")
    expect(shown.get_by_role("heading", name="Not there yet")).to_be_visible()
    expect(writer.page.frame_locator(".glass iframe").locator("h1")).to_have_text("Not there yet")
    expect(empty).to_be_hidden()


def test_without_script_what_is_wrong_with_a_new_article_is_said_before_any_preview(
    browser, logins
):
    with browser.visitor(java_script_enabled=False) as writer:
        writer.sign_in(PUBLISHER, logins[PUBLISHER])
        writer.open(ADD)
        for name, value in {"title": "Not so", "slug": "not so", "body": "<p>Words.</p>"}.items():
            writer.page.locator(f"[name={name}]").fill(value)
        preview(writer)
        expect(writer.page.locator(".errornote")).to_be_visible()
        expect(writer.page.locator("[name=body]")).to_have_value("<p>Words.</p>")

        writer.page.locator("[name=slug]").fill("not-so")
        preview(writer)

        expect(writer.page.get_by_text("readers can’t see this")).to_be_visible()
        writer.page.get_by_role("link", name="Back to editing").click()
        expect(writer.page).to_have_url(re.compile(r"/article/\d+/change/$"))
        expect(writer.page.locator("[name=body]")).to_have_value("<p>Words.</p>")


def test_the_preview_leads_back_to_the_editor(writer):
    begin(writer, title="There and back", slug="there-and-back", words="Words.")
    preview(writer)
    with writer.page.expect_popup() as opened:
        writer.page.get_by_role("link", name="Open in a new tab").click()
    own = opened.value

    own.get_by_role("link", name="Back to editing").click()

    expect(own.get_by_role("textbox", name="Body", exact=True)).to_have_text("Words.")
    own.close()
    preview(writer)
    expect(previewed(writer)).to_be_hidden()
    expect(body(writer)).to_have_text("Words.")


def preview(writer):
    writer.page.locator(".bar__preview").click()


def previewed(writer):
    """The text in the page that is shown beside the words."""
    return writer.page.frame_locator(".glass iframe").locator("#text")


def begin(writer, *, title, slug, words):
    writer.page.get_by_label("Title", exact=True).fill(title)
    writer.page.get_by_label("Address").fill(slug)
    body(writer).click()
    writer.page.keyboard.type(words)


# Pictures


def put_on_clipboard(writer, *, files=(), html="", rtf=""):
    """Paste as a program that copies pictures: no script can put files or RTF on a clipboard."""
    body(writer).click()
    writer.page.evaluate(
        """async ([files, html, rtf]) => {
            const data = new DataTransfer();
            if (html) data.setData("text/html", html);
            if (rtf) data.setData("text/rtf", rtf);
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
        [list(files), html, rtf],
    )


def question(writer):
    """What a new picture asks, at its place in the text."""
    return writer.page.get_by_role("group", name="New picture")


def answer(writer, *, alt="", decorative=False):
    first = question(writer).first
    first.get_by_label("What does it show?").fill(alt)
    first.get_by_label("It is decoration").set_checked(decorative)
    first.get_by_label("What does it show?").press("Enter")


def picture_in_text(writer):
    return body(writer).locator("figure img")


def notice(writer):
    return writer.page.locator(".prose-notice")


def test_a_screenshot_on_the_clipboard_asks_at_its_place_what_it_shows(writer):
    body(writer).click()
    writer.page.keyboard.type("Before")
    put_on_clipboard(writer, files=[("image.png", "#123456", "image/png")])
    expect(question(writer).get_by_label("What does it show?")).to_be_focused()
    assert kept(writer) == "<p>Before</p>"

    answer(writer, alt="  ")
    expect(question(writer).get_by_role("alert")).to_contain_text("Describe the picture")
    answer(writer, alt="A blue wall")

    expect(question(writer)).to_have_count(0)
    expect(picture_in_text(writer)).to_have_attribute("alt", "A blue wall")
    expect(picture_in_text(writer)).to_have_js_property("naturalWidth", 60)
    assert re.search(r'^<p>Before</p><figure[^>]*><img[^>]* data-file="\d+"', kept(writer))
    writer.page.keyboard.type("After")
    assert kept(writer).endswith("</figure><p>After</p>")
    assert writer.complaints == []


def test_a_picture_that_the_library_has_is_taken_from_there(writer):
    for _ in range(2):
        put_on_clipboard(writer, files=[("wall.png", "#654321", "image/png")])
        answer(writer, alt="A brown wall")
        expect(question(writer)).to_have_count(0)

    expect(picture_in_text(writer)).to_have_count(2)
    assert len(set(re.findall(r'data-file="(\d+)"', kept(writer)))) == 1


def test_several_pictures_ask_one_below_the_other_and_may_be_left_out(writer):
    put_on_clipboard(
        writer,
        files=[
            ("one.png", "#112233", "image/png"),
            ("two.jpg", "#332211", "image/jpeg"),
            ("three.png", "#221133", "image/png"),
        ],
    )
    expect(question(writer)).to_have_count(3)
    answer(writer, alt="One")
    expect(question(writer)).to_have_count(2)
    answer(writer, decorative=True)
    expect(question(writer)).to_have_count(1)
    # By a key: the picture that arrives above would move the button from under the mouse.
    question(writer).get_by_role("button", name="Leave it out").press("Enter")

    expect(question(writer)).to_have_count(0)
    expect(picture_in_text(writer)).to_have_count(2)


def test_pictures_within_pasted_text_ask_where_they_stood(writer):
    png, other = (picture_file(color=color).read() for color in [(9, 8, 7), (7, 8, 9)])
    rtf = rf"{{\rtf1 {{\pict\pngblip\picw1{{\*\blipuid 00ff}}{other.hex()}}}}}"
    put_on_clipboard(
        writer,
        html=f"<p>Before</p><p><img src='data:image/png;base64,{b64encode(png).decode()}'"
        " alt='A dot'></p><p>Between</p><p><img src='file:///C:/tmp/image001.png' alt='Another'>"
        "</p><p>After</p>",
        rtf=rtf,
    )

    for alt in ["A dot", "Another"]:
        expect(question(writer).first.get_by_label("What does it show?")).to_have_value(alt)
        answer(writer, alt=alt)
    expect(question(writer)).to_have_count(0)
    kinds = re.findall(r"<p>(\w+)</p>|<(figure)", kept(writer))
    assert [words or kind for words, kind in kinds] == [
        *("Before", "figure", "Between", "figure", "After")
    ]
    assert re.findall(r'alt="([^"]*)"', kept(writer)) == ["A dot", "Another"]
    assert writer.complaints == []


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


def test_no_picture_of_another_host_is_ever_asked_for(writer):
    body(writer).click()
    writer.page.keyboard.type("![a](https://elsewhere.example/a.png)")
    assert kept(writer) == "<p>![a](https://elsewhere.example/a.png)</p>"

    writer.page.get_by_role("button", name="More formatting").click()
    writer.page.get_by_role("button", name="As HTML…").click()
    dialog = writer.page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("<img src='https://elsewhere.example/b.png' alt='b'>")
    dialog.get_by_role("button", name="Update").click()

    expect(body(writer).get_by_role("img", name="not in the library")).to_be_visible()
    assert "elsewhere.example/b.png" in kept(writer)  # as it was stored: the check names it
    assert writer.complaints == []


def test_the_picture_that_word_makes_of_a_text_is_not_asked_for(writer):
    put_on_clipboard(writer, html="<p>Words</p>", files=[("image.png", "#ffffff", "image/png")])

    assert kept(writer) == "<p>Words</p>"
    expect(question(writer)).to_have_count(0)


def test_a_file_that_is_dropped_becomes_a_picture_or_a_word_of_advice(writer):
    expect(body(writer)).to_be_visible()
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

    answer(writer, alt="Nothing")

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

    tools = page.get_by_role("toolbar", name="Formatting").bounding_box()
    bar = page.locator(".bar").first.bounding_box()
    assert bar["y"] == 0
    # On a phone it is at the thumb.
    assert (tools["y"] > height / 2) == (width < 768)
    assert 0 < tools["y"] <= height - tools["height"]
    assert bar["height"] + tools["height"] < height * 0.15
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
    assert style("td", "borderBottomStyle") == "solid"
    assert style(".code", "backgroundColor") != "rgba(0, 0, 0, 0)"
