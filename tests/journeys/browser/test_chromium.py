"""Chromium itself, which is no fault of the site when it ends."""

import pytest
from playwright.sync_api import Error

from tests.browser import running_chromium


@pytest.fixture
def chromium(chromium_path):
    with running_chromium(chromium_path, "http://127.0.0.1:1") as browser:
        yield browser


def crash(browser):
    browser.chromium.new_browser_cdp_session().send("Browser.crash")


def test_one_that_ends_while_a_window_is_closed_fails_nobody(chromium):
    with chromium.visitor() as visitor:
        visitor.page.set_content("<p>Seen</p>")
        assert visitor.page.inner_text("p") == "Seen"
        with pytest.raises(Error):
            crash(chromium)

    with chromium.visitor() as next_one:
        next_one.page.set_content("<p>Seen again</p>")
        assert next_one.page.inner_text("p") == "Seen again"


def test_one_that_ends_while_someone_looks_fails_them_alone(chromium):
    with pytest.raises(Error), chromium.visitor():
        crash(chromium)

    with chromium.visitor() as next_one:
        next_one.page.set_content("<p>Seen</p>")
