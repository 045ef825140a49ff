"""Two people in one article, and the page beside the words: in real browsers."""

import re
from contextlib import contextmanager

from playwright.sync_api import expect

PUBLISHER = "publisher@cleansystems.example"
AUTHOR = "author@cleansystems.example"
ADD = "/admin/articles/article/add/"
SAVED = re.compile(r"^Saved \d+ s ago")


@contextmanager
def signed_in(browser, logins, email, **options):
    with browser.visitor(**options) as visitor:
        visitor.sign_in(email, logins[email])
        yield visitor


def saved(page):
    return page.locator(".saved__words").last


def wait_until_saved(page):
    """After typing: from the first key on it is said to be on its way."""
    expect(saved(page)).to_have_text(SAVED)


def words(page):
    return page.locator(".prose-editor .ProseMirror").first


def begin(visitor, title, text):
    """A new article with its first words in its draft. Returns where it is written."""
    page = visitor.page
    visitor.open(ADD)
    page.locator("[name=title]").fill(title)
    words(page).click()
    page.keyboard.type(text)
    expect(page).to_have_url(re.compile(r"/admin/articles/article/\d+/change/"))
    expect(saved(page)).to_have_text(SAVED)
    return visitor.path


def test_one_takes_over_and_the_other_takes_it_back_and_no_word_is_lost(browser, logins):
    with (
        signed_in(browser, logins, AUTHOR) as author,
        signed_in(browser, logins, PUBLISHER) as publisher,
    ):
        hers, his = author.page, publisher.page
        where = begin(author, "In company", "First words.")
        publisher.open(where)
        people = his.locator("[data-people] details")
        expect(people).to_contain_text("is here too")
        words(hers).click()
        hers.keyboard.press("Control+End")
        hers.keyboard.type(" Her last words.")
        wait_until_saved(hers)

        people.locator("summary").click()
        with his.expect_navigation():
            his.get_by_role("button", name="Take over").click()
        expect(his.locator("[data-people]")).to_contain_text("You have taken over")
        expect(saved(hers)).to_have_text(re.compile("^Read only, .+ has taken over$"))

        expect(words(hers)).to_have_attribute("contenteditable", "false")
        hers.keyboard.type("Not taken down.")
        assert "Not taken down" not in words(hers).inner_text()
        words(his).click()
        his.keyboard.press("Control+End")
        his.keyboard.type(" His.")
        wait_until_saved(his)

        his.keyboard.type(" Late.")
        with hers.expect_navigation():
            hers.get_by_role("button", name="Take it back").click()
        expect(words(hers)).to_contain_text("First words. Her last words. His.")
        expect(words(hers)).to_have_attribute("contenteditable", "true")
        expect(saved(his)).to_have_text(re.compile("^Read only, .+ has taken over$"))
        author.open(where)
        expect(words(hers)).to_have_text("First words. Her last words. His. Late.")
        assert author.complaints == publisher.complaints == []


def test_whoever_is_taken_over_from_is_told_whether_their_last_words_are_saved(browser, logins):
    with (
        signed_in(browser, logins, AUTHOR) as author,
        signed_in(browser, logins, PUBLISHER) as publisher,
    ):
        hers, his = author.page, publisher.page
        where = begin(author, "Out of reach", "First words.")
        publisher.open(where)
        hers.route("**/keep/**", lambda route: route.abort())
        words(hers).click()
        hers.keyboard.type("Her last words. ")
        expect(saved(hers)).to_have_text("Kept on this device")

        his.locator("[data-people] details summary").click()
        with his.expect_navigation():
            his.get_by_role("button", name="Take over").click()

        note = hers.locator(".people__note")
        expect(note).to_contain_text("has taken over. Your last words are not saved yet")
        hers.unroute("**/keep/**")
        hers.evaluate("dispatchEvent(new Event('online'))")  # else it tries again within 30 s
        expect(saved(hers)).to_have_text(re.compile("^Read only, .+ has taken over$"))


def test_the_page_beside_the_words_follows_them(browser, logins):
    with signed_in(browser, logins, AUTHOR, viewport={"width": 1280, "height": 800}) as author:
        page = author.page
        begin(author, "Beside", "The first.")
        for number in range(12):
            page.keyboard.press("Enter")
            page.keyboard.type(f"Paragraph {number} has a few words of its own. " * 4)
        expect(saved(page)).to_have_text(SAVED)

        page.locator(".bar__preview").click()
        frame = page.frame_locator(".glass iframe")
        last = frame.locator("#text > p").last
        expect(last).to_contain_text("Paragraph 11")
        expect(last).to_be_in_viewport()
        page.keyboard.type("And its end.")
        expect(last).to_contain_text("And its end.")
        expect(last).to_be_in_viewport()

        for width in ("360", "768", "1280"):
            page.locator(".glass__pick label", has_text=width).click()
            assert frame.locator("html").evaluate("() => innerWidth") == int(width)
            box = page.locator(".glass iframe").bounding_box()
            assert box["x"] >= 600 and box["x"] + box["width"] <= 1280
        words(page).locator("p").first.click()
        expect(frame.locator("#text > p").first).to_be_in_viewport()

        page.set_viewport_size({"width": 360, "height": 740})
        expect(page.locator(".glass iframe")).to_be_in_viewport(ratio=0.9)
        page.get_by_role("button", name="Back to the text").click()
        expect(page.locator(".glass")).to_be_hidden()
        expect(words(page)).to_be_in_viewport()
        assert author.complaints == []
