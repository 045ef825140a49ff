"""The list of articles in a real browser: in few clicks, on a phone, without barriers."""

import pytest
from playwright.sync_api import expect

from tests.axe import barriers

PUBLISHER = "publisher@cleansystems.example"
PAGES = ["", "article-list/", "article-list/?tab=live", "article-list/?q=queues"]


@pytest.fixture(scope="module")
def someone(browser, logins):
    with browser.visitor(viewport={"width": 1280, "height": 800}) as someone:
        someone.sign_in(PUBLISHER, logins[PUBLISHER])
        yield someone
        assert someone.complaints == []


def rows(page):
    return page.locator("tbody tr")


def test_an_article_is_unpublished_from_the_list_once_it_was_asked_and_brought_back_by_one_key(
    someone,
):
    page = someone.page
    someone.open("/admin/article-list/?tab=live")
    count = rows(page).count()
    title = rows(page).first.locator(".headline").inner_text()

    page.get_by_label(f"Select “{title}”").check()
    with page.expect_navigation():
        page.get_by_role("button", name="Unpublish…").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Unpublish 1 article?")
    with page.expect_navigation():
        page.get_by_role("button", name="Unpublish").click()

    expect(page.locator(".toast")).to_contain_text(f"{title}: Unpublished")
    assert rows(page).count() == count - 1
    with page.expect_navigation():
        page.keyboard.press("z")
    assert rows(page).count() == count


def test_the_slash_searches_every_word(someone):
    page = someone.page
    someone.open("/admin/article-list/")

    page.keyboard.press("/")
    page.keyboard.type("idempotecy")
    with page.expect_navigation():
        page.keyboard.press("Enter")

    expect(rows(page).first.locator(".headline")).to_contain_text("Idempotency")


@pytest.mark.parametrize("path", PAGES)
def test_no_list_has_a_barrier_and_all_fit_any_window(someone, path):
    someone.open(f"/admin/{path}")

    assert barriers(someone, (1280,), fits=(360, 768)) == []
