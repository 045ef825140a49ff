"""The ways through the site and its desk, in a real browser, on the whole product."""

import re
import time
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.stack import visitor

AUTHOR = "author@cleansystems.example"
PUBLISHER = "publisher@cleansystems.example"
SALESMAN = "sales@cleansystems.example"
# Whoever is faster looks a little like a program.
MOTHS = "We need someone to look for moths."
HALTS = "We need to know whether it halts. Can you help?"
SECONDS_TO_FILL_IN_THE_FORM = 3.2


@pytest.fixture
def reader(browser):
    """Someone without an account."""
    with browser.visitor() as reader:
        yield reader


@pytest.fixture
def staff(browser, logins):
    """Whom to sign in, by email; each in a browser of their own."""
    opened = []

    def sign_in(email):
        opened.append(browser.visitor(viewport={"width": 1280, "height": 1000}))
        person = opened[-1].__enter__()
        person.sign_in(email, logins[email])
        return person

    yield sign_in
    for one in opened:
        one.__exit__(None, None, None)


def test_an_inquiry_from_an_article_reaches_sales_who_move_its_lead(site, reader, staff):
    email = visitor()
    reader.open("/")
    title = reader.page.locator(".card__title a").first.inner_text()
    reader.page.locator(".card__title a").first.click()
    expect(reader.page.get_by_role("heading", level=1)).to_have_text(title)
    article_path = reader.path

    fill_in(
        reader,
        name="Grace Hopper",
        email=email,
        company="Navy",
        message=MOTHS,
    )
    time.sleep(SECONDS_TO_FILL_IN_THE_FORM)
    reader.page.get_by_role("button", name="Send the message").click()

    expect(reader.page.get_by_role("heading", level=1)).to_contain_text("Thank you")
    assert reader.path == "/contact/thanks/"
    assert reader.complaints == []

    emails = site.expect_emails([email])[email]
    [notification], [acknowledgment] = emails.sales, emails.visitor
    assert notification.email["To"] == SALESMAN  # who is on duty
    assert notification.email["Reply-To"].addresses[0].addr_spec == email
    assert "Grace Hopper" in notification.email["Subject"]
    assert notification.email["From"] == acknowledgment.email["From"]
    assert acknowledgment.email["Auto-Submitted"] == "auto-replied"
    words = notification.email.get_body(["plain"]).get_content()
    assert MOTHS in words
    assert f"{site.address}{article_path}" in words
    # Any lead of a colleague's is linked to above it.
    record = re.search(rf"The lead:\s+{site.address}(/admin/lead/\d+/)", words)[1]

    sales = staff(SALESMAN)
    sales.open("/admin/leads/inquiry/")
    sales.page.locator("#result_list").get_by_role("link", name="Grace Hopper").click()
    emails = sales.page.locator("#notifications-group")
    expect(emails.get_by_role("cell", name=email, exact=True)).to_be_visible()
    expect(emails.get_by_role("cell", name=SALESMAN, exact=True)).to_be_visible()
    expect(emails.get_by_text("Sent", exact=True)).to_have_count(2)

    sales.open(record)
    history = sales.page.get_by_role("list", name="History")
    expect(history.get_by_text(MOTHS, exact=True)).to_be_visible()
    expect(history.get_by_role("link", name=title)).to_be_visible()
    sales.page.keyboard.press("n")
    sales.page.keyboard.type("Called her back.")
    with sales.page.expect_navigation():
        sales.page.keyboard.press("Control+Enter")
    sales.page.keyboard.press("e")
    expect(sales.page.locator(".facts")).to_contain_text("Contacted")
    expect(history.get_by_text("Called her back.", exact=True)).to_be_visible()
    assert sales.complaints == []


def test_without_script_the_form_does_the_same(site, browser):
    email = visitor()
    with browser.visitor(java_script_enabled=False) as reader:
        reader.open("/articles/")
        reader.page.locator(".card__title a").first.click()
        article_path = reader.path

        fill_in(
            reader,
            name="Alan",
            email=email,
            message=HALTS,
        )
        reader.page.get_by_role("button", name="Send the message").click()

        expect(reader.page.get_by_role("heading", level=1)).to_contain_text("Thank you")
        assert reader.complaints == []
    [notification] = site.expect_emails([email])[email].sales
    assert f"{site.address}{article_path}" in notification.email.get_body(["plain"]).get_content()


def test_what_was_typed_stays_beside_the_error(site, reader):
    reader.open("/contact/")

    fill_in(
        reader,
        name="Alan",
        email="alan@",
        message=HALTS,
    )
    reader.page.locator("form[data-inquiry-form]").evaluate("form => form.noValidate = true")
    reader.page.get_by_role("button", name="Send the message").click()

    address = reader.page.get_by_label("Your email")
    expect(address).to_have_value("alan@")
    expect(address).to_have_attribute("aria-invalid", "true")
    expect(reader.page.get_by_label("What do you need?")).to_have_value(HALTS)
    expect(reader.page.locator("#inquiry-email_error")).to_contain_text("email address")


def test_an_article_is_written_previewed_published_and_shows_all_blocks(site, reader, staff):
    publisher = staff(PUBLISHER)
    begin_article(publisher, title="A ledger is a promise", slug="a-ledger-is-a-promise")
    sign_as(publisher, "Eric Hanson")

    publisher.page.get_by_role("button", name="Save draft").click()
    expect(publisher.page.locator(".messagelist")).to_contain_text("Saved.")
    publisher.open(publisher.path.replace("/change/", "/preview/"))
    expect(publisher.page.get_by_text("readers can’t see this")).to_be_visible()
    expect(publisher.page.get_by_role("heading", level=1)).to_have_text("A ledger is a promise")
    assert reader.open("/articles/a-ledger-is-a-promise/") == 404

    open_article(publisher, "A ledger is a promise")
    publish(publisher)
    expect(publisher.page.locator(".messagelist")).to_contain_text("Live: revision 1")
    reader.complaints.clear()  # the 404 above
    assert reader.open("/articles/a-ledger-is-a-promise/") == 200

    page = reader.page
    expect(page.get_by_role("heading", level=1)).to_have_text("A ledger is a promise")
    expect(page.locator(".article__head")).to_contain_text(
        re.compile(r"by Eric Hanson, Backend Developer at Clean Systems Consulting")
    )
    expect(page.locator(".prose h2")).to_contain_text(["What it promises", "How it is kept"])
    assert page.locator(".prose ul li").all_inner_texts() == [
        "Nothing is lost.",
        "Nothing is counted twice.",
    ]
    assert page.locator(".prose > p").count() == 3
    expect(page.locator(".services h2")).to_have_count(1)
    expect(page.locator(".services .features > li")).to_have_count(6)
    expect(page.locator(".services .services__text p")).to_have_count(2)
    expect(page.get_by_role("button", name="Send the message")).to_be_visible()
    offices = page.get_by_role("region", name="Our offices")
    expect(offices.get_by_role("heading", level=3)).to_have_text(["Copenhagen", "Magelang"])
    expect(offices).to_contain_text("Carlsberg Gate")
    expect(offices).to_contain_text("56485")
    more = page.get_by_role("region", name="More articles")
    expect(more.get_by_role("heading", level=3)).to_have_count(4)
    assert reader.complaints == publisher.complaints == []


def test_a_change_that_is_scheduled_waits_for_its_hour(site, reader, staff):
    publisher = staff(PUBLISHER)
    begin_article(publisher, title="Patience", slug="patience")
    sign_as(publisher, "Eric Hanson")
    publish(publisher)
    expect(publisher.page.locator(".messagelist")).to_contain_text("Live: revision 1")

    publisher.page.get_by_label("Title", exact=True).fill("Patience is rewarded")
    hour = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=20)
    publisher.page.get_by_role("button", name="Schedule…").click()
    sheet = publisher.page.get_by_role("dialog")
    expect(sheet.get_by_label("At a set time")).to_be_checked()
    sheet.locator("[name=moment_0]").fill(f"{hour:%Y-%m-%d}")
    sheet.locator("[name=moment_1]").fill(f"{hour:%H:%M:%S}")
    sheet.get_by_role("button", name="Schedule").click()
    expect(publisher.page.locator(".messagelist")).to_contain_text("Revision 2 goes live")

    reader.open("/articles/patience/")
    assert datetime.now(UTC) < hour, "this machine is too slow for this test"
    expect(reader.page.get_by_role("heading", level=1)).to_have_text("Patience")
    time.sleep((hour - datetime.now(UTC)).total_seconds())
    reader.open("/articles/patience/")
    expect(reader.page.get_by_role("heading", level=1)).to_have_text("Patience is rewarded")
    assert reader.complaints == publisher.complaints == []


def test_an_author_writes_and_asks_for_review_but_cannot_publish(site, reader, staff):
    author = staff(AUTHOR)
    begin_article(author, title="Out of reach", slug="out-of-reach")
    sign_as(author, "Eric Hanson")
    expect(author.page.get_by_role("button", name="Publish…")).to_have_count(0)
    expect(author.page.get_by_role("button", name="Schedule")).to_have_count(0)

    author.page.get_by_role("button", name="Send for review…").click()
    author.page.get_by_label("What should they look at?").fill("Is it clear?")
    author.page.get_by_role("button", name="Send", exact=True).click()
    expect(author.page.locator(".rail__state")).to_contain_text("The draft is in review.")
    expect(author.page.locator(".notice--review")).to_contain_text("Is it clear?")
    assert reader.open("/articles/out-of-reach/") == 404


def test_sales_find_no_content_and_publishers_no_leads(site, staff):
    sales, publisher = staff(SALESMAN), staff(PUBLISHER)

    for person, own, others in [
        (sales, "/admin/pipeline/", ["/admin/articles/article/", "/admin/pages/page/"]),
        (publisher, "/admin/article-list/", ["/admin/leads/lead/", "/admin/mail/message/"]),
    ]:
        links = person.page.locator("#jobs a").evaluate_all("links => links.map(a => a.pathname)")
        assert own in links
        for path in others:
            assert not any(link.startswith(path) for link in links)
            assert person.open(path) == 403


def fill_in(reader, *, name, email, message, company=""):
    reader.page.get_by_label("Your name").fill(name)
    reader.page.get_by_label("Your email").fill(email)
    reader.page.get_by_label("Company").fill(company)
    reader.page.get_by_label("What do you need?").fill(message)


def begin_article(person, *, title, slug):
    """The add form, filled in as far as the words go, by keyboard and the editor's own buttons."""
    person.open("/admin/articles/article/add/")
    page = person.page
    page.get_by_label("Title", exact=True).press_sequentially(title)
    page.get_by_label("Summary").fill("Why the numbers in it can be believed.")
    expect(page.get_by_label("Address")).to_have_value(slug)  # made from the title by script

    page.get_by_role("textbox", name="Body", exact=True).click()
    write = page.keyboard.type
    write("A ledger says what happened, in the order in which it happened.")
    new_block(page)
    heading(page, "What it promises")
    write("Two things, and neither of them is speed:")
    new_block(page)
    page.get_by_role("button", name="List", exact=True).click()
    write("Nothing is lost.")
    page.keyboard.press("Enter")
    write("Nothing is counted twice.")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")  # an empty item ends the list
    heading(page, "How it is kept")
    write("By never changing what was written.")


def heading(page, text):
    page.get_by_label("Kind of block").select_option("Heading")
    page.keyboard.type(text)
    new_block(page)


def new_block(page):
    page.keyboard.press("Enter")


def publish(person):
    person.page.get_by_role("button", name="Publish…", exact=True).click()
    person.page.get_by_role("button", name="Publish now").click()


def sign_as(person, name):
    """Choose the author of the article in the first row of "signed by"."""
    row = person.page.locator("#bylines-0")
    row.locator(".select2-selection").click()
    person.page.locator(".select2-search__field").press_sequentially(name)
    person.page.get_by_role("option", name=name).click()


def open_article(person, title):
    person.open("/admin/articles/article/")
    person.page.get_by_role("link", name=title, exact=True).click()
