"""Where a record opens beside its list only the record is exchanged; all else is as with pages."""

import pytest
from playwright.sync_api import expect

from tests.journeys.browser.test_desk import ADMIN, PHONE

INBOX = "/admin/inbox/?tab=all"


@pytest.fixture(scope="module")
def mikkel(site, browser, logins):
    for number in range(3):
        site.send_inquiry(f"parts-{number}@example.com", name=f"Visitor {number}", message="Hello.")
    with browser.visitor(viewport={"width": 1280, "height": 800}) as mikkel:
        mikkel.sign_in(ADMIN, logins[ADMIN])
        yield mikkel
        assert mikkel.complaints == []


@pytest.fixture
def inbox(mikkel):
    """Open, with a mark on the page by which a whole new page would be noticed."""
    mikkel.page.set_viewport_size({"width": 1280, "height": 800})
    mikkel.open(INBOX)
    expect(mikkel.page.locator(".row [aria-current]")).to_have_count(1)
    mikkel.page.evaluate("document.querySelector('.list').dataset.kept = 'yes'")
    return mikkel.page


def opened(page):
    """Whose record stands beside the list."""
    return page.locator("#record h2")


def names(page):
    return page.locator(".row__who a bdi").all_inner_texts()


def test_the_next_record_comes_without_a_new_list(inbox):
    first, second, *_ = names(inbox)
    expect(opened(inbox)).to_have_text(first)

    inbox.keyboard.press("j")

    expect(opened(inbox)).to_have_text(second)
    expect(inbox.locator(".list")).to_have_attribute("data-kept", "yes")
    expect(inbox.locator(".row [aria-current]")).to_have_text(second)
    expect(inbox.locator(".row--open .row__who a")).to_have_text(second)


def test_keys_go_on_from_the_record_that_came(inbox):
    first, _, third, *_ = names(inbox)

    inbox.keyboard.press("j")
    expect(opened(inbox)).not_to_have_text(first)
    inbox.keyboard.press("j")

    expect(opened(inbox)).to_have_text(third)


def test_back_and_reloading_are_as_with_pages(inbox):
    first, second, *_ = names(inbox)
    inbox.keyboard.press("j")
    expect(opened(inbox)).to_have_text(second)

    inbox.go_back()
    expect(opened(inbox)).to_have_text(first)
    inbox.go_forward()
    expect(opened(inbox)).to_have_text(second)
    inbox.reload()

    expect(opened(inbox)).to_have_text(second)


def test_what_was_ticked_stays_ticked(inbox):
    box = inbox.locator(".row input[type=checkbox]").last
    box.check()

    inbox.locator(".row__who a").nth(1).click()

    expect(opened(inbox)).to_have_text(names(inbox)[1])
    expect(box).to_be_checked()


def test_on_a_phone_a_row_opens_a_page(mikkel, inbox):
    mikkel.page.set_viewport_size(PHONE)
    mikkel.open(INBOX)

    mikkel.page.locator(".row__who a").nth(1).click()

    expect(opened(mikkel.page)).to_be_visible()
    expect(mikkel.page.locator(".list")).to_be_hidden()
