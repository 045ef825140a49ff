"""Two people at one form of the desk, in a real browser."""

import re

from playwright.sync_api import expect

PUBLISHER = "publisher@cleansystems.example"


def test_after_back_what_a_colleague_saved_meanwhile_is_not_overwritten(site, browser, logins):
    [[topic]] = site.execute("SELECT min(id) FROM articles_topic")
    form = f"/admin/articles/topic/{topic}/change/"
    with browser.visitor() as publisher:
        publisher.sign_in(PUBLISHER, logins[PUBLISHER])
        publisher.open(form)
        description = publisher.page.get_by_label("Description")
        before = description.input_value()
        description.fill("Mine.")
        publisher.open("/admin/")
        site.execute("UPDATE articles_topic SET description = 'Theirs.' WHERE id = %s", topic)

        publisher.page.go_back()
        expect(description).to_have_value("Mine.")
        publisher.page.get_by_role("button", name="Save", exact=True).click()

        expect(publisher.page.locator(".errornote")).to_be_visible()
        expect(publisher.page.locator("#content")).to_contain_text("Theirs.")
        publisher.page.get_by_label(re.compile("Keep mine")).check()
        publisher.page.get_by_role("button", name="Save", exact=True).click()
        expect(publisher.page.locator(".messagelist")).to_contain_text("changed")
        assert publisher.complaints == []

    assert site.execute("SELECT description FROM articles_topic WHERE id = %s", topic) == [
        ("Mine.",)
    ]
    site.execute("UPDATE articles_topic SET description = %s WHERE id = %s", before, topic)
