"""Who sales would have missed: a real inquiry among spam, a client, whoever a colleague covers."""

import re
from datetime import date, timedelta

from playwright.sync_api import expect

from devtools.processes import wait_until
from tests.stack import SALES as MAILBOX
from tests.stack import visitor

SALES = "sales@cleansystems.example"
LONE = "lone@cleansystems.example"

# A month ahead: no digest of that day has gone out.
SEND_DIGEST = """
from datetime import timedelta
from django.utils import timezone
from leads.messages import digests
digests.send_due(timezone.now().replace(hour=20) + timedelta(days=30))
"""

HIRE_LONE = f"""
from django.contrib.auth.models import Group
from accounts.models import User
from accounts.roles import SALES
lone = User.objects.create_user("{LONE}", name="Lone Friis", is_staff=True)
lone.groups.add(Group.objects.get(name=SALES))
"""


def test_a_real_inquiry_is_rescued_from_the_digest(site, browser, logins):
    email = visitor()
    words = "Price list please. https://one.example https://two.example"
    site.send_inquiry(email, message=words, reference_2="filled in by an extension")

    site.shell(SEND_DIGEST)
    digest = expect_email(site, lambda text: email in text, to=MAILBOX)
    about_it = digest.partition(email)[2]
    link = re.search(rf"Not spam: {site.address}(\S+)", about_it)[1]
    with browser.visitor(viewport={"width": 360, "height": 740}) as sales:
        sales.open(link)
        expect(sales.page.get_by_role("button", name="Not spam")).to_have_count(0)
        sales.page.get_by_role("link", name="Sign in to decide").click()  # the mailbox is nobody's
        sales.page.get_by_label("Email").fill(SALES)
        sales.page.get_by_label("Password").fill(logins[SALES])
        sales.page.get_by_role("button", name="Sign in").click()
        expect(sales.page.get_by_text(words)).to_be_visible()
        assert site.emails_by_visitor()[email].copies == 0  # opening it decides nothing
        sales.page.get_by_role("button", name="Not spam").click()
        expect(
            sales.page.get_by_text("this is not spam, and sales have been notified")
        ).to_be_visible()
        assert sales.complaints == []

    emails = site.expect_emails([email])[email]  # 15 s later, so that undo takes it back
    assert words in emails.sales[0].email.get_body(["plain"]).get_content()
    assert len(emails.visitor) == 1


def test_a_client_who_writes_again_is_a_client_everywhere(site, browser, logins):
    [[client, name, winner]] = site.execute(
        "SELECT c.email, c.name, u.email FROM leads_lead l"
        " JOIN leads_contact c ON c.id = l.contact_id JOIN accounts_user u ON u.id = l.owner_id"
        " WHERE l.stage = 'won' AND u.is_active AND NOT EXISTS"
        " (SELECT FROM leads_lead o WHERE o.contact_id = c.id AND o.closed_at IS NULL)"
        " ORDER BY l.id LIMIT 1"
    )
    site.send_inquiry(client, name=name, company="", message="It went well. We have a second one.")

    [notification] = site.expect_emails([client])[client].sales
    first_line = notification.email.get_body(["plain"]).get_content().partition("\n")[0]
    assert notification.email["Subject"].startswith("Client: ")
    assert re.match(r"Client: won [\d,]+ [A-Z]{3} on \d+ \w+ \d{4} by \w+", first_line)
    with browser.visitor(viewport={"width": 1280, "height": 800}) as sales:
        sales.sign_in(SALES, logins[SALES])
        sales.open("/admin/inbox/")
        row = sales.page.locator(".row", has_text=name)
        expect(row).to_contain_text("Client")
        row.get_by_role("link").first.click()
        expect(sales.page.locator(".record .marks")).to_contain_text("won")
        # Whoever won them goes on looking after them.
        [[owner]] = site.execute(
            "SELECT u.email FROM leads_lead l JOIN accounts_user u ON u.id = l.owner_id"
            " JOIN leads_contact c ON c.id = l.contact_id"
            " WHERE c.email = %s AND l.closed_at IS NULL",
            client,
        )
        assert owner == winner
        assert sales.complaints == []


def test_what_comes_for_someone_who_is_away_reaches_whoever_covers(site, browser, logins):
    site.shell(HIRE_LONE)
    email = visitor()
    site.send_inquiry(email)
    [first] = site.expect_emails([email])[email].sales
    assert first.email["To"] == SALES  # it is theirs from now on
    with browser.visitor(viewport={"width": 1280, "height": 800}) as sales:
        sales.sign_in(SALES, logins[SALES])
        sales.open("/admin/duty/")
        sales.page.get_by_label("First day").fill(date.today().isoformat())
        sales.page.get_by_label("Last day").fill((date.today() + timedelta(days=2)).isoformat())
        sales.page.get_by_label("Who covers").select_option("Lone Friis")
        sales.page.get_by_role("button", name="Add an absence").click()
        expect(sales.page.get_by_text("Lone Friis covers").first).to_be_visible()
        try:
            site.send_inquiry(email, message="One more thing: we start in May.")

            expect_email(site, lambda text: "we start in May" in text, to=LONE)
        finally:
            sales.page.get_by_role("button", name="Mikkel Sørensen is back").click()
            expect(sales.page.get_by_role("status")).to_contain_text("no longer away")
        assert sales.complaints == []


def expect_email(site, is_meant, *, to):
    """The text of the email that is waited for."""

    def found():
        for one in list(site.mail.emails):
            text = one.email.get_body(["plain"]).get_content()
            if to in one.recipients and is_meant(text):
                return text
        return None

    assert wait_until(lambda: found() is not None, seconds=30, pause=0.1)
    return found()
