"""The living style page: every part of the site, for staff alone."""

import lxml.html
import pytest

from accounts.roles import AUTHOR
from images.tasks import make_renditions
from pages.models import Feature, Service
from tests.builders import article, author, image, office, topic, user

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client):
    client.force_login(user(role=AUTHOR))
    return client


def test_staff_find_every_part_on_it(staff):
    cover = image()
    make_renditions(cover.pk)
    article(topics=[topic()], authors=[author(image=cover)], text={"cover": cover})
    office()
    offer = Service.objects.create(heading="We scale", text="Text")
    Feature.objects.create(service=offer, title="Feature", text="Text")

    answer = staff.get("/style/", follow=True)

    assert answer.redirect_chain == [("/admin/style/", 302)]
    page = lxml.html.fromstring(answer.content)
    parts = (
        *("masthead", "menu", "wordmark", "mark", "gap-drawing", "button", "kicker", "lede"),
        *("topics", "paging", "card", "card--lead", "rows", "article", "meta", "contents"),
        *("prose", "code", "table-scroll", "number", "quote", "notes", "anchor", "share"),
        *("author", "services", "features", "inquiry", "form", "field", "form__errors"),
        *("field__error", "offices", "office", "section__head", "footer"),
    )
    here = {name for value in page.xpath("//@class") for name in value.split()}
    assert set(parts) - here == set()
    assert page.xpath("//figure//img") and page.xpath("//caption")
    ids = page.xpath("//@id")
    assert sorted(ids) == sorted(set(ids))


def test_on_a_new_site_it_shows_what_there_is(staff):
    assert staff.get("/admin/style/").status_code == 200


@pytest.mark.parametrize(
    ("wish", "scheme"), [("dark", "is-dark"), ("light", "is-light"), ("x", None)]
)
def test_its_scheme_can_be_chosen(staff, wish, scheme):
    page = lxml.html.fromstring(staff.get(f"/admin/style/?scheme={wish}").content)

    assert page.get("class") == scheme


def test_whoever_is_not_signed_in_is_asked_to_and_comes_back(client):
    assert client.get("/style/").headers["Location"] == "/admin/style/"
    asked = client.get("/admin/style/?scheme=dark")
    assert (asked.status_code, asked.headers["Location"]) == (
        302,
        "/admin/login/?next=/admin/style/%3Fscheme%3Ddark",
    )


def test_others_find_nothing_there(client):
    client.force_login(user(is_staff=False))
    assert client.get("/admin/style/").status_code == 404


def test_nobody_keeps_it(staff):
    assert "no-store" in staff.get("/admin/style/").headers["Cache-Control"]
