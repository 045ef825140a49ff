"""Every page opens without a word of complaint from the browser, and without a barrier."""

from urllib.parse import urljoin, urlsplit

import pytest
from playwright.sync_api import expect

from tests.axe import barriers, sideways

ADMINISTRATOR = "root@desk.example"
PASSWORD = "opens-every-door"
WINDOW, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
NARROWEST = 320  # WCAG 2.2, 1.4.10: the same as 400 % zoom on a screen of 1280

MAKE_ADMINISTRATOR = f"""
User.objects.create_superuser("{ADMINISTRATOR}", "{PASSWORD}", name="Root")
"""

# Enough to be told, with something to remark.
FILL = """
from datetime import timedelta
from django.utils import timezone
from tests.builders import assessment, closed_lead
week = timezone.now() - timedelta(days=7)
for number in range(42):
    taken = assessment(answers=[number % 4, 1, 2, 3, 0, 1, 2, None, 2], at=week)
    closed_lead(won=number % 3 == 0, taken=[taken], value=9000)
for until in (0, 3, 4):
    assessment(until=until, at=week)
"""

# A draft whose first rule nobody reaches, and which cannot be published.
MAKE_DRAFT = """
from readiness import publishing
draft = publishing.draft()
draft.rules.filter(position=1).update(min_unsure=10)
draft.dimensions.create(letter="Z", name="Nothing yet")
"""

FIRST_PARTS = """
SELECT s.id, min(d.id), min(q.id) FROM readiness_questionset s
JOIN readiness_dimension d ON d.question_set_id = s.id
JOIN readiness_question q ON q.dimension_id = d.id
GROUP BY s.id ORDER BY s.id
"""

# Each way by which text becomes markup or code, and what came of it.
WRITE_MARKUP = """() => {
  const written = "<p id=written>";
  return [
    () => { document.body.innerHTML = written; },
    () => document.body.insertAdjacentHTML("beforeend", written),
    () => new DOMParser().parseFromString(written, "text/html"),
    () => trustedTypes.createPolicy("any", { createHTML: (text) => text }),
  ].map((write) => { try { write(); return "written"; } catch (error) { return error.name; } });
}"""

# One of each kind of public page.
KINDS = [
    "/",
    "/articles/",
    "/articles/apis-are-not-tables/",
    "/articles/topics/",
    "/articles/topics/{topic}/",
    "/articles/series/",
    "/articles/authors/",
    "/articles/series/{series}/",
    "/articles/authors/{author}/",
    "/services/",
    "/offices/",
    "/offices/copenhagen/",
    "/about/",
    "/privacy/",
    "/contact/",
    "/contact/thanks/",
    "/contact/brief/",
    "/readiness/",
    "/readiness/1/",
    "/articles/search/?q=outbox",
    "/nothing-here/",
]


@pytest.fixture(scope="module")
def administrator(site, browser):
    site.shell(MAKE_ADMINISTRATOR)
    with browser.visitor(viewport=WINDOW) as administrator:
        administrator.sign_in(ADMINISTRATOR, PASSWORD)
        yield administrator


@pytest.fixture(scope="module")
def answers(site):
    site.shell(FILL)


@pytest.fixture(scope="module")
def draft(site):
    site.shell(MAKE_DRAFT)


def test_no_public_page_makes_the_browser_complain(browser):
    with browser.visitor() as reader:
        seen = visit_all(reader, ["/"], leads_on=is_a_page)

    assert reader.complaints == []
    assert set(seen.values()) == {200}, seen
    assert len(seen) > 20, "a walk that sees little proves little"


@pytest.mark.parametrize("path", ["/", "/articles/search/?q=outbox", "/contact/brief/"])
def test_no_text_becomes_markup_on_a_public_page(browser, path):
    """Trusted Types, in force: also for what gets into a page."""
    with browser.visitor() as reader:
        reader.open(path)
        tried = reader.page.evaluate(WRITE_MARKUP)

        assert tried == ["TypeError"] * 4
        assert reader.page.locator("#written").count() == 0


def is_a_page(path):
    """Pictures and feeds are shown by the browser in pages of its own, which our policy forbids
    to style.
    """
    is_feed = path.endswith(("/feed/", "/atom/", "/feed.json"))
    return not is_feed and not path.startswith(("/admin/", "/media/"))


def test_no_page_of_the_admin_makes_the_browser_complain_and_no_form_scrolls_sideways(
    administrator,
):
    """As seen on a phone: no list and no form does."""
    administrator.page.set_viewport_size(PHONE)
    wide, forms, around = {}, [], []

    def look(path):
        status = administrator.open(path)
        assert status == 200, (path, administrator.page.locator("main").inner_text())
        settle(administrator)
        wide[path] = sideways(administrator)

    lists = hrefs(administrator, "#content-main th a", at="/admin/tables/")
    adds = links(administrator, "#content-main a.addlink")
    for path in lists:
        look(path)
        forms += links(administrator, "#result_list tbody a[href*='/change/']")[:1]
    for path in forms:
        look(path)
        around += links(administrator, ".object-tools a, a.deletelink")
    around = [path for path in around if path.startswith("/admin/")]
    for path in [*adds, *around, *by_hand(administrator)]:
        look(path)
    administrator.page.set_viewport_size(WINDOW)

    assert administrator.complaints == []
    assert min(map(len, [lists, adds, forms, around])) > 10, "a walk that sees little proves little"
    assert {path: wide[path] for path in [*lists, *adds, *forms] if wide[path]} == {}


def first_rows(administrator, path):
    """The form of the first thing in the list at that path."""
    return hrefs(administrator, "#result_list tbody a[href*='/change/']", at=path)[:1]


def by_hand(administrator):
    """Pages that no list leads to. An email's HTML is seen in the frame on its message's page."""
    [article] = first_rows(administrator, "/admin/articles/article/")
    return [
        article.replace("/change/", "/preview/"),
        article.replace("/change/", "/revisions/1/"),
        "/admin/images/image/pick/",
        "/admin/leads/lead/calibration/",
        "/admin/leads/lead/export/",
        "/admin/leads/inquiry/export/",
        "/admin/redirects/redirect/export/",
        "/admin/redirects/redirect/import/",
        "/admin/password_change/",
        "/admin/",
        "/admin/find/?q=ledger",
        "/admin/keys/",
        "/admin/status/",
        "/admin/tables/",
        "/admin/style/",
    ]


def test_no_public_page_has_a_barrier_and_all_fit_any_window(site, browser):
    found = {}
    with browser.visitor() as reader:
        for path in addresses(site):
            reader.open(path)
            found[path] = barriers(reader, (1280,), fits=(NARROWEST,))
        reader.open("/contact/")
        reader.page.locator("form[data-inquiry-form]").evaluate("form => form.noValidate = true")
        reader.page.get_by_role("button", name="Send the message").click()
        expect(reader.page.locator("[data-error-summary]")).to_be_visible()
        found["the form with errors"] = barriers(reader, (1280,))

    assert {path: some for path, some in found.items() if some} == {}


def test_no_part_of_the_site_has_a_barrier_and_all_fit_any_window(administrator):
    """All at once, on the style page: also what no page of the demo happens to show."""
    administrator.open("/style/")

    assert administrator.path == "/admin/style/"
    assert barriers(administrator, (1280,), fits=(NARROWEST,)) == []


def test_no_figures_have_a_barrier_and_they_fit_any_window(site, administrator, answers):
    [[questions]] = site.execute("SELECT id FROM readiness_questionset WHERE number = 1")
    found = {}
    for path in (
        "/admin/leads/lead/calibration/",
        "/admin/leads/lead/calibration/?version=x",
        f"/admin/readiness/questionset/{questions}/statistics/",
    ):
        administrator.open(path)
        found[path] = barriers(administrator, (NARROWEST, 768, 1280))

    assert {path: some for path, some in found.items() if some} == {}
    assert administrator.page.locator(".spread").count() == 9, "figures without figures"


def test_no_page_for_editing_questions_has_a_barrier_and_they_fit_any_window(
    site, administrator, draft
):
    """A draft of which some leads nowhere, and the published set it was made from."""
    found = {}
    for path in pages_about_questions(site):
        administrator.open(path)
        settle(administrator)
        # Django's own tables of fields begin and end with a head that says nothing.
        found[path] = [
            one for one in barriers(administrator, (360, 1280)) if "empty-table-header" not in one
        ]

    assert {path: some for path, some in found.items() if some} == {}


def pages_about_questions(site):
    """Of each version the pages that edit and try it, with its first dimension and question."""
    found = []
    for number, letter, question in site.execute(FIRST_PARTS):
        found += [
            f"/admin/readiness/questionset/{number}/change/",
            f"/admin/readiness/questionset/{number}/simulate/",
            f"/admin/readiness/questionset/{number}/simulate/?A1=unsure&A2=9&Z1=2",
            f"/admin/readiness/questionset/{number}/preview/",
            f"/admin/readiness/dimension/{letter}/change/",
            f"/admin/readiness/question/{question}/change/",
        ]
    assert len(found) == 12
    return found


def addresses(site):
    [[topic]] = site.execute("SELECT min(slug) FROM articles_topic")
    [[series]] = site.execute("SELECT min(slug) FROM articles_series")
    [[author]] = site.execute("SELECT min(slug) FROM articles_author")
    return [kind.format(topic=topic, series=series, author=author) for kind in KINDS]


def visit_all(someone, starts, *, leads_on):
    """Follow every link within the site from these pages. Returns the status of each page."""
    waiting, seen = list(starts), {}
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        assert len(seen) < 150, "the site has no end"
        seen[path] = someone.open(path)
        settle(someone)
        waiting += [found for found in links(someone, "a[href]") if leads_on(found)]
    return seen


def hrefs(someone, selector, *, at):
    assert someone.open(at) == 200, at
    settle(someone)
    return links(someone, selector)


def settle(someone):
    """Until the page's scripts have nothing more to do, so that they have said all they will."""
    someone.page.evaluate("() => new Promise(done => requestIdleCallback(done, {timeout: 1000}))")


def links(someone, selector):
    """Where the links lead: paths of our own site with their query, each once."""
    found = someone.page.locator(selector).evaluate_all(
        "links => links.map(a => a.getAttribute('href'))"
    )
    ours = [urlsplit(urljoin(someone.page.url, href)) for href in found]
    paths = [
        f"{url.path}?{url.query}" if url.query else url.path
        for url in ours
        if f"{url.scheme}://{url.netloc}" == someone.address
    ]
    return list(dict.fromkeys(paths))
