"""Going on duty and being away, in a real browser."""

import pytest
from playwright.sync_api import expect

ADMIN = "admin@cleansystems.example"


@pytest.fixture(scope="module")
def someone(browser, logins):
    with browser.visitor(viewport={"width": 360, "height": 740}) as someone:
        someone.sign_in(ADMIN, logins[ADMIN])
        yield someone
        assert someone.complaints == []


def test_who_is_back_early_can_take_that_back_by_a_key(someone):
    """Ida of the demo is away while Mikkel covers."""
    someone.open("/admin/duty/")
    away = someone.page.locator(".roster li", has_text="Mikkel Sørensen covers")
    expect(away).to_be_visible()

    someone.page.get_by_role("button", name="Ida Lindqvist is back").click()
    expect(someone.page.get_by_role("status")).to_contain_text("Ida Lindqvist is no longer away")
    expect(away).to_have_count(0)
    someone.page.keyboard.press("z")

    expect(someone.page.get_by_text("Ida Lindqvist is away")).to_be_visible()
    expect(away).to_be_visible()


def test_one_goes_on_duty_and_off_again(someone):
    someone.open("/admin/duty/")
    off = someone.page.get_by_role("button", name="Take Ida Lindqvist off duty for every office")

    someone.page.get_by_role("button", name="Put on duty").click()
    expect(off).to_be_visible()
    off.click()

    expect(off).to_have_count(0)
