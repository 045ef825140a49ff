"""Search in a real browser: what the script adds, and that nothing needs it."""

import pytest
from playwright.sync_api import expect

SEARCH = "/articles/search/"


@pytest.fixture
def reader(browser):
    with browser.visitor() as reader:
        yield reader


def box(visitor):
    return visitor.page.get_by_role("searchbox", name="Search the site")


def hits(visitor):
    return visitor.page.locator("#search-results section[aria-labelledby=results] h3")


def looked_for(site):
    return {query for (query,) in site.execute("SELECT query FROM articles_searchcount")}


def test_results_come_while_someone_types_and_nothing_is_counted_before_enter(site, reader):
    reader.open(SEARCH)

    box(reader).press_sequentially("idemp")

    expect(hits(reader).first).to_contain_text("Idempotency")
    expect(reader.page.get_by_role("status")).to_contain_text("article")
    expect(reader.page).to_have_url(f"{site.address}{SEARCH}?q=idemp")
    expect(box(reader)).to_be_focused()
    expect(box(reader)).to_have_value("idemp")
    assert "idemp" not in looked_for(site)

    box(reader).press("Enter")

    expect(hits(reader).first).to_contain_text("Idempotency")
    assert "idemp" in looked_for(site)
    assert reader.complaints == []


def test_typing_on_replaces_what_was_found_before(reader):
    reader.open(f"{SEARCH}?q=idempotency")

    box(reader).fill("xylophones")

    expect(reader.page.get_by_role("status")).to_have_text("No results")
    expect(hits(reader)).to_have_count(0)
    expect(reader.page).to_have_title("xylophones · Search · Clean Systems Consulting")
    assert reader.complaints == []


def test_without_script_the_form_finds_the_same(site, browser):
    with browser.visitor(java_script_enabled=False) as reader:
        reader.open("/articles/")
        box(reader).fill("transacton outbox")
        reader.page.get_by_role("button", name="Search").click()

        expect(hits(reader).first).to_contain_text("Outbox")
        expect(reader.page.locator("mark").first).to_be_visible()
        assert reader.complaints == []
