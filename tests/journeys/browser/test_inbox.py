"""Sales at work in the inbox, with nothing but the keys, in a real browser.

The sixty-four inquiries are those of `tests/leads/inquiries.toml`, and what is counted is counted
by `tests/sales_at_work.py`.
"""

import re
from itertools import count

import pytest
from playwright.sync_api import expect

from tests.axe import barriers, names, violations
from tests.sales_at_work import (
    INQUIRIES,
    JOBS,
    MAX_KEYS_EACH,
    ODD,
    REALISTIC,
    SALES,
    Hands,
    receive,
    sort_to_zero,
)

TURNS = count()  # so that nobody says the same twice
WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 360, "height": 740}


@pytest.fixture
def someone(site, browser, logins):
    """In sales, at a desk."""
    with browser.visitor(viewport=WIDE) as someone:
        someone.sign_in(SALES, logins[SALES])
        yield someone
        # No mail program is installed beside this browser.
        assert [one for one in someone.complaints if "mailto:" not in one] == []


def test_inquiries_of_every_kind_are_sorted_to_zero_by_keyboard_alone(site, someone):
    """One of each kind, and more that are work. `benchmarks/clicks.py` sorts all sixty-four."""
    kinds = {one["kind"]: one for one in reversed(INQUIRIES)}
    work = [one for one in INQUIRIES if one["kind"] == "work" and one is not kinds["work"]]
    inquiries = [*kinds.values(), *work[::5]]
    _, suspected = receive(site, inquiries)
    hands = Hands(someone.page)

    sort_to_zero(hands, site.address, suspected)

    assert hands.presses / len(inquiries) <= MAX_KEYS_EACH


@pytest.mark.parametrize("way", ["mouse", "keys"])
@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_the_commonest_jobs_take_no_more_presses_than_promised(site, someone, job, way):
    if job.arrive.get("is_spam"):
        receive(site, [])
    someone.open(job.prepare(site, way))
    hands = Hands(someone.page)

    job.do(hands, way)

    assert hands.presses <= job.promised


def test_from_a_new_inquiry_to_won_with_a_note_a_next_step_and_a_value(site, browser, logins):
    [one] = [one for one in INQUIRIES if one["key"] == "outage"]
    receive(site, [one | {"email": "won@example.com", "message": f"{one['message']} Again."}])
    with browser.visitor(viewport=WIDE) as visitor:
        visitor.sign_in(SALES, logins[SALES])
        desk, page = Hands(visitor.page), visitor.page
        visitor.open("/admin/inbox/")
        desk.take()

        desk.press("n")
        page.keyboard.type("Called: they want two people.")
        with page.expect_navigation():
            page.keyboard.press("Control+Enter")
        expect(page.locator(".history")).to_contain_text("Called: they want two people.")

        desk.press("t")
        page.keyboard.type("Send the estimate")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        expect(page.locator(".entry--next")).to_contain_text("Send the estimate")

        desk.send(desk.press, "e")
        visitor.open("/admin/inbox/?tab=all")
        [[lead]] = site.execute(
            "SELECT l.id FROM leads_lead l JOIN leads_contact c ON c.id = l.contact_id "
            "WHERE c.email = 'won@example.com'"
        )
        visitor.open(f"/admin/lead/{lead}/")
        page.locator(".fact summary", has_text="Stage").click()
        assert names(violations(visitor)) == []
        form = page.locator("form[action$='/stage/']")
        form.get_by_role("radio", name="Won").check()
        form.get_by_label("Value").fill("1.234,50")
        form.get_by_label("Currency").select_option("DKK")
        form.get_by_role("button").click()

        expect(page.locator(".facts")).to_contain_text("1,234.50 DKK")
        expect(page.locator(".entry--won")).to_contain_text("Won: 1,234.50 DKK")
        page.keyboard.press("z")
        expect(page.locator(".facts")).to_contain_text("Contacted")
        assert visitor.complaints == []


def test_of_two_who_answer_at_once_the_second_is_told(site, browser, logins):
    [one] = [one for one in INQUIRIES if one["key"] == "german"]
    receive(site, [one | {"email": "twice@example.com", "message": f"{one['message']} Nochmal."}])
    admin = "admin@cleansystems.example"
    with browser.visitor() as first, browser.visitor() as second:
        first.sign_in(SALES, logins[SALES])
        second.sign_in(admin, logins[admin])
        for visitor in (first, second):
            visitor.open("/admin/inbox/")
            expect(visitor.page.locator(".record h2")).to_be_visible()

        for visitor in (first, second):
            hands = Hands(visitor.page)
            hands.send(hands.press, "e")

        expect(second.page.locator("#main")).to_contain_text(re.compile("answered .* already"))
    [[answers]] = site.execute(
        "SELECT count(*) FROM leads_answer a JOIN leads_lead l ON l.id = a.lead_id "
        "JOIN leads_contact c ON c.id = l.contact_id WHERE c.email = 'twice@example.com'"
    )
    assert answers == 1


def test_of_two_who_write_at_once_each_is_told(site, browser, logins):
    [one] = [one for one in INQUIRIES if one["key"] == "polish"]
    receive(site, [one | {"email": "both@example.com", "message": f"{one['message']} Znowu."}])
    admin = "admin@cleansystems.example"
    with browser.visitor() as first, browser.visitor() as second:
        first.sign_in(SALES, logins[SALES])
        second.sign_in(admin, logins[admin])
        for visitor in (first, second):
            visitor.open("/admin/inbox/")

        for visitor in (first, second):
            with visitor.page.expect_response("**/writing/"):
                visitor.page.keyboard.press("n")

        others = second.page.locator("[data-writing-others]")
        expect(others).to_contain_text("Mikkel is writing a note, since")
        assert names(violations(second)) == []
        first.open("/admin/inbox/")
        expect(first.page.locator(".row .marks")).to_contain_text("is writing a note")
        assert [*first.complaints, *second.complaints] == []


def test_on_a_phone_list_and_record_take_turns_and_nothing_scrolls_sideways(site, browser, logins):
    receive(site, [one | {"email": f"phone-{n}@example.com"} for n, one in enumerate(ODD)])
    with browser.visitor(viewport=PHONE, has_touch=True) as visitor:
        visitor.sign_in(SALES, logins[SALES])
        visitor.open("/admin/inbox/")
        expect(visitor.page.locator(".list")).to_be_visible()
        expect(visitor.page.locator(".record")).to_be_hidden()
        for number in range(visitor.page.locator(".row").count()):
            visitor.open("/admin/inbox/")
            visitor.page.locator(".row a").nth(number).click()
            expect(visitor.page.locator(".record")).to_be_visible()
            expect(visitor.page.locator(".list")).to_be_hidden()
            wide = visitor.page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0, visitor.page.url
        visitor.page.get_by_role("button", name="More").click()
        with visitor.page.expect_navigation():
            visitor.page.get_by_role("button", name="Answered").click()
        expect(visitor.page.locator(".toast")).to_contain_text("nswered")
        assert visitor.complaints == []


class TestManyAtOnce:
    """The bar above the list: by keys alone, on a phone, and without script."""

    @pytest.fixture
    def three(self, site):
        some = [one for one in REALISTIC if one["kind"] == "work"][:3]
        turn = next(TURNS)
        changed = [{"email": f"many-{turn}-{n}@example.com"} for n in range(3)]
        assert receive(site, [one | more for one, more in zip(some, changed, strict=True)])[0] == 3
        yield
        receive(site, [])  # nobody waits after it

    def test_rows_are_selected_by_keys_and_sorted_at_once(self, three, someone):
        someone.open("/admin/inbox/")
        page, hands = someone.page, Hands(someone.page)
        rows = page.locator(".row__pick input")
        expect(rows).to_have_count(3)

        hands.press("v")
        expect(page.locator("[data-said]")).to_have_text("1 selected")
        for _ in range(2):
            before = page.locator("#record h2").inner_text()
            hands.press("j")
            expect(page.locator("#record h2")).not_to_have_text(before)
        hands.press("Shift+V")
        expect(page.locator("[data-said]")).to_have_text("3 selected")
        hands.press("Escape")
        expect(page.locator(".row__pick input:checked")).to_have_count(0)
        hands.press("*")
        expect(page.locator("[data-said]")).to_have_text("3 selected")
        hands.press("x")
        assert names(violations(someone)) == []
        hands.send(hands.press, "4")

        expect(page.locator(".toast")).to_contain_text("3 leads: Sorted as job")
        hands.send(hands.press, "z")
        expect(page.locator(".inbox__said")).to_contain_text("Undone: 3 of them.")

    def test_shift_and_a_click_select_all_between(self, three, someone):
        someone.open("/admin/inbox/")
        rows = someone.page.locator(".row__pick input")

        rows.first.click()
        rows.last.click(modifiers=["Shift"])

        expect(someone.page.locator(".row__pick input:checked")).to_have_count(3)

    def test_keys_list_what_can_be_done_with_rows(self, three, someone):
        someone.open("/admin/inbox/")

        someone.page.keyboard.press("?")

        for name in ("Select all", "Select; with Shift, all up to here", "Add by hand"):
            expect(someone.page.locator("#keys-here")).to_contain_text(name)

    def test_on_a_phone_every_act_fits_and_is_accessible(self, three, browser, logins):
        with browser.visitor(viewport=PHONE, has_touch=True) as visitor:
            visitor.sign_in(SALES, logins[SALES])
            visitor.open("/admin/inbox/")
            page = visitor.page
            expect(page.locator(".row__pick").first).to_have_css("opacity", "1")
            page.locator(".row__pick input").first.check()
            for act in ("Owner", "Kind", "Stage", "Next step"):
                page.locator(".bar summary", has_text=act).click()

                expect(page.locator(".bar .slip").locator("visible=true")).to_have_count(1)
                assert barriers(visitor, (PHONE["width"],)) == [], act
            assert visitor.complaints == []

    def test_what_is_refused_is_said_on_a_phone_as_well(self, three, browser, logins):
        with browser.visitor(viewport=PHONE, has_touch=True) as visitor:
            visitor.sign_in(SALES, logins[SALES])
            visitor.open("/admin/inbox/")
            page = visitor.page
            page.get_by_label("Select all").check()
            page.locator(".bar summary", has_text="Stage").click()
            page.locator(".bar .stages label", has_text="Won").click()
            with page.expect_navigation():
                page.locator(".bar").get_by_role("button", name="Move").click()

            expect(page.locator(".inbox__said")).to_contain_text("Say what it is worth.")

    def test_it_works_without_script(self, three, browser, logins):
        with browser.visitor(java_script_enabled=False) as visitor:
            visitor.sign_in(SALES, logins[SALES])
            visitor.open("/admin/inbox/")
            page = visitor.page
            page.locator(".row").first.hover()
            page.locator(".row__pick input").first.check()
            page.locator(".bar summary", has_text="Kind").click()
            page.locator(".bar").get_by_role("button", name="Press").click()

            expect(page.locator(".toast")).to_contain_text("Sorted as press")
            page.get_by_role("button", name="Undo").click()
            page.get_by_label("Select all").check()
            page.locator(".bar").get_by_role("button", name="Spam").click()
            expect(page.locator(".toast")).to_contain_text("3 leads: Marked as spam")
            page.get_by_role("button", name="Undo").click()
