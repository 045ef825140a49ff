"""What changed, what publishing would do, two versions of one text, and two lanes, in a real
browser.
"""

import re

import pytest
from playwright.sync_api import expect

from tests.axe import barriers

PUBLISHER = "publisher@cleansystems.example"
LIVE = (
    "<p>One adress service began to take two seconds over a lookup.</p>"
    "<h2>Give them a budget</h2><p>Ours is twenty percent of all requests.</p>"
)
NEXT = LIVE.replace("twenty", "ten").replace("a lookup.", "a lookup, and nothing was down.")


@pytest.fixture
def publisher(browser, logins):
    with browser.visitor(viewport={"width": 1280, "height": 1000}) as someone:
        someone.sign_in(PUBLISHER, logins[PUBLISHER])
        yield someone
        assert someone.complaints == []


@pytest.fixture
def changed(site):
    """The number of a live article, behind which a draft waits; afterwards it is as before."""
    [[article, live, body]] = site.execute(
        "SELECT one.article_id, one.id, one.body FROM articles_revision one"
        " WHERE one.live_from < now() AND NOT EXISTS (SELECT 1 FROM articles_revision other"
        " WHERE other.article_id = one.article_id AND other.id <> one.id)"
        " ORDER BY one.article_id LIMIT 1"
    )
    site.execute("UPDATE articles_revision SET body = %s WHERE id = %s", LIVE, live)
    site.execute(
        "INSERT INTO articles_revision (article_id, number, title, summary, body, seo_title,"
        " seo_description, state, edited_at, note, cover_id)"
        " SELECT article_id, number + 1, title, summary, %s, seo_title, seo_description, 'draft',"
        " now(), '', cover_id FROM articles_revision WHERE id = %s",
        NEXT,
        live,
    )
    yield article
    # In one transaction: each revision of the chain names the moment of the next.
    site.execute(
        "UPDATE articles_revision SET state = 'discarded', live_from = NULL, live_until = NULL,"
        f" published_at = NULL WHERE article_id = {article} AND id <> {live};"
        f" UPDATE articles_revision SET live_until = NULL WHERE id = {live}"
    )
    site.execute("UPDATE articles_revision SET body = %s WHERE id = %s", body, live)


def test_what_changed_is_one_click_away_seen_and_heard(publisher, changed):
    page = publisher.page
    publisher.open(f"/admin/articles/article/{changed}/change/")

    page.get_by_role("link", name="What would change?").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Two changes")
    heard = page.locator(".diff").aria_snapshot()
    assert re.search(r"gone: *\W*twenty", heard) and re.search(r"new: *\W*ten", heard), heard
    page.get_by_role("navigation", name="Changes").get_by_role("link").last.click()
    expect(page.locator("#change-2")).to_be_in_viewport()
    assert barriers(publisher) == []


def test_what_blocks_is_found_fixed_and_published_by_keyboard_alone(publisher, site, changed):
    said = NEXT + '<p>We had <strong>password = "hunt</strong>er2!" in the log.</p>'
    site.execute(
        f"UPDATE articles_revision SET body = %s WHERE article_id = {changed} AND state = 'draft'",
        said,
    )
    page = publisher.page
    publisher.open(f"/admin/articles/article/{changed}/change/")
    publish = page.get_by_role("button", name="Publish…", exact=True)
    sheet = page.get_by_role("dialog", name="Readers will see three changes")

    publish.press("Enter")
    expect(sheet.get_by_role("link", name="Go to the passage").last).to_be_focused()
    assert barriers(publisher) == []
    page.set_viewport_size({"width": 1280, "height": 1000})
    page.keyboard.press("Enter")
    expect(sheet).to_be_hidden()
    expect(page.locator(".shown-place")).to_be_visible()
    assert page.evaluate("getSelection().toString()") == "hunter2!"
    page.keyboard.type("your-password")
    expect(page.locator("#checks summary")).not_to_contain_text("to fix")
    publish.press("Enter")
    expect(sheet.get_by_role("button", name="Publish now")).to_be_focused()
    assert barriers(publisher) == []
    page.keyboard.press("Enter")

    expect(page.locator(".messagelist")).to_contain_text("Live: revision")
    [[live]] = site.execute(
        "SELECT body FROM articles_revision WHERE live_from < now() AND live_until IS NULL"
        f" AND article_id = {changed}"
    )
    assert "your-password" in live and "hunter2" not in live


def test_both_versions_of_a_text_stand_side_by_side_and_can_both_be_kept(publisher, site):
    [[topic, before]] = site.execute(
        "SELECT id, description FROM articles_topic ORDER BY id LIMIT 1"
    )
    said = "Backoff spreads the same attempts over a long time. Neither makes them fewer at all."
    site.execute("UPDATE articles_topic SET description = %s WHERE id = %s", said, topic)
    page = publisher.page
    publisher.open(f"/admin/articles/topic/{topic}/change/")
    page.get_by_label("Description").fill(said.replace("long", "longer"))
    site.execute(
        "UPDATE articles_topic SET description = %s WHERE id = %s",
        said.replace("long", "short"),
        topic,
    )

    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.locator(".pair ins")).to_have_text(["longer", "short"])
    expect(page.get_by_label("Keep both")).to_be_checked()
    assert barriers(publisher) == []
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".messagelist")).to_contain_text("changed")
    [[kept]] = site.execute("SELECT description FROM articles_topic WHERE id = %s", topic)
    assert "a longer time" in kept and "a short time" in kept
    site.execute("UPDATE articles_topic SET description = %s WHERE id = %s", before, topic)


def test_a_typo_is_fixed_in_both_lanes_in_four_clicks(publisher, changed, site):
    page = publisher.page
    publisher.open(f"/admin/articles/article/{changed}/change/")

    page.get_by_role("link", name="Fix the live text").click()
    page.locator(".ProseMirror").get_by_text("One adress service").dblclick(
        position={"x": 60, "y": 10}
    )
    page.keyboard.type("address")
    page.get_by_role("button", name="Publish the fix").click()
    expect(page.get_by_role("region", name="The fix fits here too")).to_contain_text("address")
    assert barriers(publisher) == []
    page.get_by_role("button", name="Take it in").click()

    expect(page.locator("main")).to_contain_text("Live and next have the fix.")
    expect(page.locator(".lane--live p", has_text="One address service")).to_be_visible()
    expect(page.locator(".lane--next p", has_text="One address service")).to_be_visible()
    assert barriers(publisher) == []
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(page.locator(".lane--next p", has_text="One adress service")).to_be_visible()
