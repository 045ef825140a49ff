"""The navigation of the desk: by job, and only what the person may use."""

import re

import pytest
from django.conf import settings
from django.contrib import admin
from django.urls import reverse

from accounts.roles import ADMINISTRATOR, AUTHOR, PUBLISHER, SALES
from tests import builders
from tests.builders import signed_in
from tests.test_contributions import is_hidden
from web import contributions
from web.screens import GROUPS, MAX_COUNT

pytestmark = pytest.mark.django_db

AROUND = ["All tables", "View site"]
SELLING = ["Inbox", "Pipeline", "People", "Companies"]
WRITING = ["Write", "Articles", "Library"]


def navigation(client, path="/admin/"):
    """The names of the navigation in order, and of those that say "you are here"."""
    page = client.get(path, follow=True).text
    shell = page[page.index('<nav class="shell__jobs"') : page.index("shell__me")]
    lines = re.findall(r'<li><a href="([^"]*)"( class="here")?[^>]*>([^<]*)', shell)
    return [name.strip() for _, _, name in lines], [name.strip() for _, here, name in lines if here]


def tabs(client, path):
    page = client.get(path, follow=True).text
    found = re.search(r'<nav class="tabs".*?</nav>', page, re.DOTALL)
    return re.findall(r">([^<>]+)</a>", found[0]) if found else []


@pytest.mark.parametrize(
    ("role", "names"),
    [
        (AUTHOR, [*WRITING, "Settings"]),
        (PUBLISHER, [*WRITING, "Site", "Readiness", "Privacy", "Settings"]),
        (SALES, [*SELLING, "Email", "Privacy", "Settings"]),
        (
            ADMINISTRATOR,
            [*SELLING, *WRITING, "Site", "Readiness", "Email", "Staff", "Privacy", "Settings"],
        ),
    ],
)
def test_each_role_sees_the_jobs_it_may_do_and_no_other(role, names):
    assert navigation(signed_in(role))[0] == [*names, *AROUND]


@pytest.mark.parametrize("role", [AUTHOR, PUBLISHER, SALES, ADMINISTRATOR, ""])
def test_every_line_and_tab_opens_for_whoever_sees_it(role):
    client = signed_in(role)
    page = client.get("/admin/").text
    opened = re.findall(r'<li><a href="(/admin/[^"]*)"', page)
    for path in list(opened):
        opened += re.findall(r'href="(/admin/[^"]*)"', str(tabs_html(client, path)))

    status = {path: client.get(path, follow=True).status_code for path in set(opened)}

    assert set(status.values()) <= {200, 503}, status  # the page of status says what is wrong


def tabs_html(client, path):
    return re.search(r'<nav class="tabs".*?</nav>', client.get(path, follow=True).text, re.DOTALL)


@pytest.mark.parametrize(
    ("path", "here"),
    [
        ("/admin/inbox/", "Inbox"),
        ("/admin/inbox/?tab=mine", "Inbox"),
        ("/admin/leads/lead/?answer=overdue", "Pipeline"),
        ("/admin/leads/lead/calibration/", "Pipeline"),
        ("/admin/leads/inquiry/", "Inbox"),
        ("/admin/leads/contact/", "People"),
        ("/admin/articles/topic/add/?form=1", "Articles"),
        ("/admin/articles/article/add/?form=1", "Write"),
        ("/admin/offices/office/", "Site"),
        ("/admin/redirects/redirect/add/?form=1", "Site"),
        ("/admin/readiness/question/", "Readiness"),
        ("/admin/mail/suppression/", "Email"),
        ("/admin/time-zone/", "Settings"),
        ("/admin/password_change/", "Settings"),
        ("/admin/web/jobrun/", "Settings"),
        ("/admin/articles/", "All tables"),
    ],
)
def test_a_page_says_to_which_screen_it_belongs(path, here):
    assert navigation(signed_in(ADMINISTRATOR), path)[1] == [here]


def test_every_table_of_the_admin_belongs_to_a_screen():
    screens = [screen for one in contributions.every() for screen in one.screens]
    covered = {name for screen in screens for name in screen.covers}

    tables = {
        model._meta.label
        for model in admin.site._registry
        if (settings.BASE_DIR / model._meta.app_label).is_dir() and not is_hidden(model)
    }
    assert tables
    assert tables - covered == set()


def test_every_screen_stands_in_a_group_or_is_a_tab_and_has_an_address():
    screens = [screen for one in contributions.every() for screen in one.screens]
    names = {screen.name for screen in screens if screen.group in GROUPS}

    assert {screen.group for screen in screens} <= {*GROUPS, *names}
    for screen in screens:
        has_tabs = any(one.group == screen.name for one in screens)
        assert screen.url or has_tabs, screen.name


def test_a_screen_of_several_tables_has_them_as_tabs():
    publisher = signed_in(PUBLISHER)

    assert tabs(publisher, "/admin/articles/author/") == [
        *("Articles", "Topics", "Series", "Authors", "Searches")
    ]
    assert tabs(publisher, "/admin/images/image/") == []


def test_every_tab_shows_the_others():
    """Whoever drew a page of its own for one of them must not have left them out."""
    client = signed_in(ADMINISTRATOR)
    screens = [screen for one in contributions.every() for screen in one.screens]
    names = {screen.name for screen in screens}
    pages = [screen.url for screen in screens if screen.url and screen.group in names]

    shown = {path: len(tabs(client, path)) for path in pages}

    assert len(pages) > 10
    # The page of styles is drawn as the public site is.
    assert [path for path, count in shown.items() if count < 2] == [reverse("admin:style")]


def test_a_single_tab_is_none():
    """Sales may look at emails, not at suppressed addresses."""
    assert tabs(signed_in(SALES), "/admin/mail/message/") == []


def test_a_screen_without_an_address_leads_to_the_first_tab_that_the_person_may_use():
    authors_page = signed_in(AUTHOR).get("/admin/").text
    administrators_page = signed_in(ADMINISTRATOR).get("/admin/").text

    assert f'<a href="{reverse("admin:account")}">Settings' in authors_page
    assert f'<a href="{reverse("admin:article_list")}">Articles' in administrators_page


class TestCounts:
    def test_they_count_what_waits(self):
        builders.closed_lead()
        sales = signed_in(SALES)

        page = " ".join(sales.get("/admin/").text.split())

        assert "Inbox <b>0</b>" in page and "Pipeline <b>0</b>" in page

    def test_each_is_one_query_that_stops_counting(self, django_assert_num_queries):
        sales, author = signed_in(SALES), signed_in(AUTHOR)
        request = sales.get("/admin/").wsgi_request
        of_author = author.get("/admin/").wsgi_request
        screens = [
            screen for one in contributions.every() for screen in one.screens if screen.count
        ]

        assert screens
        for screen in screens:
            request = sales.get("/admin/").wsgi_request
            vars(request).pop("_sales_numbers", None)  # what the page has counted already
            with django_assert_num_queries(1) as asked:
                screen.count(request)
            assert f"LIMIT {MAX_COUNT + 1}" in asked[0]["sql"]
        assert "leads_lead" not in str(of_author)

    def test_nobody_pays_for_a_count_they_do_not_see(self, django_assert_max_num_queries):
        author = signed_in(AUTHOR)

        with django_assert_max_num_queries(15) as asked:
            author.get("/admin/")

        assert not [one for one in asked if "leads_lead" in one["sql"]]


class TestTheShell:
    def test_it_names_the_person_and_their_time(self, time_machine):
        time_machine.move_to("2026-11-30T09:42:00Z", tick=False)
        lone = signed_in(SALES, name="Lone Vestergaard", timezone="Europe/Copenhagen")

        page = lone.get("/admin/leads/contact/").text

        assert "Lone" in page and ">10:42</time>" in page

    def test_one_signs_out_by_a_form(self):
        lone = signed_in(SALES)

        assert 'action="/admin/logout/"' in lone.get("/admin/").text
        lone.post("/admin/logout/")
        assert lone.get("/admin/").status_code == 302

    @pytest.mark.parametrize("path", ["/admin/login/", "/admin/offices/office/add/?_popup=1"])
    def test_there_is_none_before_the_login_and_in_a_popup(self, path, client):
        someone = client if "login" in path else signed_in(PUBLISHER)

        page = someone.get(path).text

        assert 'class="shell"' not in page and "Find anything" not in page

    def test_our_own_screens_have_no_stylesheet_of_djangos(self):
        page = signed_in(SALES).get("/admin/").text

        sheets = re.findall(r'<link rel="stylesheet" href="([^"]*)"', page)

        assert sheets == ["/static/admin/desk/shell.css", "/static/admin/desk/desk.css"]
        assert "<style" not in page and " style=" not in page and "<script>" not in page


class TestLists:
    def test_a_cell_says_the_name_of_its_column(self):
        builders.office(name="Aarhus")

        page = signed_in(PUBLISHER).get("/admin/offices/office/").text

        assert 'data-label="Name" class="field-name"' in page

    def test_a_list_is_named_for_what_is_in_it(self):
        page = signed_in(PUBLISHER).get("/admin/offices/office/").text

        assert "<h1>Offices</h1>" in page and "Offices | Desk" in page
