"""What the editor offers while one writes: its bar, menu and keys; links, code, notes, counts."""

import re

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import expect

PUBLISHER = "publisher@cleansystems.example"
ADD = "/admin/articles/article/add/"


@pytest.fixture(scope="module")
def desk(browser, logins):
    """A publisher with an editor open."""
    with browser.visitor(
        viewport={"width": 1280, "height": 900}, permissions=["clipboard-read", "clipboard-write"]
    ) as publisher:
        publisher.sign_in(PUBLISHER, logins[PUBLISHER])
        yield publisher


@pytest.fixture
def writer(desk):
    desk.complaints.clear()
    desk.open(ADD)
    text(desk).click()
    yield desk
    assert desk.complaints == []


@pytest.fixture
def fresh_writer(browser, logins):
    """On a device that has kept nothing: no words of before are offered."""
    with browser.visitor() as writer:
        writer.sign_in(PUBLISHER, logins[PUBLISHER])
        writer.open(ADD)
        text(writer).click()
        yield writer
        assert writer.complaints == []


def text(writer):
    return writer.page.locator(".ProseMirror")


def kept(writer):
    """What the form would send."""
    return writer.page.locator("#id_body").input_value()


def tool(writer, name):
    bar = writer.page.get_by_role("toolbar", name="Formatting")
    return bar.get_by_role("button", name=name, exact=True)


def menu(writer):
    return writer.page.get_by_role("listbox", name="Insert a block")


def targets(writer):
    return writer.page.get_by_role("listbox", name="Where the link can lead").get_by_role("option")


def chosen(writer):
    """The option that the text says is chosen, as a screen reader is told."""
    box = writer.page.get_by_role("combobox", name="Body")
    expect(box).to_have_attribute("aria-expanded", "true")
    return writer.page.locator(f"#{box.get_attribute('aria-activedescendant')}")


def test_the_menu_of_blocks_is_opened_narrowed_and_chosen_from_by_keys_alone(writer):
    press, write = writer.page.keyboard.press, writer.page.keyboard.type
    write("/")
    expect(menu(writer).get_by_role("option")).to_have_count(11)
    assert chosen(writer).inner_text().startswith("Heading")
    press("ArrowDown")
    assert chosen(writer).inner_text().startswith("Small heading")
    press("ArrowUp")
    press("ArrowUp")
    assert chosen(writer).inner_text().startswith("Link to an article")
    press("Escape")
    expect(menu(writer)).to_be_hidden()
    expect(writer.page.get_by_role("textbox", name="Body", exact=True)).to_be_focused()
    assert kept(writer) == "<p>/</p>"

    press("Backspace")
    write("/num")
    expect(menu(writer).get_by_role("option")).to_have_count(1)
    press("Enter")
    write("One")
    press("Enter")
    press("Enter")
    write("/subh")  # by another word for it
    press("Tab")
    write("Small")
    press("Enter")
    write("and/or 1/2 ")
    expect(menu(writer)).to_be_hidden()
    write("/zzz")
    expect(writer.page.get_by_text("No block is called “zzz”.")).to_be_visible()
    write(" and on")
    expect(menu(writer)).to_be_hidden()

    assert kept(writer) == (
        '<ol data-type="decimal"><li><p>One</p></li></ol><h3>Small</h3>'
        "<p>and/or 1/2 /zzz and on</p>"
    )


def test_code_is_asked_for_its_language_and_keeps_tab_until_escape(writer):
    press, write = writer.page.keyboard.press, writer.page.keyboard.type
    write("/code")
    press("Enter")
    language = writer.page.get_by_label("Language of this code")
    expect(language).to_be_focused()
    expect(language).to_have_attribute("aria-invalid", "true")
    language.select_option("Python")
    expect(language).to_have_attribute("aria-invalid", "false")
    press("Enter")

    write("if a:")
    press("Enter")
    press("Tab")
    write("b")
    press("Enter")
    write("c")
    press("Shift+ArrowUp")
    expect(writer.page.locator(".tools.is-awake")).to_be_visible()  # both lines are selected
    press("Tab")
    press("Shift+Tab")
    press("Shift+Tab")
    press("Escape")
    write("After. ")

    assert kept(writer) == (
        '<pre><code class="language-python">if a:\nb\nc</code></pre><p>After. </p>'
    )
    assert "```" not in kept(writer)
    press("Enter")
    write("```sql ")
    write("SELECT 1")
    assert '<pre><code class="language-sql">SELECT 1</code></pre>' in kept(writer)


def test_the_bar_sleeps_until_words_are_selected_and_is_one_stop_for_tab(writer):
    page = writer.page
    bar = page.get_by_role("toolbar", name="Formatting")
    page.keyboard.type("Words and 1. ")
    expect(bar).not_to_have_class(re.compile("is-awake"))
    page.keyboard.press("Shift+Home")
    expect(bar).to_have_class(re.compile("is-awake"))

    tool(writer, "Bold").click()
    expect(tool(writer, "Bold")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Alt+F10")
    page.keyboard.press("Home")
    expect(page.get_by_label("Kind of block")).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(tool(writer, "Italic")).to_be_focused()
    assert page.locator(".tools > [tabindex='0']").count() == 1
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(text(writer)).to_be_focused()
    page.get_by_label("Kind of block").select_option("Heading")

    assert "<h2><strong><em>Words and 1." in kept(writer)

    expect(text(writer)).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    tool(writer, "Table").click()
    page.keyboard.type("Head")
    tool(writer, "Row below").click()
    tool(writer, "Delete column").click()
    assert kept(writer).count("<tr>") == 4
    assert kept(writer).count("<th>") == 2


def test_a_number_with_a_dot_begins_a_list(writer):
    writer.page.keyboard.type("1. One")
    writer.page.keyboard.press("Enter")
    writer.page.keyboard.type("Two")

    assert kept(writer) == ('<ol data-type="decimal"><li><p>One</p></li><li><p>Two</p></li></ol>')


def test_a_note_gets_the_number_of_its_place_and_those_behind_it_are_counted_on(writer):
    press, write = writer.page.keyboard.press, writer.page.keyboard.type
    write("First. Second.")
    tool(writer, "Note1").click()
    write("The later note.")
    press("Control+Home")
    for _ in range(len("First.")):
        press("ArrowRight")
    tool(writer, "Note1").click()
    write("The earlier note.")

    assert kept(writer) == (
        "<p>First.[1] Second.[2]</p><h2>Notes</h2>"
        '<ol data-type="decimal"><li><p>The earlier note.</p></li>'
        "<li><p>The later note.</p></li></ol>"
    )
    tool(writer, "Note1").click()
    expect(writer.page.locator(".prose-notice")).to_contain_text("A note belongs into the text")


def test_a_link_to_an_article_of_ours_takes_two_clicks_and_is_kept_by_what_it_is(writer):
    page = writer.page
    page.keyboard.type("See migrations")
    page.keyboard.press("Shift+Control+ArrowLeft")

    tool(writer, "Link").click()
    targets(writer).first.click()

    kept_link = re.search(
        r'<a href="(/[^"]+)" data-page="(article|page):\d+">migrations</a>', kept(writer)
    )
    assert kept_link, kept(writer)
    assert page.request.get(f"{writer.address}{kept_link[1]}").status == 200

    page.keyboard.press("End")
    page.keyboard.type(" ")
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="Title of an article")
    expect(field).to_be_focused()
    expect(page.locator("#palette")).to_be_hidden()
    field.fill("no title has these words")
    expect(page.get_by_text("No title has “no title has these words”")).to_be_visible()
    field.fill("example.test/x")
    page.keyboard.press("Enter")
    expect(text(writer).locator("a[href='https://example.test/x']")).to_be_visible()
    assert '<a href="https://example.test/x">https://example.test/x</a>' in kept(writer)

    expect(tool(writer, "Link")).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("ArrowLeft")
    expect(tool(writer, "Link")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Control+k")
    expect(page.get_by_text("Now: https://example.test/x")).to_be_visible()
    page.get_by_role("button", name="Remove the link").click()
    assert "example.test/x</a>" not in kept(writer)

    page.get_by_label("Title", exact=True).click()
    page.keyboard.press("Control+k")
    expect(page.locator("#palette")).to_be_visible()
    page.keyboard.press("Escape")


def test_what_altgr_types_is_text_and_ctrl_s_saves_without_leaving_the_page(fresh_writer):
    writer, page = fresh_writer, fresh_writer.page
    bar = page.get_by_role("toolbar", name="Formatting")
    page.keyboard.type("Words")
    page.keyboard.press("Control+a")
    expect(bar).to_have_class(re.compile("is-awake"))
    taken = text(writer).evaluate(
        """one => ["b", "k", "s", "2", "c", "e", "8"].map((key) => {
            const about = { key, ctrlKey: true, altKey: true, modifierAltGraph: true };
            const sent = { ...about, bubbles: true, cancelable: true };
            return one.dispatchEvent(new KeyboardEvent("keydown", sent));
        })"""
    )
    assert all(taken)  # nobody took it from the browser, which types
    assert kept(writer) == "<p>Words</p>"
    expect(page.locator("dialog[open]")).to_have_count(0)

    page.keyboard.press("End")
    expect(bar).not_to_have_class(re.compile("is-awake"))
    page.keyboard.type(" more")
    assert kept(writer) == "<p>Words more</p>"
    with page.expect_response(lambda answer: "Words more" in (answer.request.post_data or "")):
        page.keyboard.press("Control+s")
    expect(page.get_by_text(re.compile(r"^Saved")).first).to_be_visible()
    expect(text(writer)).to_be_focused()


def test_the_form_is_told_how_many_words_there_are_and_are_selected(writer):
    page = writer.page
    page.evaluate(
        """() => document.addEventListener("prose:counted", ({ target, detail }) => {
            document.body.dataset.counted = JSON.stringify({ ...detail, on: target.nodeName });
        })"""
    )
    page.keyboard.type("One two ")
    page.keyboard.press("Enter")
    page.keyboard.type("three")
    page.keyboard.press("Shift+Control+Home")

    counted = '{"words":3,"minutes":1,"selected":3,"field":"body","on":"FORM"}'
    expect(page.locator("body")).to_have_attribute("data-counted", counted)


def test_more_than_a_field_holds_is_refused_in_words_and_nothing_is_lost(writer):
    page = writer.page
    page.keyboard.type("Here before.")
    page.evaluate(
        """() => document.addEventListener("copy", (event) => {
            event.clipboardData.setData("text/plain", "Words. ".repeat(750_000));
            event.preventDefault();
            event.stopImmediatePropagation();
        }, { once: true, capture: true })"""
    )
    page.keyboard.press("Control+c")
    page.keyboard.press("Control+v")

    expect(page.locator(".prose-notice")).to_contain_text("Nothing was pasted: that is 5.3 MB")
    assert kept(writer) == "<p>Here before.</p>"


def block_menu(writer):
    return writer.page.get_by_role("menu", name="This block")


def test_a_block_is_moved_turned_into_another_and_deleted_by_its_handle_and_by_keys(writer):
    page = writer.page
    for words in ("One", "Two", "Three"):
        page.keyboard.type(words)
        page.keyboard.press("Enter")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("End")

    page.keyboard.press("Alt+Shift+ArrowUp")
    assert kept(writer) == "<p>One</p><p>Three</p><p>Two</p><p></p>"
    page.keyboard.type("!")
    assert "<p>Three!</p><p>Two</p>" in kept(writer)

    page.keyboard.press("Alt+Enter")
    expect(block_menu(writer).get_by_role("menuitem").first).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.press("ArrowUp")  # the last kind
    page.keyboard.press("Escape")
    expect(text(writer)).to_be_focused()
    page.keyboard.press("Alt+Enter")
    block_menu(writer).get_by_role("menuitem", name="Turn into heading").click()
    page.keyboard.type("?")
    assert kept(writer) == "<p>One</p><h2>Three!?</h2><p>Two</p><p></p>"

    text(writer).locator("p").first.hover()
    page.get_by_role("button", name="Move or change this block").click()
    block_menu(writer).get_by_role("menuitem", name="Delete").click()
    assert kept(writer) == "<h2>Three!?</h2><p>Two</p><p></p>"
    page.keyboard.press("Control+z")
    assert kept(writer) == "<p>One</p><h2>Three!?</h2><p>Two</p><p></p>"

    text(writer).locator("p").first.hover()
    page.get_by_role("button", name="Add a block below").click()
    expect(menu(writer)).to_be_visible()
    page.keyboard.press("Escape")


def test_the_handle_is_away_while_one_types_and_where_there_is_no_margin(writer):
    page = writer.page
    handle = page.get_by_role("button", name="Move or change this block")
    page.keyboard.type("Words")
    expect(handle).to_be_hidden()
    text(writer).locator("p").first.hover()
    expect(handle).to_be_visible()
    page.keyboard.type(" more")
    expect(handle).to_be_hidden()

    page.set_viewport_size({"width": 768, "height": 900})
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".handle")).to_be_hidden()
    page.set_viewport_size({"width": 1280, "height": 900})


@pytest.mark.parametrize(("width", "height"), [(360, 640), (768, 1024)])
def test_on_a_phone_and_a_tablet_a_finger_moves_changes_and_deletes_a_block(
    browser, logins, width, height
):
    with browser.visitor(
        viewport={"width": width, "height": height}, has_touch=True, is_mobile=True
    ) as writer:
        writer.sign_in(PUBLISHER, logins[PUBLISHER])
        writer.open(ADD)
        page = writer.page
        text(writer).tap()
        for words in ("One", "Two", "Three"):
            page.keyboard.type(words)
            page.keyboard.press("Enter")
        text(writer).locator("p").nth(2).tap()

        tool(writer, "Move or change this block").tap()
        item = block_menu(writer).get_by_role("menuitem", name="Move up")
        item.tap()
        item.tap()
        assert kept(writer) == "<p>Three</p><p>One</p><p>Two</p><p></p>"
        expect(item).to_be_disabled()  # it is the first one
        box = block_menu(writer).bounding_box()
        assert box["y"] >= 0 and box["y"] + box["height"] <= height
        assert all(
            one.bounding_box()["height"] >= 44
            for one in block_menu(writer).get_by_role("menuitem").all()
        )

        block_menu(writer).get_by_role("menuitem", name="Turn into heading").tap()
        assert kept(writer) == "<h2>Three</h2><p>One</p><p>Two</p><p></p>"
        text(writer).locator("p").first.tap()
        tool(writer, "Move or change this block").tap()
        block_menu(writer).get_by_role("menuitem", name="Delete").tap()
        assert kept(writer) == "<h2>Three</h2><p>Two</p><p></p>"
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert writer.complaints == []


def test_a_picture_that_stands_in_the_text_is_described_there(writer, site):
    page = writer.page
    [[pk, url, before]] = site.execute(
        "SELECT id, file, alt FROM images_image WHERE NOT is_decorative ORDER BY id LIMIT 1"
    )
    text(writer).evaluate(
        """(one, [file, src]) => one.editor.commands.insertContent({ type: "figure", content: [
            { type: "image", attrs: { src, alt: "As it was once", file } }] })""",
        [str(pk), f"/media/{url}"],
    )
    text(writer).locator("figure img").click()
    described = page.get_by_role("group", name="Description of the picture")
    expect(described).to_contain_text("As it was once")

    described.get_by_role("button", name="Edit description").click()
    words = described.get_by_label("What does it show?")
    expect(words).to_be_focused()
    expect(words).to_have_value(before)
    assert violations(page) == []
    writer.complaints.clear()  # axe styles what it measures
    words.fill("Three people around a table")
    words.press("Enter")

    expect(text(writer).locator("figure img")).to_have_attribute(
        "alt", "Three people around a table"
    )
    assert site.execute("SELECT alt FROM images_image WHERE id = %s", pk) == [
        ("Three people around a table",)
    ]
    site.execute("UPDATE images_image SET alt = %s WHERE id = %s", before, pk)


def test_what_opens_over_the_text_is_accessible(writer):
    page = writer.page
    page.keyboard.type("/")
    expect(menu(writer)).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("Alt+Enter")
    expect(block_menu(writer)).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    expect(targets(writer).first).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    text(writer).evaluate(
        """async (one) => {
            const canvas = document.createElement("canvas");
            const content = await new Promise((resolve) => canvas.toBlob(resolve));
            const clipboardData = new DataTransfer();
            clipboardData.items.add(new File([content], "wall.png", { type: "image/png" }));
            const sent = { clipboardData, bubbles: true, cancelable: true };
            one.dispatchEvent(new ClipboardEvent("paste", sent));
        }"""
    )
    expect(page.get_by_role("group", name="New picture")).to_be_visible()
    page.keyboard.press("Escape")
    expect(text(writer)).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.type("```")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Language of this code")).to_be_visible()
    assert violations(page) == []
    writer.complaints.clear()  # axe styles what it measures


def violations(page):
    """What axe finds in the editor and what it opens; what is around has a test of its own."""
    page.evaluate(AXE_SCRIPT)
    return page.evaluate(
        """async () => {
            const of = [".prose-editor", ".tools", "dialog[open]"];
            const include = of.filter((one) => document.querySelector(one)).map((one) => [one]);
            const { violations } = await axe.run({ include }, { preload: false });
            return violations.map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 100)}`);
        }"""
    )


def test_the_editor_is_loaded_where_there_is_a_text_and_nowhere_else(writer):
    asked = []
    writer.page.on("request", lambda request: asked.append(request.url))

    for address in ["/admin/", "/admin/articles/article/", "/admin/images/image/", "/"]:
        writer.open(address)

    assert [url for url in asked if "/prose/" in url or "prose_editor" in url] == []
