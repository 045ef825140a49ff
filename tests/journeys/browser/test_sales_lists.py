"""The lists of sales in a real browser: many at once in few clicks, on a phone, without script."""

import pytest
from playwright.sync_api import expect

from tests.axe import barriers

SALES = "sales@cleansystems.example"
PAGES = ["pipeline/", "people/", "companies/", "inquiries/", "pipeline/add/", "pipeline/?stage=all"]


@pytest.fixture(scope="module")
def someone(browser, logins):
    with browser.visitor(viewport={"width": 1280, "height": 800}) as someone:
        someone.sign_in(SALES, logins[SALES])
        yield someone
        assert someone.complaints == []


def rows(page):
    return page.locator("tbody tr")


def test_a_colleagues_leads_are_handed_over_in_four_clicks_and_taken_back(someone):
    page = someone.page
    someone.open("/admin/pipeline/")

    with page.expect_navigation():
        rows(page).get_by_role("link", name="Mikkel").first.click()
    count = rows(page).count()
    page.get_by_label("Select all").check()
    page.locator(".bar summary", has_text="Owner").click()
    with page.expect_navigation():
        page.locator(".bar").get_by_role("button", name="Nobody").click()

    assert count > 1
    expect(page.get_by_text("Nothing matches.")).to_be_visible()
    expect(page.locator(".toast")).to_contain_text("leads: Unassigned")
    # All that match, also those of further pages.
    done = int(page.locator(".toast").inner_text().split()[0])
    assert done >= count
    with page.expect_navigation():
        page.keyboard.press("z")
    assert rows(page).count() == count


def test_the_key_c_adds_a_lead_by_hand(someone):
    page = someone.page
    someone.open("/admin/pipeline/")

    page.keyboard.press("c")
    page.wait_for_url("**/admin/pipeline/add/")
    page.get_by_label("Name").fill("Karen Blom")
    page.get_by_label("Email", exact=True).fill("karen@blomogsoen.example")
    page.get_by_label("What they said or need").fill("Called: their invoices go out twice.")
    with page.expect_navigation():
        page.get_by_role("button", name="Add the lead").click()

    someone.open("/admin/pipeline/")
    expect(rows(page).first).to_contain_text("Karen Blom")
    with page.expect_navigation():
        page.keyboard.press("z")
    expect(rows(page).first).not_to_contain_text("Karen Blom")


@pytest.mark.parametrize("path", PAGES)
def test_no_list_has_a_barrier_and_all_fit_any_window(someone, path):
    assert someone.open(f"/admin/{path}") == 200
    if someone.page.locator("[name=all]").count():
        someone.page.locator("[name=all]").check()

    assert barriers(someone, (1280,), fits=(360, 768)) == []


def test_all_of_it_works_without_script(browser, logins):
    with browser.visitor(java_script_enabled=False) as someone:
        someone.sign_in(SALES, logins[SALES])
        someone.open("/admin/pipeline/")
        page = someone.page
        count = rows(page).count()

        page.get_by_label("Select all").check()
        page.locator(".bar summary", has_text="Kind").click()
        page.locator(".bar").get_by_role("button", name="Support").click()
        expect(page.locator(".toast")).to_contain_text("Sorted as support")
        page.get_by_role("button", name="Undo").click()

        assert rows(page).count() == count > 1
