"""The room around a text, in a real browser: what folds, and what follows the words."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.axe import barriers

PUBLISHER = "publisher@cleansystems.example"
ADMINISTRATOR = "admin@cleansystems.example"
SAVED = re.compile(r"^Saved (\d+ s ago|at )")
ADD = "/admin/articles/article/add/"
NEWEST = (
    "SELECT max(article_id) FROM articles_revision"
    " WHERE state = 'published' AND live_from < now() AND live_until IS NULL"
)


@pytest.fixture
def writer(browser, logins):
    with browser.visitor(viewport={"width": 1280, "height": 1000}) as publisher:
        publisher.sign_in(PUBLISHER, logins[PUBLISHER])
        yield publisher
        assert publisher.complaints == []


@pytest.fixture
def newest(site):
    [[pk]] = site.execute(NEWEST)
    return f"/admin/articles/article/{pk}/change/"


def test_the_rail_folds_for_good_and_everything_but_the_words_can_be_put_away(writer, newest):
    page = writer.page
    rail, bar = page.get_by_role("complementary"), page.locator(".bar")
    writer.open(newest)
    expect(rail).to_be_visible()

    page.get_by_role("button", name="Rail").click()
    writer.open(newest)

    expect(rail).to_be_hidden()
    page.keyboard.press("Control+.")
    expect(rail).to_be_visible()
    page.keyboard.press("Control+Shift+f")
    expect(bar).to_be_hidden()
    expect(rail).to_be_hidden()
    expect(page.get_by_role("textbox", name="Body", exact=True)).to_be_focused()
    assert writer.path == newest
    page.keyboard.press("Escape")
    expect(bar).to_be_visible()
    expect(rail).to_be_visible()


def test_what_others_will_see_follows_the_words(writer):
    page = writer.page
    writer.open(ADD)
    expect(page.get_by_label("Title", exact=True)).to_be_focused()
    page.keyboard.type("A retry is a loan")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Summary")).to_be_focused()
    page.keyboard.type("x" * 200)
    page.get_by_text("Search and share").click()

    result = page.get_by_label("As a search result")

    expect(result.locator("b")).to_have_text("A retry is a loan")
    expect(page.get_by_text("cut off")).to_be_visible()
    page.get_by_label("Title for search results").fill("Retries")
    page.get_by_label("Description for search results").fill("Why they are loans.")
    expect(result).to_have_text(re.compile("Retries *Why they are loans."))
    expect(page.get_by_text("fits", exact=True)).to_be_visible()


def test_the_words_are_drawn_as_readers_see_them(writer, newest, site):
    """Type, measure and distances of the public page."""
    page = writer.page
    drawn = """(selector) => {
        const one = document.querySelector(selector);
        const style = getComputedStyle(one);
        const names = ["fontFamily", "fontSize", "lineHeight", "marginTop", "letterSpacing"];
        return [one.parentElement.clientWidth, ...names.map((name) => style[name])];
    }"""
    parts = [".prose p + p", ".prose h2"]
    writer.open(newest)
    expect(page.locator(".ProseMirror.prose")).to_be_visible()
    written = [page.evaluate(drawn, part) for part in parts]
    [[slug]] = site.execute(f"SELECT slug FROM articles_article WHERE id = ({NEWEST})")

    writer.open(f"/articles/{slug}/")

    assert [page.evaluate(drawn, part) for part in parts] == written


def test_no_room_has_a_barrier(writer, newest):
    """Empty, long, with an error, and one that is a service."""
    page = writer.page
    found = {}
    for name, address in {
        "empty": ADD,
        "long": newest,
        "page": "/admin/pages/page/add/",
        "service": "/admin/pages/service/add/",
    }.items():
        writer.open(address)
        found[name] = barriers(writer)
    writer.open(ADD)
    page.get_by_label("Address").fill("not an address")
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator(".errornote")).to_be_visible()
    found["error"] = barriers(writer)

    assert {name: what for name, what in found.items() if what} == {}


def test_nothing_that_opens_over_the_words_is_a_barrier(writer, newest, browser, logins):
    """Sheets, the page beside, what a device kept, a colleague's version, who else is here."""
    page, found = writer.page, {}
    sheet = page.get_by_role("dialog")
    body = page.get_by_role("textbox", name="Body", exact=True)

    def look(name):
        found[name] = barriers(writer, (360, 1280), fits=(768,))

    writer.open(ADD)
    body.click()
    page.keyboard.type("TODO: the rest.")
    expect(page).to_have_url(re.compile(r"/change/$"))
    where = writer.path
    page.get_by_role("button", name="Publish…", exact=True).click()
    expect(sheet.get_by_role("link", name="Go to the title").first).to_be_visible()
    look("the sheet with what is in the way")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Schedule…").click()
    expect(sheet.get_by_label("At a set time")).to_be_checked()
    look("the sheet for an hour")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Send for review…").click()
    expect(sheet.get_by_label("Who", exact=True)).to_be_focused()
    expect(sheet).to_contain_text("It has no summary")
    look("asking for a review")
    page.keyboard.press("Escape")

    page.locator(".bar__preview").click()
    expect(page.frame_locator(".glass iframe").locator("#text")).to_contain_text("the rest")
    look("the page beside the words")
    page.locator(".bar__preview").click()

    with browser.visitor() as colleague:
        colleague.sign_in(ADMINISTRATOR, logins[ADMINISTRATOR])
        colleague.open(where)
        theirs = colleague.page.get_by_role("textbox", name="Body", exact=True)
        expect(theirs).to_contain_text("the rest")
        theirs.click()
        colleague.page.keyboard.press("Control+End")
        # It said so of what was saved before, too.
        with colleague.page.expect_response(is_autosave):
            colleague.page.keyboard.type(" By a colleague.")
        expect(saved(colleague.page)).to_have_text(SAVED)
        expect(theirs).to_contain_text("By a colleague.")
        body.click()
        page.keyboard.press("Control+End")
        page.keyboard.type(" By me.")
        expect(page.locator(".clash")).to_be_visible()
        look("two versions of one text")
        page.get_by_role("button", name="Keep both").click()
        expect(saved(page)).to_have_text(SAVED)
        writer.open(where)
        page.locator("details.people summary").click()
        expect(page.get_by_role("button", name="Take over")).to_be_visible()
        look("who else is here")

    writer.open("/admin/pages/page/add/")
    page.get_by_label("Title", exact=True).fill("Kept, and never saved")
    expect(saved(page)).to_have_text(SAVED)
    writer.open("/admin/pages/page/add/")
    expect(page.locator(".kept")).to_be_visible()
    look("what was kept")
    page.get_by_role("button", name="Throw away…").click()
    look("throwing it away")
    page.get_by_role("button", name="Throw away", exact=True).click()

    assert {name: what for name, what in found.items() if what} == {}


def is_autosave(response):
    return response.request.method == "POST" and urlsplit(response.url).path.endswith("/keep/")


def saved(page):
    return page.locator(".bar [data-saved] .saved__words")
