"""The readiness assessment in a real browser: without script, by keyboard, and up to sales."""

import re
import time

import pytest
from playwright.sync_api import expect

from devtools.processes import wait_until
from tests.axe import barriers
from tests.stack import visitor

SALESMAN = "sales@cleansystems.example"
SECONDS_TO_FILL_IN_THE_FORM = 3.2
STEPS = ["Documentation and process roles", "How work gets defined", "Structural conditions"]


def choose(reader, number, words_or_place):
    """The same place in each question of the step, counted from 0; 4 is “Not sure”."""
    for group in reader.page.locator("main fieldset").all():
        group.get_by_role("radio").nth(words_or_place).check()
    reader.page.get_by_role("button", name="Save and continue").click()
    expect(reader.page.get_by_text(f"Step {number + 1} of 4")).to_be_visible()


def take(reader, place):
    reader.open("/readiness/")
    reader.page.get_by_role("link", name="Start").click()
    for number, name in enumerate(STEPS, start=1):
        expect(reader.page.get_by_role("heading", level=1)).to_have_text(name)
        choose(reader, number, place)


@pytest.mark.parametrize(
    ("place", "result"),
    [
        (0, "Not yet"),
        (1, "Foundations first"),
        (2, "Ready for a pilot"),
        (3, "Ready"),
        (4, "Not enough known yet"),
    ],
)
def test_without_script_every_result_is_reached(browser, place, result):
    with browser.visitor(java_script_enabled=False) as reader:
        take(reader, place)
        reader.page.get_by_role("group", name="What are you looking for?").get_by_label(
            "One bounded project"
        ).check()
        reader.page.get_by_role("button", name="See the result").click()

        expect(reader.page.get_by_role("heading", level=1)).to_have_text(result)
        assert re.fullmatch(r"/readiness/result/[\w-]{43}/", reader.path)
        bars = reader.page.locator("main").get_by_role("img")
        expect(bars).to_have_count(3)
        expect(bars.first).to_have_accessible_name(re.compile(rf"{STEPS[0]}: (0|33|67|100)%"))
        [cookie] = reader.page.context.cookies()
        assert (cookie["name"], cookie["path"]) == ("readiness", "/readiness/")
        assert cookie["httpOnly"]
        assert reader.complaints == []


def test_the_result_is_kept_as_pdf_and_its_link_copied(browser):
    with browser.visitor(permissions=["clipboard-read", "clipboard-write"]) as reader:
        take(reader, 2)
        reader.page.get_by_role("button", name="See the result").click()
        expect(reader.page.get_by_role("heading", level=1)).to_have_text("Ready for a pilot")
        expect(reader.page.get_by_text("needs a total of 75 (now 67)")).to_be_visible()
        reader.page.get_by_role("button", name="Copy link").click()
        expect(reader.page.get_by_role("button", name="Copied")).to_be_visible()
        assert reader.page.evaluate("navigator.clipboard.readText()") == reader.page.url
        link = reader.page.get_by_role("link", name="PDF")
        document = reader.page.request.get(f"{reader.address}{link.get_attribute('href')}")

        assert document.headers["content-type"] == "application/pdf"
        assert document.body().startswith(b"%PDF-")
        assert reader.complaints == []


def test_the_printed_result_has_no_form_no_menu_and_no_foot(browser):
    with browser.visitor() as reader:
        take(reader, 1)
        reader.page.get_by_role("button", name="See the result").click()
        expect(reader.page.get_by_role("heading", level=1)).to_have_text("Foundations first")
        reader.page.emulate_media(media="print")

        expect(reader.page.get_by_text("What holds you back most")).to_be_visible()
        for screen_only in (".menu", ".footer", "#inquiry", ".share", "main form"):
            for one in reader.page.locator(screen_only).all():
                expect(one).to_be_hidden()


def test_going_back_and_on_keeps_the_answers(browser):
    with browser.visitor(java_script_enabled=False) as reader:
        take(reader, 2)
        for number in (3, 2, 1):
            reader.page.get_by_role("button", name="Back").click()
            expect(reader.page.get_by_text(f"Step {number} of 4")).to_be_visible()
        for number in (1, 2, 3):
            expect(reader.page.locator("main input:checked")).to_have_count(3)
            reader.page.get_by_role("button", name="Save and continue").click()
            expect(reader.page.get_by_text(f"Step {number + 1} of 4")).to_be_visible()


def test_it_is_taken_with_the_keyboard_alone(browser):
    with browser.visitor() as reader:
        press = reader.page.keyboard.press
        reader.open("/readiness/")
        tab_to(reader, "Start")
        press("Enter")
        for number in (1, 2, 3):
            expect(reader.page.get_by_text(f"Step {number} of 4")).to_be_visible()
            for question in "123":
                tab_to(reader, f"{'ABC'[number - 1]}{question}")
                press("Space")
                for _ in range(3):
                    press("ArrowDown")
            tab_to(reader, "Save and continue")
            press("Enter")
        expect(reader.page.get_by_text("Step 4 of 4")).to_be_visible()
        tab_to(reader, "See the result")
        press("Enter")

        expect(reader.page.get_by_role("heading", level=1)).to_have_text("Ready")
        assert reader.complaints == []


def tab_to(reader, name):
    """Press Tab until what has the focus is called so, by its words or as a field."""
    for _ in range(40):
        reader.page.keyboard.press("Tab")
        focused = reader.page.evaluate(
            "[document.activeElement.name, document.activeElement.innerText.trim()]"
        )
        if name in focused:
            return
    raise AssertionError(f"Tab never came to {name}")


def test_no_step_has_a_barrier_or_is_too_wide(browser):
    found = {}

    def look(at):
        found[at] = barriers(reader, (360, 1280))

    with browser.visitor() as reader:
        reader.open("/readiness/")
        look("the invitation")
        reader.page.get_by_role("link", name="Start").click()
        look("the first step")
        reader.page.locator("main form").evaluate("form => form.noValidate = true")
        reader.page.get_by_role("button", name="Save and continue").click()
        expect(reader.page.locator("[data-error-summary]")).to_be_visible()
        look("a step with errors")
        for number in (1, 2, 3):
            choose(reader, number, 1)
            look(f"step {number + 1}")
        reader.page.get_by_role("button", name="See the result").click()
        expect(reader.page.get_by_role("heading", level=1)).to_have_text("Foundations first")
        look("the result")
        reader.open("/readiness/result/nothing/")
        look("no result")

    assert {at: some for at, some in found.items() if some} == {}
    assert len(found) == 8


def test_without_script_the_thanks_page_invites_and_the_lead_shows_what_came_of_it(
    site, browser, logins
):
    email = visitor()
    with browser.visitor(java_script_enabled=False) as reader:
        reader.open("/contact/")
        reader.page.get_by_label("Your name").fill("Grace")
        reader.page.get_by_label("Your email").fill(email)
        reader.page.get_by_label("What do you need?").fill("We need a compiler. Can you help?")
        reader.page.get_by_role("button", name="Send the message").click()
        # A new site's worker cuts pictures at first.
        site.expect_emails([email], within=120)
        reader.page.get_by_role("button", name="See if you’re ready").click()
        expect(reader.page.get_by_text("Step 1 of 4")).to_be_visible()
        assert [one["name"] for one in reader.page.context.cookies()] == ["readiness"]
        for number in (1, 2, 3):
            choose(reader, number, 1)
        reader.page.get_by_role("button", name="See the result").click()
        expect(reader.page.get_by_role("heading", level=1)).to_have_text("Foundations first")
        assert reader.complaints == []

    # By the sweep: the assessment itself does not know whom to tell.
    assert wait_until(lambda: site.emails_by_visitor()[email].copies >= 2, seconds=60, pause=0.2)
    emails = site.emails_by_visitor()[email]
    [second] = [one for one in emails.sales if one.email["Subject"].startswith("Readiness")]
    first = next(one for one in emails.sales if one is not second)
    assert second.email["Subject"] == "Readiness result from Grace: Foundations first"
    assert second.email["In-Reply-To"] == first.message_id
    assert "Whoever has time" in second.email.get_body(["plain"]).get_content()
    [result] = [one for one in emails.visitor if "your readiness result is" in one.email["Subject"]]
    words = result.email.get_body(["plain"]).get_content()
    assert "33%  How work gets defined" in words
    assert "What to do:" in words and "Grace" not in words

    with browser.visitor(viewport={"width": 1280, "height": 1000}) as sales:
        sales.sign_in(SALESMAN, logins[SALESMAN])
        sales.open(f"/admin/leads/lead/?readiness=foundations&q={email}")
        sales.page.locator("#result_list tbody th a").click()
        profile = sales.page.locator("details.readiness")
        expect(profile.locator("summary")).to_contain_text("Foundations first, 33 of 100")
        expect(profile.get_by_text("Whoever has time")).to_be_visible()
        assert sales.complaints == []


def test_the_result_reaches_sales_with_the_email(site, browser):
    email = visitor()
    with browser.visitor() as reader:
        take(reader, 2)
        reader.page.get_by_label("One sentence about the system").fill("A mint, in Python.")
        reader.page.get_by_role("button", name="See the result").click()
        form = reader.page.locator("form[data-inquiry-form]")
        form.get_by_label("Your name").fill("Ada")
        form.get_by_label("Your email").fill(email)
        form.get_by_label("What do you need?").fill("We need the outline. Can you help?")
        time.sleep(SECONDS_TO_FILL_IN_THE_FORM)
        form.get_by_role("button", name="Send the message").click()
        expect(reader.page.get_by_role("heading", level=1)).to_contain_text("Thank you")
        assert reader.complaints == []

    [notification] = site.expect_emails([email])[email].sales
    words = notification.email.get_body(["plain"]).get_content()
    assert "Readiness: Ready for a pilot (67 of 100)" in words
    assert "A mint, in Python." in words
