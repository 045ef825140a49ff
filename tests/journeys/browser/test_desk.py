"""The shell of the desk in a real browser: the palette, the keys, the phone."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.axe import barriers, sideways
from tests.journeys.browser.test_console import settle

ADMIN = "admin@cleansystems.example"
PHONE = {"width": 360, "height": 740}
OURS = ["/admin/", "/admin/find/?q=an", "/admin/keys/", "/admin/style/desk/", "/admin/duty/"]
AROUND = ["/admin/tables/", "/admin/status/", "/admin/time-zone/"]


@pytest.fixture(scope="module")
def someone(browser, logins):
    with browser.visitor(viewport={"width": 1280, "height": 800}) as someone:
        someone.sign_in(ADMIN, logins[ADMIN])
        yield someone
        assert someone.complaints == []


@pytest.fixture(autouse=True)
def as_before(someone):
    yield
    someone.page.set_viewport_size({"width": 1280, "height": 800})


@pytest.fixture
def palette(someone):
    """Opened by its key over the home page, with the focus in its field."""
    someone.open("/admin/")
    someone.page.keyboard.press("Control+k")
    field = someone.page.get_by_role("combobox", name="Find anything")
    expect(field).to_be_focused()
    return field


class TestThePalette:
    def test_finds_by_keyboard_alone(self, someone, palette):
        someone.page.keyboard.type("time zo")
        chosen = someone.page.locator("#palette [aria-selected=true]")
        expect(chosen).to_contain_text("Time zone")
        expect(palette).to_have_attribute("aria-activedescendant", chosen.get_attribute("id"))

        someone.page.keyboard.press("ArrowDown")
        expect(chosen).to_contain_text("Choose your time zone")
        someone.page.keyboard.press("ArrowUp")
        someone.page.keyboard.press("Enter")

        someone.page.wait_for_url("**/admin/time-zone/")

    def test_the_first_comes_after_the_last(self, someone, palette):
        someone.page.keyboard.type("add")
        options = someone.page.locator("#palette [role=option]")
        expect(options.first).to_have_attribute("aria-selected", "true")

        someone.page.keyboard.press("ArrowUp")

        expect(options.last).to_have_attribute("aria-selected", "true")

    def test_what_was_typed_last_is_what_is_found(self, someone, palette):
        for letters in ("a", "ar", "art", "article", "redirect"):
            palette.fill(letters)

        expect(someone.page.locator("#palette [role=option]").first).to_contain_text("edirect")
        expect(someone.page.locator("#palette mark").first).to_have_text(
            "redirect", ignore_case=True
        )

    def test_enter_waits_for_what_was_typed(self, someone, palette):
        someone.page.keyboard.type("suppressed")
        someone.page.keyboard.press("Enter")

        someone.page.wait_for_url("**/admin/mail/suppression/")

    def test_says_that_nothing_was_found(self, someone, palette):
        someone.page.keyboard.type("xyzzy plugh")

        nothing = someone.page.locator("#palette [role=status]")
        expect(nothing).to_contain_text("Nothing found for “xyzzy plugh”")

    def test_closes_and_gives_the_focus_back(self, someone):
        someone.open("/admin/leads/contact/")
        search = someone.page.locator("#searchbar")
        search.focus()
        someone.page.keyboard.press("Control+k")

        someone.page.keyboard.press("Escape")

        expect(someone.page.locator("#palette")).to_be_hidden()
        expect(search).to_be_focused()

    def test_keeps_the_focus_within(self, someone, palette):
        for _ in range(12):
            someone.page.keyboard.press("Tab")
            assert someone.page.evaluate(
                "document.activeElement.matches('body') "
                "|| !!document.activeElement.closest('#palette')"
            )

    def test_opens_in_a_new_tab_with_control(self, someone, palette):
        someone.page.keyboard.type("suppressed")
        expect(someone.page.locator("#palette [aria-selected=true]")).to_be_visible()

        with someone.page.context.expect_page() as opened:
            someone.page.keyboard.press("Control+Enter")

        opened.value.wait_for_url("**/admin/mail/suppression/")
        opened.value.close()
        assert someone.path == "/admin/"

    def test_tells_who_was_signed_out_meanwhile(self, browser, logins):
        with browser.visitor() as other:
            other.sign_in(ADMIN, logins[ADMIN])
            other.page.context.clear_cookies()
            other.page.keyboard.press("Control+k")
            other.page.keyboard.type("an")
            other.page.keyboard.press("Enter")

            other.page.wait_for_url("**/admin/login/**")

    def test_works_on_a_phone(self, someone):
        someone.page.set_viewport_size(PHONE)
        someone.open("/admin/")
        someone.page.get_by_role("link", name="Find").first.click()

        someone.page.get_by_role("combobox").fill("redirects")
        someone.page.locator("#palette").get_by_role("option", name="Redirects").first.click()

        someone.page.wait_for_url("**/admin/redirects/redirect/")


ACTS = """
<form method="post" action="/admin/undo/">
  <button data-key="e">Answered</button>
</form>
<details name="act"><summary data-key="n">Note <kbd>n</kbd></summary>
  <form method="post" action="/admin/undo/">
    <textarea name="text"></textarea><button>Add</button>
  </form>
</details>
<a data-key="j" href="/admin/keys/">Next</a>
<a data-key="J" data-key-name="The last one" href="/admin/tables/">Last</a>
<button data-key="q" disabled type="button">Never</button>
<input id="typed">
"""


@pytest.fixture
def acts(someone):
    """A page with acts that have keys; every form that it sends is counted and goes nowhere."""
    someone.open("/admin/find/")
    someone.page.evaluate("html => document.querySelector('main').innerHTML = html", ACTS)
    someone.page.evaluate("document.activeElement.blur()")
    sent = []

    def count(route):
        sent.append(route.request)
        route.fulfill(status=204)  # the browser stays on the page

    someone.page.route("**/admin/undo/", count)
    yield sent
    someone.page.unroute("**/admin/undo/")


class TestKeys:
    def test_a_key_follows_its_link(self, someone, acts):
        someone.page.keyboard.press("j")

        someone.page.wait_for_url("**/admin/keys/")

    def test_with_shift_it_is_another(self, someone, acts):
        someone.page.keyboard.press("Shift+J")

        someone.page.wait_for_url("**/admin/tables/")

    def test_a_key_struck_twice_sends_once(self, someone, acts):
        someone.page.keyboard.press("e")
        someone.page.keyboard.press("e")
        someone.page.keyboard.press("j")

        expect(someone.page.get_by_role("button", name="Answered")).to_be_disabled()
        assert len(acts) == 1
        assert someone.path == "/admin/find/"

    def test_a_button_pressed_twice_sends_once(self, someone, acts):
        someone.page.get_by_role("button", name="Answered").dblclick(no_wait_after=True)

        expect(someone.page.get_by_role("button", name="Answered")).to_be_disabled()
        assert len(acts) == 1

    def test_a_key_opens_a_form_and_control_enter_sends_it(self, someone, acts):
        someone.page.keyboard.press("n")
        expect(someone.page.locator("textarea")).to_be_focused()
        someone.page.keyboard.type("nje")
        assert acts == []
        expect(someone.page.locator("textarea")).to_have_value("nje")

        someone.page.keyboard.press("Control+Enter")

        expect(someone.page.get_by_role("button", name="Add")).to_be_disabled()
        assert [request.post_data for request in acts] == ["text=nje"]

    def test_escape_closes_what_is_open(self, someone, acts):
        someone.page.keyboard.press("n")

        someone.page.keyboard.press("Escape")

        expect(someone.page.locator("textarea")).to_be_hidden()
        expect(someone.page.locator("summary")).to_be_focused()

    @pytest.mark.parametrize("key", ["Control+j", "Alt+j", "Meta+j", "q", "x"])
    def test_other_keys_press_nothing(self, someone, acts, key):
        someone.page.keyboard.press(key)
        someone.page.locator("#typed").press("j")

        settle(someone)
        assert someone.path == "/admin/find/" and acts == []

    def test_a_key_that_is_held_down_presses_once(self, someone, acts):
        someone.page.keyboard.down("e")
        someone.page.keyboard.down("e")
        someone.page.keyboard.down("e")
        someone.page.keyboard.up("e")

        expect(someone.page.get_by_role("button", name="Answered")).to_be_disabled()
        assert len(acts) == 1

    @pytest.mark.parametrize("letter", ["о", "ξ", "ت"])
    def test_a_keyboard_of_another_script_has_the_same_keys(self, someone, acts, letter):
        someone.page.evaluate(
            """key => document.body.dispatchEvent(
                new KeyboardEvent("keydown", { key, code: "KeyJ", bubbles: true }))""",
            letter,
        )

        someone.page.wait_for_url("**/admin/keys/")

    def test_with_a_dialog_open_the_page_has_none(self, someone, acts):
        someone.page.keyboard.press("?")
        someone.page.keyboard.press("j")

        settle(someone)
        assert someone.path == "/admin/find/"

    def test_they_are_listed_on_the_page(self, someone, acts):
        someone.page.keyboard.press("?")

        listed = someone.page.locator("#keys-here")
        expect(listed).to_contain_text("Note n")
        expect(listed).to_contain_text("The last one J")
        expect(listed).not_to_contain_text("Never")

    def test_after_back_they_press_again(self, someone):
        someone.open("/admin/find/?q=time+zone")
        someone.page.evaluate("document.querySelector('main a').dataset.key = 'j'")
        someone.page.evaluate("document.activeElement.blur()")
        someone.page.keyboard.press("j")
        someone.page.wait_for_url("**/admin/time-zone/")

        someone.page.go_back()
        someone.page.wait_for_url("**/admin/find/**")
        someone.page.evaluate("document.activeElement.blur()")
        someone.page.evaluate("document.querySelector('main a').dataset.key = 'j'")
        someone.page.keyboard.press("j")

        someone.page.wait_for_url("**/admin/time-zone/")


@pytest.fixture(scope="module")
def plain(browser, logins):
    """Someone without script, on a phone."""
    with browser.visitor(java_script_enabled=False, viewport=PHONE) as plain:
        plain.open("/admin/login/?next=/admin/")
        plain.page.get_by_label("Email").fill(ADMIN)
        plain.page.get_by_label("Password").fill(logins[ADMIN])
        plain.page.get_by_role("button", name="Sign in").click()
        yield plain


class TestWithoutScript:
    def test_everything_is_found_on_a_page(self, plain):
        plain.open("/admin/")
        plain.page.get_by_role("link", name="Find").click()
        plain.page.get_by_role("searchbox").fill("suppressed")
        plain.page.get_by_role("button", name="Find").click()
        plain.page.get_by_role("link", name="Suppressed addresses").first.click()

        assert urlsplit(plain.page.url).path == "/admin/mail/suppression/"

    def test_the_menu_of_a_phone_opens_and_leads_on(self, plain):
        plain.open("/admin/leads/contact/")
        people = plain.page.get_by_role("navigation", name="Desk")
        expect(people).to_be_hidden()

        plain.page.get_by_role("button", name="Menu").click()
        people.get_by_role("link", name="Companies").click()

        assert urlsplit(plain.page.url).path == "/admin/companies/"

    def test_one_signs_out(self, plain):
        plain.open("/admin/keys/")
        plain.page.get_by_role("button", name="Menu").click()
        plain.page.locator(".shell__me").click()
        plain.page.get_by_role("button", name="Sign out").click()

        assert plain.open("/admin/") == 200
        assert plain.path == "/admin/login/"


class TestLooks:
    def test_the_colors_are_the_systems_light_or_dark(self, someone):
        someone.page.emulate_media(color_scheme="light")
        someone.open("/admin/")
        someone.page.locator(".shell__me").click()
        switch = someone.page.locator(".me .theme-toggle")
        expect(switch).to_have_text("Colors: as the system", use_inner_text=True)
        light = ground(someone)

        switch.click()

        expect(switch).to_have_text("Colors: dark", use_inner_text=True)
        assert ground(someone) != light
        someone.open("/admin/leads/contact/")
        assert ground(someone) != light
        someone.page.evaluate("localStorage.removeItem('theme')")
        someone.open("/admin/")
        assert ground(someone) == light

    @pytest.mark.parametrize("width", [360, 1280])
    def test_no_screen_has_a_barrier_and_all_fit(self, someone, width):
        someone.page.set_viewport_size({"width": width, "height": 800})
        found = {}

        def look(at):
            found[at] = [*sideways(someone), *barriers(someone, (width,))]

        for path in [*OURS, *AROUND]:
            someone.open(path)
            settle(someone)
            look(path)
        someone.open("/admin/")
        someone.page.keyboard.press("Control+k")
        someone.page.keyboard.type("an")
        expect(someone.page.locator("#palette [aria-selected=true]")).to_be_visible()
        look("palette")
        someone.page.keyboard.press("Escape")
        someone.page.keyboard.press("?")
        look("keys")
        someone.page.keyboard.press("Escape")
        if width == PHONE["width"]:
            someone.page.get_by_role("button", name="Menu").click()
        someone.page.locator(".shell__me").click()
        look("menu")

        assert {where: what for where, what in found.items() if what} == {}

    def test_on_a_phone_a_row_of_a_list_is_a_card(self, someone):
        someone.page.set_viewport_size(PHONE)
        someone.open("/admin/leads/lead/")

        row = someone.page.locator("#result_list tbody tr").first
        stage = row.locator(".field-stage")
        expect(stage).to_have_attribute("data-label", "Stage")
        assert "Stage" in stage.evaluate("cell => getComputedStyle(cell, '::before').content")
        assert row.bounding_box()["width"] <= PHONE["width"]


def ground(someone):
    return someone.page.evaluate(
        "getComputedStyle(document.querySelector('.shell')).backgroundColor"
    )
