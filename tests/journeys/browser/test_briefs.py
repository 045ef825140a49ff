"""A brief in a real browser: without script, up to sales; with it, a draft that is not lost."""

import time

from playwright.sync_api import expect

from tests.axe import barriers
from tests.stack import visitor

SALESMAN = "sales@cleansystems.example"
SECONDS_TO_FILL_IN_THE_FORM = 3.2
ROUGH = {
    "Title": "Orders to the warehouse",
    "Context": "The shop loses 2 orders a week on the way to the OMS.",
    "Acceptance criteria": "The import is fast\nNo order is lost",
}


def write(reader, **more):
    for label, words in (ROUGH | more).items():
        reader.page.get_by_label(label).fill(words)


def test_without_script_a_brief_is_fixed_sent_and_reaches_sales(site, browser, logins):
    email = visitor()
    with browser.visitor(java_script_enabled=False, accept_downloads=True) as reader:
        reader.open("/contact/")
        reader.page.get_by_role("link", name="Write a brief").click()
        write(reader)

        reader.page.get_by_role("button", name="Check the brief").click()
        found = reader.page.get_by_role("status").filter(has_text="things to look at")
        expect(found.get_by_role("heading")).to_have_text("6 things to look at")
        found.get_by_role("link", name="Acceptance criteria").click()
        criteria = reader.page.get_by_label("Acceptance criteria")
        expect(criteria).to_have_value(ROUGH["Acceptance criteria"])
        expect(criteria).to_have_accessible_description(
            "What you will check before you accept it. One per line, each with a yes or no "
            "answer. The import is fast How fast? Give a number and a unit, such as “within "
            "2 seconds for 95 of 100 requests”."
        )
        criteria.fill("The import of 500 orders is fast: 10 minutes\nNo order is lost")
        reader.page.get_by_role("button", name="Check the brief").click()
        expect(found.get_by_role("heading")).to_have_text("5 things to look at")

        with reader.page.expect_download() as download:
            reader.page.get_by_role("button", name="Download as Markdown").click()
        assert download.value.suggested_filename == "orders-to-the-warehouse.md"
        document = download.value.path().read_text()
        assert "- [ ] The import of 500 orders is fast: 10 minutes\n- [ ] No order" in document

        reader.page.get_by_label("Your name").fill("Grace")
        reader.page.get_by_label("Your email").fill(email)
        reader.page.get_by_role("button", name="Send it to us").click()
        expect(reader.page.get_by_role("heading", level=1)).to_contain_text("Thank you")
        assert reader.page.context.cookies() == []
        assert reader.complaints == []

    [notification] = site.expect_emails([email])[email].sales
    words = notification.email.get_body(["plain"]).get_content()
    assert "# Orders to the warehouse" in words
    assert "- [ ] The import of 500 orders is fast: 10 minutes" in words
    assert "- Context, “OMS”: Not everyone knows this" in words

    with browser.visitor(viewport={"width": 1280, "height": 1000}) as sales:
        sales.sign_in(SALESMAN, logins[SALESMAN])
        sales.open(f"/admin/leads/lead/?q={email}")
        sales.page.locator("#result_list tbody th a").click()
        brief = sales.page.locator("details.readiness")
        expect(brief.locator("summary")).to_contain_text("Orders to the warehouse")
        expect(brief.get_by_text("The import of 500 orders is fast: 10 minutes")).to_be_visible()
        with sales.page.expect_download() as download:
            brief.get_by_role("link", name="Download as Markdown").click()
        assert download.value.path().read_text() == document
        assert sales.complaints == []


def test_a_closed_tab_loses_no_draft_and_sending_forgets_it(site, browser):
    with browser.visitor() as reader:
        reader.open("/contact/brief/")
        note = reader.page.get_by_text("This browser keeps your draft")
        expect(note).to_be_hidden()
        write(reader)
        expect(note).to_be_visible()

        closed = reader.page
        reader.page = closed.context.new_page()
        closed.close()
        reader.open("/contact/brief/")
        for label, words in ROUGH.items():
            expect(reader.page.get_by_label(label)).to_have_value(words)
        expect(reader.page.get_by_text("This browser keeps your draft")).to_be_visible()

        # An inquiry sent from another page is none of its business.
        ask(reader, "/contact/", button="Send the message")
        reader.open("/contact/brief/")
        expect(reader.page.get_by_label("Context")).to_have_value(ROUGH["Context"])

        ask(reader, "/contact/brief/", button="Send it to us")
        reader.open("/contact/brief/")
        expect(reader.page.get_by_label("Context")).to_have_value("")
        assert reader.page.evaluate("localStorage.length") == 0
        assert reader.page.context.cookies() == []
        assert reader.complaints == []


def ask(reader, path, *, button):
    reader.open(path)
    form = reader.page.locator("form[data-inquiry-form]")
    form.get_by_label("Your name").fill("Ada")
    form.get_by_label("Your email").fill(visitor())
    form.get_by_role("textbox", name="What do you need?").or_(
        form.get_by_label("Your message")
    ).fill("Please have a look.")
    time.sleep(SECONDS_TO_FILL_IN_THE_FORM)
    form.get_by_role("button", name=button).click()
    expect(reader.page.get_by_role("heading", level=1)).to_contain_text("Thank you")


def test_a_draft_is_forgotten_by_a_button(browser):
    with browser.visitor() as reader:
        reader.open("/contact/brief/")
        write(reader)
        reader.page.get_by_role("button", name="Discard the draft").click()
        expect(reader.page.get_by_label("Context")).to_have_value("")
        expect(reader.page.get_by_role("button", name="Discard the draft")).to_be_hidden()

        reader.open("/contact/brief/")
        expect(reader.page.get_by_label("Context")).to_have_value("")
        assert reader.complaints == []


def test_looking_it_over_and_taking_it_away_leave_the_form_ready_to_be_sent(browser):
    with browser.visitor(accept_downloads=True) as reader:
        reader.open("/contact/brief/")
        write(reader)
        with reader.page.expect_download():
            reader.page.get_by_role("button", name="Download as Markdown").click()
        expect(reader.page.get_by_role("button", name="Send it to us")).to_be_enabled()

        reader.page.get_by_role("button", name="Check the brief").click()
        expect(reader.page.locator("#hints")).to_be_focused()
        expect(reader.page.get_by_text("This browser keeps your draft")).to_be_visible()
        assert reader.complaints == []


def test_a_browser_that_keeps_nothing_shows_the_page_all_the_same(browser):
    with browser.visitor() as reader:
        reader.page.add_init_script(
            "Object.defineProperty(window, 'localStorage', { get() { throw new Error('no'); } })"
        )
        reader.open("/contact/brief/")
        write(reader)
        expect(reader.page.get_by_text("This browser keeps your draft")).to_be_hidden()
        reader.page.get_by_role("button", name="Check the brief").click()
        expect(reader.page.locator("#hints")).to_be_visible()
        assert reader.complaints == []


def test_no_state_of_the_page_has_a_barrier_or_is_too_wide(browser):
    found = {}

    def look(at):
        found[at] = barriers(reader, (360, 1280))

    with browser.visitor() as reader:
        reader.open("/contact/brief/")
        look("empty")
        for example in reader.page.locator("summary").all():
            example.click()
        write(reader, Constraints="fast" + "x" * 300 + " TBD")
        look("written")
        reader.page.get_by_role("button", name="Check the brief").click()
        expect(reader.page.locator("#hints")).to_be_visible()
        look("looked over")
        reader.page.locator("main form").evaluate("form => form.noValidate = true")
        reader.page.get_by_role("button", name="Send it to us").click()
        expect(reader.page.locator("[role=alert]")).to_be_visible()
        look("with errors")

    assert {at: some for at, some in found.items() if some} == {}
    assert len(found) == 4
