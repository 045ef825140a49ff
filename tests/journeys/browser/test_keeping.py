"""Nothing typed at the desk is lost: a real browser is closed, cut off and signed out."""

import re
from contextlib import contextmanager, suppress

import pytest
from playwright.sync_api import Error, expect

from devtools.processes import wait_until
from tests.browser import PATIENCE

PUBLISHER = "publisher@cleansystems.example"
AUTHOR = "author@cleansystems.example"
SAVED = re.compile(r"^Saved \d+ s ago")


@pytest.fixture
def office(site):
    [[pk]] = site.execute("SELECT min(id) FROM offices_office")
    yield f"/admin/offices/office/{pk}/change/"
    site.execute("DELETE FROM desk_keptform")


@contextmanager
def signed_in(browser, logins, email=PUBLISHER, **options):
    with browser.visitor(**options) as visitor:
        visitor.sign_in(email, logins[email])
        yield visitor


def saved(page):
    """The words of the indicator."""
    return page.locator(".saved__words").last


def field(page, name):
    return page.locator(f"[name={name}]").last


def on_device(page):
    """What this device has kept, by the name of its field."""
    return page.evaluate(
        """() => new Promise((resolve) => {
            const asked = indexedDB.open("keeping", 1);
            asked.onupgradeneeded = () => asked.transaction.abort();
            asked.onerror = () => resolve([]);
            asked.onsuccess = () => {
                const store = asked.result.transaction("copies").objectStore("copies");
                store.getAll().onsuccess = ({ target }) => {
                    asked.result.close();
                    resolve(target.result.map((one) => one.fields));
                };
            };
        })"""
    )


def wait_for_device(page, name, value):
    """Asked from here: Playwright's `wait_for_function` takes the promise itself for a yes."""
    is_there = wait_until(
        lambda: any(fields.get(name) == [value] for fields in on_device(page)),
        seconds=PATIENCE / 1_000,
    )
    assert is_there, on_device(page)


def test_what_is_typed_is_kept_here_then_there_and_the_row_stays(site, browser, logins, office):
    [[before]] = site.execute("SELECT street FROM offices_office ORDER BY id LIMIT 1")
    with signed_in(browser, logins) as publisher:
        page = publisher.page
        publisher.open(office)
        expect(saved(page)).to_have_text("Saved")

        field(page, "street").fill("Nyhavn 1")
        wait_for_device(page, "street", "Nyhavn 1")
        expect(saved(page)).to_have_text("Saving")
        expect(saved(page)).to_have_text(SAVED)

        assert on_device(page) == []
        assert publisher.complaints == []
    assert site.execute("SELECT street FROM offices_office ORDER BY id LIMIT 1") == [(before,)]


def test_nothing_is_called_saved_from_the_first_key_on(browser, logins, office):
    with signed_in(browser, logins) as publisher:
        page = publisher.page
        publisher.open(office)
        field(page, "street").fill("Nyhavn 1")
        expect(saved(page)).to_have_text(SAVED)

        said = field(page, "street").evaluate(
            """(street) => {
                street.value += ", third floor";
                street.dispatchEvent(new Event("input", { bubbles: true }));
                return [...document.querySelectorAll(".saved__words")].at(-1).textContent;
            }"""
        )

        assert said == "Saving"
        expect(saved(page)).to_have_text(SAVED)


def test_nothing_is_called_saved_before_it_is_known_what_was_left(browser, logins, office):
    with signed_in(browser, logins) as publisher:
        page, held = publisher.page, []
        page.route(re.compile("/keep/"), lambda route: held.append(route))
        publisher.open(office)
        wait_until(lambda: page.evaluate("1") and held, seconds=PATIENCE / 1_000)

        assert saved(page).text_content() == ""
        for route in held:
            route.continue_()

        expect(saved(page)).to_have_text("Saved")


def test_what_was_never_saved_is_offered_on_the_next_visit(site, browser, logins, office):
    with signed_in(browser, logins) as publisher:
        page = publisher.page
        publisher.open(office)
        before = field(page, "street").input_value()
        field(page, "street").fill("Nyhavn 1, third floor")
        expect(saved(page)).to_have_text(SAVED)

        publisher.open("/admin/")
        publisher.open(office)
        offered = page.locator(".kept")
        expect(offered).to_contain_text("never saved")
        expect(offered.locator("ins")).to_have_text("Nyhavn 1, third floor")
        expect(field(page, "street")).to_have_value(before)

        page.get_by_role("button", name="Bring them back").click()
        expect(field(page, "street")).to_have_value("Nyhavn 1, third floor")
        expect(saved(page)).to_have_text(SAVED)
        page.get_by_role("button", name="Save", exact=True).last.click()
        expect(page.locator(".messagelist")).to_be_visible()

        publisher.open(office)
        expect(saved(page)).to_have_text("Saved")
        expect(page.locator(".kept")).to_have_count(0)
        assert field(page, "street").input_value() == "Nyhavn 1, third floor"
        field(page, "street").fill(before)
        page.get_by_role("button", name="Save", exact=True).last.click()
        expect(page.locator(".messagelist")).to_be_visible()
        assert publisher.complaints == []


def test_what_is_put_off_stays_and_what_is_thrown_away_goes(browser, logins, office):
    with signed_in(browser, logins) as publisher:
        page = publisher.page
        publisher.open(office)
        field(page, "street").fill("Nyhavn 1")
        expect(saved(page)).to_have_text(SAVED)

        publisher.open(office)
        page.get_by_role("button", name="Not now").click()
        expect(page.locator(".kept")).to_have_count(0)
        publisher.open(office)
        page.get_by_role("button", name="Throw away…").click()
        with page.expect_response(lambda answer: answer.request.method == "POST"):
            page.get_by_role("button", name="Throw away", exact=True).click()

        publisher.open(office)
        expect(saved(page)).to_have_text("Saved")
        page.wait_for_load_state("networkidle")
        expect(page.locator(".kept")).to_have_count(0)


def test_what_is_typed_and_taken_back_is_no_change(site, browser, logins, office):
    with signed_in(browser, logins) as publisher:
        page = publisher.page
        publisher.open(office)
        before = field(page, "street").input_value()

        field(page, "street").fill("Nyhavn 1")
        expect(saved(page)).to_have_text(SAVED)
        field(page, "street").fill(before)

        expect(saved(page)).to_have_text(SAVED)
        publisher.open(office)
        page.wait_for_load_state("networkidle")
        expect(page.locator(".kept")).to_have_count(0)


def test_without_a_server_it_is_kept_on_this_device_and_saved_by_itself(browser, logins, office):
    with signed_in(browser, logins) as publisher:
        page = publisher.page
        publisher.open(office)

        page.context.set_offline(True)
        field(page, "street").fill("Nyhavn 1")
        expect(saved(page)).to_have_text("Kept on this device")
        expect(page.locator(".saved__why").last).to_contain_text("You are offline")
        page.context.set_offline(False)

        expect(saved(page)).to_have_text(SAVED)


def test_a_device_still_has_it_when_the_server_was_gone_to_the_end(site, browser, logins, office):
    with signed_in(browser, logins) as publisher:
        page = publisher.page
        publisher.open(office)
        site.kill("web")  # a last request goes out even where the browser plays offline
        field(page, "street").fill("Nyhavn one")
        wait_for_device(page, "street", "Nyhavn one")

        publisher.page = publisher_page = page.context.new_page()
        page.close()
        site.start("web")
        publisher.open(office)

        expect(publisher_page.locator(".kept")).to_contain_text("This device kept")
        expect(saved(publisher_page)).to_have_text(re.compile(r"^\d words? on this device only$"))


def test_when_the_session_ends_one_signs_in_over_the_form(site, browser, logins, office):
    with signed_in(browser, logins) as publisher:
        page = publisher.page
        publisher.open(office)
        page.context.clear_cookies()

        field(page, "street").fill("Nyhavn 1")
        dialog = page.locator("dialog.signin")
        expect(dialog).to_be_visible()
        expect(saved(page)).to_have_text("Kept on this device. Sign in to save")
        dialog.get_by_label("Email").fill(PUBLISHER)
        dialog.get_by_label("Password").fill("wrong")
        dialog.get_by_role("button", name="Sign in").click()
        expect(dialog.locator(".errornote")).to_be_visible()
        dialog.get_by_label("Email").fill(AUTHOR)
        dialog.get_by_label("Password").fill(logins[AUTHOR])
        dialog.get_by_role("button", name="Sign in").click()
        expect(dialog.locator(".errornote")).to_contain_text("may not change this")
        dialog.get_by_label("Email").fill(PUBLISHER)
        dialog.get_by_label("Password").fill(logins[PUBLISHER])
        dialog.get_by_role("button", name="Sign in").click()

        expect(dialog).to_have_count(0)
        expect(saved(page)).to_have_text(SAVED)
        expect(field(page, "street")).to_have_value("Nyhavn 1")


def test_a_save_after_the_session_has_ended_goes_on_after_signing_in(site, browser, logins, office):
    with signed_in(browser, logins) as publisher:
        page = publisher.page
        publisher.open(office)
        before = field(page, "region").input_value()
        page.context.clear_cookies()
        field(page, "region").fill("Sjælland")
        dialog = page.locator("dialog.signin")
        dialog.get_by_role("button", name="Later").click()

        page.get_by_role("button", name="Save and continue editing").last.click()
        dialog.get_by_label("Email").fill(PUBLISHER)
        dialog.get_by_label("Password").fill(logins[PUBLISHER])
        dialog.get_by_role("button", name="Sign in").click()

        expect(page.locator(".messagelist")).to_be_visible()
        expect(field(page, "region")).to_have_value("Sjælland")
        field(page, "region").fill(before)
        page.get_by_role("button", name="Save and continue editing").last.click()
        expect(page.locator(".messagelist")).to_be_visible()


def test_only_a_word_that_is_nowhere_else_holds_someone_back(browser, logins, office):
    with signed_in(browser, logins) as publisher:
        page = publisher.page
        page.add_init_script(
            "indexedDB.open = () => { throw new DOMException('', 'SecurityError'); };"
        )
        asked = []
        page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
        publisher.open(office)
        field(page, "street").click()
        page.keyboard.type("1")
        expect(saved(page)).to_have_text(SAVED)
        publisher.open("/admin/")
        assert asked == []

        publisher.open(office)
        page.context.set_offline(True)
        field(page, "street").click()
        page.keyboard.type("2")
        expect(saved(page)).to_have_text("Only in this window. Copy it before you leave")
        expect(page.locator(".saved__why").last).to_contain_text("keeps nothing for this site")
        with page.expect_event("dialog"):
            page.close(run_before_unload=True)

        assert asked == ["beforeunload"]


def test_a_device_without_room_says_so(browser, logins, office):
    with signed_in(browser, logins) as publisher:
        page = publisher.page
        publisher.open(office)
        devtools = page.context.new_cdp_session(page)
        devtools.send(
            "Storage.overrideQuotaForOrigin", {"origin": publisher.address, "quotaSize": 1_000}
        )
        page.context.set_offline(True)

        field(page, "description").fill("Over the old cable works. " * 2_000)

        expect(saved(page)).to_have_text("Only in this window. Copy it before you leave")
        expect(page.locator(".saved__why").last).to_contain_text("no room left on this device")


def test_the_older_of_two_windows_is_told_and_both_are_kept(browser, logins, office):
    with signed_in(browser, logins) as publisher:
        older = publisher.page
        publisher.open(office)
        expect(saved(older)).to_have_text("Saved")
        newer = older.context.new_page()
        newer.goto(f"{publisher.address}{office}")

        expect(older.locator(".kept__note")).to_contain_text("in another window")
        for page, text in [(older, "In the older"), (newer, "In the newer")]:
            field(page, "street").fill(text)
            expect(saved(page)).to_have_text(SAVED)
        newer.close()
        publisher.open(office)

        offered = older.locator(".kept")
        expect(offered.locator("ins")).to_have_text("In the newer")
        older.get_by_role("button", name="Throw away…").click()
        older.get_by_role("button", name="Throw away", exact=True).click()
        expect(offered.locator("ins")).to_have_text("In the older")


def test_only_the_older_of_two_windows_is_told_however_often_that_asks(browser, logins, office):
    """Words on the device that may still arrive have each window ask the others for a minute."""
    with signed_in(browser, logins) as publisher:
        publisher.open(office)
        publisher.page.route("**/keep/**", lambda route: route.abort())
        field(publisher.page, "street").fill("On its way")
        wait_for_device(publisher.page, "street", "On its way")
        crash(publisher)
        older, newer = publisher.page, publisher.page.context.new_page()

        publisher.open(office)
        newer.goto(f"{publisher.address}{office}")
        newer.evaluate(
            """() => {
                const mine = document.querySelector("[name=kept_windows]").value;
                window.wasAsked = new Promise((resolve) => {
                    new BroadcastChannel("keeping").addEventListener("message", ({ data }) => {
                        if (data.ask && data.who !== mine) resolve(true);
                    });
                });
            }"""
        )

        expect(older.locator(".kept__note")).to_contain_text("in another window")
        assert newer.evaluate("() => window.wasAsked")
        assert newer.locator(".kept__note").count() == 0


def test_whoever_signs_out_leaves_nothing_on_the_device(site, browser, logins, office):
    with signed_in(browser, logins) as publisher:
        page = publisher.page
        publisher.open(office)
        site.kill("web")
        field(page, "street").fill("Nyhavn 1")
        wait_for_device(page, "street", "Nyhavn 1")
        publisher.page = page.context.new_page()
        page.close()
        page = publisher.page
        site.start("web")
        publisher.open("/admin/")
        assert on_device(page) == [{"street": ["Nyhavn 1"]}]

        page.locator("button.shell__me").click()
        page.get_by_role("button", name="Sign out").click()
        expect(page).to_have_url(re.compile("/admin/logout/"))

        assert on_device(page) == []
        publisher.sign_in(PUBLISHER, logins[PUBLISHER])
        publisher.open(office)
        expect(page.locator(".kept ins")).to_have_text("Nyhavn 1")


def test_an_article_is_written_saved_and_found_again(site, browser, logins):
    with signed_in(browser, logins, AUTHOR) as author:
        page = author.page
        author.open("/admin/articles/article/add/")
        expect(saved(page)).to_have_text("New")

        page.locator("[name=title]").fill("A retry is a loan")
        writing = page.locator(".prose-editor [contenteditable]").first
        writing.click()
        page.keyboard.type("Four teams had each done the sensible thing.")
        expect(saved(page)).to_have_text(SAVED)
        expect(page).to_have_url(re.compile(r"/admin/articles/article/\d+/change/"))
        address = author.path
        page.keyboard.type(" The bill goes elsewhere.")
        expect(saved(page)).to_have_text(re.compile("^Saving$"))
        expect(saved(page)).to_have_text(SAVED)

        author.open(address)
        assert page.locator("[name=title]").input_value() == "A retry is a loan"
        expect(writing).to_have_text(
            "Four teams had each done the sensible thing. The bill goes elsewhere."
        )
        page.wait_for_load_state("networkidle")
        expect(page.locator(".kept")).to_have_count(0)
        page.get_by_role("button", name="Save draft").click()
        expect(page.locator(".messagelist")).to_contain_text("Saved")
        assert author.complaints == []
    [[count]] = site.execute("SELECT count(*) FROM articles_article WHERE slug LIKE 'a-retry-is%'")
    assert count == 1


@pytest.fixture
def draft(site, browser, logins):
    """The address of one with a title, and how to read and write that title behind the browser."""
    with signed_in(browser, logins, AUTHOR) as author:
        author.open("/admin/articles/article/add/")
        author.page.locator("[name=title]").fill("On its way")
        expect(author.page).to_have_url(re.compile(r"/admin/articles/article/\d+/change/"))
        path = author.path
    pk = int(re.search(r"\d+", path)[0])

    def title(new=None):
        if new is not None:
            site.execute("UPDATE articles_revision SET title = %s WHERE article_id = %s", new, pk)
        return site.execute("SELECT title FROM articles_revision WHERE article_id = %s", pk)[0][0]

    return path, title


def has_nothing(page):
    """On the device. The page may just be drawing itself anew."""
    with suppress(Error):
        return on_device(page) == []
    return False


def crash(visitor):
    """The page is gone, and had no last word."""
    old, visitor.page = visitor.page, visitor.page.context.new_page()
    with suppress(Error):
        old.goto("chrome://crash", timeout=PATIENCE)
    old.close()


def test_words_that_arrived_are_never_called_unsaved_although_the_answer_was_lost(
    browser, logins, draft
):
    path, title = draft
    with signed_in(browser, logins, AUTHOR) as author:

        def lose_answer(route):
            if route.request.method != "POST":
                return route.continue_()
            route.fetch()
            return route.abort()

        author.open(path)
        author.page.route("**/keep/**", lose_answer)
        author.page.locator("[name=title]").fill("On its way to the draft")
        expect(saved(author.page)).to_have_text("Kept on this device")
        assert title() == "On its way to the draft"
        crash(author)
        title("Changed by somebody since")

        author.open(path)
        page = author.page
        assert wait_until(lambda: has_nothing(page), seconds=PATIENCE / 1_000)
        expect(saved(page)).to_have_text(re.compile("^Saved"))
        expect(page.locator(".kept")).to_have_count(0)
        assert page.locator("[name=title]").input_value() == "Changed by somebody since"


def test_words_typed_into_a_form_that_was_refused_are_not_taken_for_those_from_before(
    browser, logins, office
):
    with signed_in(browser, logins) as publisher:
        page = publisher.page
        publisher.open(office)
        field(page, "street").fill("Nyhavn 1")
        expect(saved(page)).to_have_text(SAVED)
        field(page, "city").fill("")
        expect(saved(page)).to_have_text("Saving")
        expect(saved(page)).to_have_text(SAVED)
        page.route("**/keep/**", lambda route: route.abort())
        page.get_by_role("button", name="Save", exact=True).first.click()
        expect(page.locator(".errorlist").first).to_be_visible()

        field(page, "street").fill("Nyhavn 17")
        wait_for_device(page, "street", "Nyhavn 17")
        crash(publisher)
        publisher.open(office)

        expect(publisher.page.locator(".kept")).to_contain_text("Nyhavn 17")


def test_a_note_of_unsaved_words_goes_and_the_page_shows_them_once_they_arrive(
    browser, logins, draft
):
    path, title = draft
    with signed_in(browser, logins, AUTHOR) as author:
        held = []

        def hold(route):
            if route.request.method != "POST":
                return route.continue_()
            held.append((route.request.url, route.request.headers, route.request.post_data))
            return route.abort()

        author.open(path)
        author.page.route("**/keep/**", hold)
        author.page.locator("[name=title]").fill("On its way for long")
        expect(saved(author.page)).to_have_text("Kept on this device")
        crash(author)
        author.open(path)
        page = author.page
        expect(page.locator(".kept")).to_contain_text("never saved")
        assert title() == "On its way"

        address, headers, body = held[0]
        assert page.context.request.post(address, headers=headers, data=body).ok

        expect(page.locator("[name=title]")).to_have_value("On its way for long")
        expect(page.locator(".kept")).to_have_count(0)
        assert on_device(page) == []


def test_two_who_write_the_same_line_see_both_and_choose(site, browser, logins):
    [[pk]] = site.execute("SELECT max(id) FROM articles_article")
    form = f"/admin/articles/article/{pk}/change/"
    with (
        signed_in(browser, logins) as tobias,
        signed_in(browser, logins, AUTHOR) as ines,
    ):
        for who in (tobias, ines):
            who.open(form)
        with tobias.page.expect_response(re.compile("/keep/$")):
            tobias.page.locator("[name=note]").fill("Theirs")

        ines.page.locator("[name=note]").fill("Mine")
        expect(saved(ines.page)).to_have_text("Both kept")
        with ines.page.expect_response(re.compile("/keep/$")):
            ines.page.get_by_role("button", name="Keep yours").click()

        expect(saved(ines.page)).to_have_text(SAVED)
        expect(ines.page.locator("[name=note]")).to_have_value("Mine")
    assert site.execute(
        "SELECT note FROM articles_revision WHERE article_id = %s ORDER BY number DESC LIMIT 1", pk
    ) == [("Mine",)]
