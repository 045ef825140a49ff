"""A visitor asks for what is theirs, and gets it as a file, and is erased, in a real browser."""

import re

from playwright.sync_api import expect

from devtools.processes import wait_until
from tests.stack import visitor

ADMIN = "admin@cleansystems.example"


def links(site, email):
    """The paths of those that the mail server has for this address."""
    texts = [
        received.email.get_body(("plain",)).get_content()
        for received in list(site.mail.emails)
        if email in received.recipients
    ]
    return re.findall(r"https?://[^/\s]+(/privacy/request/\S+)", "\n".join(texts))


def test_a_person_is_given_their_data_and_erased(site, browser, logins):
    email = visitor()
    told = {"name": "Petra Eigen", "message": "We need a ledger."}
    assert site.send_inquiry(email, **told).is_thanks
    assert site.execute("SELECT count(*) FROM leads_inquiry WHERE email = %s", email) == [(1,)]

    with browser.visitor(java_script_enabled=False) as reader:
        reader.open("/privacy/")
        reader.page.get_by_role("link", name="Ask for a copy or have it erased").click()
        reader.page.get_by_label("Erase my data").check()
        reader.page.get_by_label("Your email").fill(email)
        reader.page.get_by_role("button", name="Send me the link").click()
        expect(reader.page.get_by_role("heading", name="Check your email")).to_be_visible()
        assert wait_until(lambda: links(site, email), seconds=30)
        [path] = links(site, email)
        reader.open(path)
        reader.page.get_by_role("button", name="Yes, erase it").click()
        expect(reader.page.get_by_role("heading", name="We have your request")).to_be_visible()
        assert reader.open(path) == 410
        assert reader.page.context.cookies() == []

    with browser.visitor() as ida:
        ida.sessions = None  # who signed in a while ago would be asked again before a download
        ida.sign_in(ADMIN, logins[ADMIN])
        ida.open("/admin/privacy/request/")
        ida.page.get_by_role("link", name=email).click()
        ida.page.get_by_role("button", name="Show, export or erase all").click()
        with ida.page.expect_download() as download:
            ida.page.get_by_role("button", name="Download (HTML)").click()
        saved = download.value.path().read_text()
        assert "We need a ledger." in saved and email in saved
        ida.page.get_by_role("button", name="Erase permanently").click()
        expect(ida.page.get_by_text("Erased: 1 inquiry")).to_be_visible()
        assert ida.complaints == []

    assert site.execute("SELECT count(*) FROM leads_inquiry WHERE email = %s", email) == [(0,)]
    assert site.execute('SELECT count(*) FROM mail_message WHERE "to" = %s', email) == [(0,)]
    done = "SELECT address, done_at IS NOT NULL FROM privacy_request ORDER BY id DESC LIMIT 1"
    assert site.execute(done) == [("", True)]
