"""What a browser knows about its person, filled in at once, as Chromium itself does it."""

import re

import pytest
from playwright.sync_api import expect

from leads.spam.weights import WEIGHTS
from tests.stack import visitor

# What Chromium keeps about a person, named by its types of fields.
KNOWN = {
    "NAME_FULL": "Ada Lovelace",
    "COMPANY_NAME": "Analytical Engines",
    "ADDRESS_HOME_LINE1": "12 St James's Square",
    "ADDRESS_HOME_LINE2": "Second floor",
    "ADDRESS_HOME_CITY": "London",
    "ADDRESS_HOME_STATE": "Greater London",
    "ADDRESS_HOME_ZIP": "SW1Y 4JH",
    "ADDRESS_HOME_COUNTRY": "GB",
    "PHONE_HOME_WHOLE_NUMBER": "+442079460018",
}
FORM = "#inquiry-form"


def fill_in(page, email):
    """Have the browser fill in the inquiry's form from the field for the name."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("DOM.enable")
    devtools.send("Autofill.enable")
    root = devtools.send("DOM.getDocument")["root"]["nodeId"]
    wanted = {"nodeId": root, "selector": f"{FORM} [name=name]"}
    field = devtools.send("DOM.describeNode", devtools.send("DOM.querySelector", wanted))["node"]
    address = [{"name": kind, "value": text} for kind, text in KNOWN.items()]
    address.append({"name": "EMAIL_ADDRESS", "value": email})
    sent = {"fieldId": field["backendNodeId"], "address": {"fields": address}}
    devtools.send("Autofill.trigger", sent)
    expect(page.locator(f"{FORM} [name=email]")).to_have_value(email)
    devtools.detach()


def values(page):
    by_name = "form => Object.fromEntries([...form.elements].map(one => [one.name, one.value]))"
    return page.locator(FORM).evaluate(by_name)


@pytest.mark.parametrize("path", ["/", "/contact/"])
def test_a_browser_fills_in_who_asks_and_leaves_the_trap_empty(browser, path):
    email = visitor()
    with browser.visitor() as reader:
        reader.open(path)
        before = values(reader.page)

        fill_in(reader.page, email)

        asked = {"name": KNOWN["NAME_FULL"], "email": email, "company": KNOWN["COMPANY_NAME"]}
        assert values(reader.page) == before | asked


def test_under_a_name_that_browsers_know_the_trap_would_have_been_filled_in(browser):
    def rename(route):
        page = route.fetch()
        route.fulfill(response=page, body=page.text().replace('"reference_2"', '"phone"'))

    email = visitor()
    with browser.visitor() as reader:
        reader.page.route("**/contact/", rename)
        reader.open("/contact/")

        fill_in(reader.page, email)

        expect(reader.page.locator(f"{FORM} [name=phone]")).to_have_value(re.compile(r"\d{6}"))


def test_what_a_browser_filled_in_does_not_count_as_caught_in_the_trap(site, browser):
    email = visitor()
    with browser.visitor() as reader:
        reader.open("/contact/")
        fill_in(reader.page, email)
        reader.page.get_by_label("What do you need?").fill("Our ledger closes late each month.")
        reader.page.get_by_role("button", name="Send the message").click()
        expect(reader.page.get_by_role("heading", level=1)).to_contain_text("Thank you")

    site.expect_emails([email])
    [[name, reasons]] = site.execute(
        "SELECT name, reasons FROM leads_inquiry WHERE email = %s", email
    )
    assert name == KNOWN["NAME_FULL"]
    assert not [one for one in reasons if one.startswith(WEIGHTS["trap"].reason)]
