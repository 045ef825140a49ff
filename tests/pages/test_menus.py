"""Menu links lead to rows, to parts of the site, or to other sites."""

from datetime import timedelta
from itertools import combinations

import lxml.html
import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.roles import ADMINISTRATOR, PUBLISHER
from articles import publishing
from articles.models import Article, FormerSlug
from pages.models import MENU_ROWS, MenuLink, Page, SitePart
from redirects.models import Redirect
from tests.builders import article, author, office, page, series, signed_in, topic
from tests.forms import filled_in

pytestmark = pytest.mark.django_db

ADD = reverse("admin:pages_menulink_add")
LIST = reverse("admin:pages_menulink_changelist")
KINDS = {
    "page": (page, "/{}/"),
    "office": (office, "/offices/{}/"),
    "topic": (topic, "/articles/topics/{}/"),
    "series": (series, "/articles/series/{}/"),
    "author": (author, "/articles/authors/{}/"),
    "article": (article, "/articles/{}/"),
}
every_kind = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture
def publisher():
    return signed_in(PUBLISHER)


def links(answer, name="Main"):
    """The labels of a menu with where they lead, in order."""
    found = lxml.html.fromstring(answer.content).xpath(f"//nav[@aria-label='{name}']//a")
    return [(link.text, link.get("href")) for link in found]


def labels(answer, name="Main"):
    return [label for label, _ in links(answer, name)]


def send(client, at=ADD, **changes):
    form = filled_in(client.get(at), "menulink_form", "_save", **changes)
    return client.post(at, form, follow=True)


def errors(answer):
    return answer.context["adminform"].form.errors


def only_link(label="Link"):
    return MenuLink.objects.get(label=label)


# What a visitor gets


def test_a_new_site_has_a_way_to_every_part(client):
    answer = client.get("/")

    assert labels(answer) == ["Articles", "Services", "Offices", "Contact"]
    assert labels(answer, "Footer") == ["Articles", "Offices", "Contact", "Privacy"]
    assert not MenuLink.objects.exclude(address="").exists()


def test_every_part_of_the_site_answers_at_its_address(client):
    for part in SitePart:
        MenuLink.objects.all().delete()
        MenuLink.objects.create(label="Link", part=part)

        [(_, href)] = links(client.get("/"))

        assert client.get(href).status_code == 200, part


def test_a_change_of_a_menu_shows_at_once(client):
    MenuLink.objects.create(label="First of all", page=page(slug="first"), position=0)
    MenuLink.objects.filter(place="header", label="Articles").update(position=99)
    MenuLink.objects.filter(place="footer").delete()

    answer = client.get("/")

    assert labels(answer) == ["First of all", "Services", "Offices", "Contact", "Articles"]
    assert labels(answer, "Footer") == []


@every_kind
def test_a_link_leads_to_its_row_wherever_that_moves(client, kind):
    make, address = KINDS[kind]
    row = make(slug="old")
    MenuLink.objects.create(label="Link", suffix="#team", **{kind: row})
    before = links(client.get("/"))

    type(row).objects.filter(pk=row.pk).update(slug="new")

    assert ("Link", address.format("old") + "#team") in before
    assert ("Link", address.format("new") + "#team") in links(client.get("/"))
    assert client.get(address.format("new")).status_code == 200


def delete_with_sql(row):
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {row._meta.db_table} WHERE id = %s", [row.pk])
        connection.check_constraints()


DOORS = {
    "a row": lambda row: row.delete(),
    "many rows": lambda row: type(row).objects.filter(pk=row.pk).delete(),
    "SQL": delete_with_sql,
}


@every_kind
@pytest.mark.parametrize("delete", DOORS.values(), ids=DOORS.keys())
def test_what_a_menu_links_to_is_not_deleted(kind, delete):
    make, _ = KINDS[kind]
    row = make(live_from=None) if kind == "article" else make()
    MenuLink.objects.create(label="Link", **{kind: row})

    with pytest.raises((ProtectedError, IntegrityError)), transaction.atomic():
        delete(row)

    assert only_link().row == row


def hidden_office():
    return {"office": office(name="Lab", is_listed=False)}


def draft():
    return {"article": article(live_from=None)}


def scheduled():
    return {"article": article(live_from=timedelta(days=1))}


def unpublished():
    gone = article()
    publishing.unpublish(gone, at=timezone.now())
    return {"article": gone}


HIDDEN = [hidden_office, draft, scheduled, unpublished]


@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.parametrize(("place", "name"), [("header", "Main"), ("footer", "Footer")])
def test_what_visitors_cannot_open_is_left_out_and_staff_see_why(
    client, publisher, hidden, place, name
):
    MenuLink.objects.create(label="Link", place=place, **hidden())

    shown = labels(client.get("/"), name)
    home, listed = publisher.get("/admin/").text, publisher.get(f"{LIST}?shown=no")

    assert "Link" not in shown and "Contact" in shown
    assert "menu link not shown" in home
    assert [link.label for link in listed.context["cl"].result_list] == ["Link"]
    assert "not shown: " in listed.text


def test_a_link_is_back_when_what_it_leads_to_is(client, publisher):
    lab, words = office(is_listed=False), article()
    publishing.unpublish(words, at=timezone.now())
    MenuLink.objects.create(label="Lab", office=lab)
    MenuLink.objects.create(label="Words", article=words)

    lab.is_listed = True
    lab.save()
    publishing.republish(Article.objects.get(pk=words.pk))

    assert {"Lab", "Words"} <= set(labels(client.get("/")))
    assert "not shown, because" not in publisher.get("/admin/").text


def test_links_to_rows_cost_no_query_more(client, django_assert_max_num_queries):
    with CaptureQueriesContext(connection) as before:
        client.get("/contact/")
    for number, (kind, (make, _)) in enumerate(KINDS.items()):
        MenuLink.objects.create(label=f"Link {number}", **{kind: make()})

    with django_assert_max_num_queries(len(before)):
        answer = client.get("/contact/")

    assert len(labels(answer)) == 4 + len(KINDS)


# What the database refuses


def test_a_link_leads_to_something():
    with pytest.raises(IntegrityError, match="one_target"), transaction.atomic():
        MenuLink.objects.create(label="Lost")


@pytest.mark.parametrize("two", list(combinations([*MENU_ROWS, "part", "address"], 2)), ids=str)
def test_a_link_never_leads_to_two_things(two):
    every = {"part": "home", "address": "https://example.com/"}
    target = {name: every[name] if name in every else KINDS[name][0]() for name in two}

    with pytest.raises(IntegrityError, match="one_target"), transaction.atomic():
        MenuLink.objects.create(label="Torn", **target)


@pytest.mark.parametrize(
    "fields",
    [
        {"address": "services/"},
        {"address": "javascript:alert(1)"},
        {"address": "http://example.com"},
        {"address": "//example.com"},
        {"part": "nowhere"},
        {"part": "home", "suffix": "team"},
        {"part": "home", "suffix": "//example.com"},
        {"address": "https://example.com", "suffix": "#team"},
    ],
    ids=str,
)
def test_a_link_never_leads_nowhere(fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        MenuLink.objects.create(label="Lost", **fields)


# The form


@every_kind
def test_a_row_is_chosen_by_name_or_by_its_address(client, publisher, kind):
    make, address = KINDS[kind]
    row = make(slug="here")
    typed = address.format("here")

    answer = send(publisher, label="Link", leads_to="address", address=typed)
    link = only_link()
    kept = send(publisher, reverse("admin:pages_menulink_change", args=[link.pk]), label="Same")

    assert f"{typed} is a page of this site: the link follows it." in answer.text
    assert "was changed successfully" in kept.text
    assert (only_link("Same").kind, only_link("Same").row) == (kind, row)
    if kind != "article":  # there may be thousands
        send(publisher, label="Chosen", leads_to=f"{kind}:{row.pk}", suffix="#end")
        assert only_link("Chosen").url == f"{typed}#end"


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("/about/", "/about/"),
        ("/about", "/about/"),
        ("  /about/  ", "/about/"),
        ("/about/#team", "/about/#team"),
        ("/about?utm_source=menu#team", "/about/?utm_source=menu#team"),
        ("http://testserver/about/", "/about/"),
        ("HTTP://TestServer/about", "/about/"),
        ("/ab%6Fut/", "/about/"),
        ("/old/", "/about/"),
        ("/old?x=1#team", "/about/?x=1#team"),
        ("/articles/former/", "/articles/present/"),
    ],
)
def test_every_spelling_of_an_address_is_taken_for_the_row(publisher, settings, typed, url):
    settings.SITE_URL = "http://testserver"
    page(slug="about")
    Redirect.objects.create(path="/old", target="/about/")
    FormerSlug.objects.create(slug="former", article=article(slug="present"))

    send(publisher, label="Link", leads_to="address", address=typed)

    assert only_link().row and not only_link().address
    assert only_link().url == url


@pytest.mark.parametrize("typed", ["/", "/contact", "/articles/?page=2", "/articles/search/?q=x"])
def test_a_part_of_the_site_is_known_by_its_address(publisher, typed):
    send(publisher, label="Link", leads_to="address", address=typed)

    assert only_link().part and not only_link().address
    assert only_link().url.rstrip("/") == typed.rstrip("/")


def test_another_site_is_an_address(client, publisher):
    Redirect.objects.create(path="/shop", target="https://shop.example.com/")

    send(publisher, label="Code", leads_to="address", address="https://example.com/code?x#y")
    send(publisher, label="Shop", leads_to="address", address="/shop/")

    found = dict(links(client.get("/")))
    assert found["Code"] == "https://example.com/code?x#y"
    assert found["Shop"] == "https://shop.example.com/"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Enter an address, or choose a target above."),
        ("services/", "Start with / for a page on this site, or with https://."),
        ("javascript:alert(1)", "Start with / for a page on this site, or with https://."),
        ("//example.com/", "Start with / for a page on this site, or with https://."),
        ("http://example.com/", "Start with / for a page on this site, or with https://."),
        ("https://", "Enter a host name after https://"),
        ("/nothing-of-the-kind/", "Create the page first, or choose another target."),
        ("/offices/nowhere/", "Create the page first, or choose another target."),
        ("/admin/", "There is no page at /admin/ that a menu can link to."),
        ("/abuot/", "Did you mean /about/?"),
        ("/old/", "There is no page at /gone/ that a menu can link to."),
        ("/about/?" + "x" * 100, "longer than 60 characters"),
        ("https://example.com/" + "x" * 200, "at most 200 characters"),
    ],
)
def test_an_address_that_leads_nowhere_is_refused_with_the_way_out(publisher, typed, said):
    page(slug="about", title="About")
    Redirect.objects.create(path="/old", target="/gone/")

    answer = send(publisher, label="Lost", leads_to="address", address=typed)

    assert said in str(errors(answer)["address"])
    assert not MenuLink.objects.filter(label="Lost").exists()


@pytest.mark.parametrize("choice", ["", "page:0", "page:", "part:nowhere", "user:1", "page:9" * 9])
def test_what_no_list_offers_is_refused(publisher, choice):
    answer = send(publisher, label="Lost", leads_to=choice)

    assert list(errors(answer)) == ["leads_to"]


@pytest.mark.parametrize("suffix", ["team", "/team", "//example.com", "javascript:x"])
def test_what_follows_an_address_begins_with_a_sign(publisher, suffix):
    answer = send(publisher, label="Lost", leads_to="part:home", suffix=suffix)

    assert "Start with # for a heading, or with ? for a query." in str(errors(answer)["suffix"])


def test_another_choice_forgets_the_one_before(publisher):
    link = MenuLink.objects.create(label="Link", page=page(), suffix="#team")
    change = reverse("admin:pages_menulink_change", args=[link.pk])

    urls = []
    for choice in [
        {"leads_to": "address", "address": "https://example.com/"},
        {"leads_to": "part:services"},
        {"leads_to": f"office:{office(slug='lab').pk}"},
    ]:
        send(publisher, change, **choice)
        urls.append(only_link().url)

    assert urls == ["https://example.com/", "/services/", "/offices/lab/"]


def test_a_link_to_what_is_hidden_is_kept_and_says_so(publisher):
    lab = office(name="Lab", is_listed=False)

    offered = publisher.get(ADD).text
    answer = send(publisher, label="Link", leads_to=f"office:{lab.pk}")

    assert "Lab (not listed)" in offered
    assert "Visitors do not see this link: the office “Lab” is not listed." in answer.text


def test_a_draft_that_a_menu_links_to_is_kept_and_the_way_out_named():
    draft = article(live_from=None)
    MenuLink.objects.create(label="Link", article=draft)
    delete = reverse("admin:articles_article_delete", args=[draft.pk])

    answer = signed_in(ADMINISTRATOR).post(delete, {"post": "yes"})

    assert "change or delete the menu link first" in answer.text
    assert Article.objects.filter(pk=draft.pk).exists()


@pytest.mark.parametrize("door", ["its page", "the list"])
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "article"])
def test_deleting_what_a_menu_links_to_names_the_link(publisher, kind, door):
    make, _ = KINDS[kind]
    row = make()
    MenuLink.objects.create(label="Who links here", **{kind: row})
    model = f"admin:{row._meta.app_label}_{row._meta.model_name}"

    if door == "its page":
        answer = publisher.post(reverse(f"{model}_delete", args=[row.pk]), {"post": "yes"})
    else:
        chosen = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
        answer = publisher.post(reverse(f"{model}_changelist"), chosen)

    assert "Who links here" in answer.text
    assert type(row).objects.filter(pk=row.pk).exists()


def test_the_list_names_each_target_in_as_many_queries_for_one_as_for_all(
    publisher, django_assert_max_num_queries
):
    MenuLink.objects.create(label="One", page=Page.objects.get(key="privacy"))
    publisher.get(LIST)
    with CaptureQueriesContext(connection) as before:
        publisher.get(LIST)
    for kind in ("page", "office", "topic", "series", "author"):
        MenuLink.objects.create(label=kind, **{kind: KINDS[kind][0]()})

    with django_assert_max_num_queries(len(before)):
        publisher.get(LIST)
