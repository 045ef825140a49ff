"""Whatever moves leads on from its old address."""

from urllib.parse import quote

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.roles import PUBLISHER, SALES
from articles.models import Topic
from leads.messages import compose
from pages.models import MenuLink, Page
from redirects.models import Redirect
from tests.builders import article, author, office, page, series, signed_in, topic

pytestmark = pytest.mark.django_db

KINDS = {
    "page": (page, "/{}/"),
    "office": (office, "/offices/{}/"),
    "topic": (topic, "/articles/topics/{}/"),
    "feed of a topic": (topic, "/articles/topics/{}/atom/"),
    "series": (series, "/articles/series/{}/"),
    "author": (author, "/articles/authors/{}/"),
}
every_kind = pytest.mark.parametrize("kind", KINDS)


def move(row, slug):
    row.slug = slug
    row.save()


def leads_to(client, path):
    answer = client.get(path)
    return answer.status_code, answer.headers.get("Location")


@every_kind
def test_the_old_address_leads_to_the_new_one_for_good(client, kind):
    make, address = KINDS[kind]
    row = make(slug="old")

    move(row, "new")

    assert leads_to(client, address.format("old")) == (301, address.format("new"))
    assert leads_to(client, address.format("old") + "?page=1") == (
        301,
        address.format("new") + "?page=1",
    )
    assert client.get(address.format("new")).status_code == 200


@every_kind
def test_every_former_address_leads_to_the_present_one_at_once(client, kind):
    make, address = KINDS[kind]
    row = make(slug="one")

    for slug in ("two", "three", "four"):
        move(row, slug)

    for slug in ("one", "two", "three"):
        assert leads_to(client, address.format(slug)) == (301, address.format("four"))


@every_kind
def test_moving_back_and_forth_never_makes_a_ring(client, kind):
    make, address = KINDS[kind]
    row = make(slug="one")

    for slug in ("two", "one", "two", "one"):
        move(row, slug)

    assert client.get(address.format("one")).status_code == 200
    assert leads_to(client, address.format("two")) == (301, address.format("one"))


@every_kind
def test_a_bulk_change_leaves_a_redirect_too(client, kind):
    make, address = KINDS[kind]
    row = make(slug="old")

    type(row).objects.filter(pk=row.pk).update(slug="new")

    assert leads_to(client, address.format("old"))[0] == 301


def test_what_led_to_the_old_address_leads_to_the_new_one(client):
    row = page(slug="old")
    Redirect.objects.create(path="/older", target="/old/?from=print#end")
    Redirect.objects.create(path="/new", target="/elsewhere/")

    move(row, "new")

    assert leads_to(client, "/older/") == (301, "/new/?from=print#end")
    assert client.get("/new/").status_code == 200


def test_a_new_row_at_the_old_address_answers_there_and_may_move_as_well(client):
    first = page(slug="old")
    move(first, "first")
    second = page(slug="old", title="The second")

    answered = client.get("/old/").status_code
    move(second, "second")

    assert answered == 200
    assert leads_to(client, "/old/") == (301, "/second/")


def test_an_office_that_is_no_longer_listed_is_gone_at_its_old_address_too(client):
    closed = office(slug="old")
    closed.is_listed = False
    closed.save()

    move(closed, "new")

    assert leads_to(client, "/offices/old/") == (301, "/offices/new/")
    assert client.get("/offices/new/").status_code == 410


def test_an_office_that_nobody_saw_leaves_nothing():
    move(office(slug="old", is_listed=False), "new")

    assert not Redirect.objects.exists()


def test_saving_without_a_move_leaves_nothing():
    about = topic(slug="same")
    article(topics=[about])

    Topic.objects.get().save()

    assert not Redirect.objects.exists()


@pytest.mark.parametrize("door", ["its page", "the list"])
@pytest.mark.parametrize("kind", ["page", "office", "topic", "series", "author"])
def test_whoever_deletes_what_readers_know_is_offered_a_redirect(kind, door):
    make, address = KINDS[kind]
    row, publisher = make(slug="gone"), signed_in(PUBLISHER)
    model = f"admin:{row._meta.app_label}_{row._meta.model_name}"

    if door == "its page":
        answer = publisher.post(
            reverse(f"{model}_delete", args=[row.pk]), {"post": "yes"}, follow=True
        )
    else:
        chosen = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
        answer = publisher.post(reverse(f"{model}_changelist"), chosen, follow=True)

    path = quote(address.format("gone"), safe="")
    assert f"{reverse('admin:redirects_redirect_add')}?path={path}" in answer.text
    assert not type(row).objects.filter(pk=row.pk).exists()


# The page that the code names


def test_a_privacy_page_that_moved_is_linked_at_its_new_address(client, worker_at_hand):
    Page.objects.filter(slug="privacy").update(slug="your-data")

    form = client.get("/contact/").text
    email = compose.acknowledgment()

    assert 'href="/your-data/"' in form and "/privacy/" not in form
    for text in (email["text"], email["html"]):
        assert "/your-data/" in text and "/privacy/" not in text
    assert MenuLink.objects.get(label="Privacy").url == "/your-data/"
    assert leads_to(client, "/privacy/") == (301, "/your-data/")


@pytest.mark.parametrize("key", Page.NAMED)
def test_a_page_that_the_code_names_is_not_deleted_by_any_door(key):
    page(slug="how-we-work")
    publisher, named = signed_in(PUBLISHER), Page.objects.get(key=key)
    delete = reverse("admin:pages_page_delete", args=[named.pk])
    chosen = {"action": "delete_selected", "_selected_action": [named.pk], "post": "yes"}

    one_by_one = publisher.post(delete, {"post": "yes"})
    publisher.post(reverse("admin:pages_page_changelist"), chosen)

    assert one_by_one.status_code == 403
    MenuLink.objects.all().delete()
    with pytest.raises(IntegrityError, match="never_deleted"), transaction.atomic():
        Page.objects.filter(key=key).delete()
    assert Page.objects.filter(key=key).exists()


def test_the_acknowledgment_leads_to_how_we_work_where_there_is_such_a_page():
    without = compose.acknowledgment()
    page(slug="how-we-work")
    with_it = compose.acknowledgment()

    assert "/how-we-work/" not in without["html"] and "Read our articles" in without["html"]
    for text in (with_it["text"], with_it["html"]):
        assert "/how-we-work/" in text
    assert "Read how we work" in with_it["html"]


def test_the_form_on_every_page_leads_to_what_helps_to_decide(client):
    page(slug="how-we-work")

    for address in ("/", "/services/", article().get_absolute_url()):
        text = client.get(address).text
        for path in ("/how-we-work/", "/readiness/", "/contact/brief/"):
            assert f'href="{path}"' in text, (address, path)


# Pages that nothing links to


def test_a_page_that_nothing_links_to_is_shown_to_marketing():
    page(slug="alone", title="All alone", body='<p><a href="/alone/">Myself</a></p>')
    MenuLink.objects.create(label="Menu", page=page(slug="menu"))
    page(slug="told", body='<p><a href="/other-page?x#y">Other</a></p>')
    page(slug="other-page")
    article(text={"body": '<p><a href="/told/#end">Told</a></p>'})
    page(slug="drafted")
    article(live_from=None, text={"body": '<p><a href="/drafted/">Draft</a></p>'})

    home = signed_in(PUBLISHER).get("/admin/").text
    listed = signed_in(PUBLISHER).get("/admin/pages/page/?links=none").context["cl"]

    assert {one.slug for one in listed.result_list} == {"alone", "drafted"}
    assert "pages that nothing links to" in home
    assert "nothing links to" not in signed_in(SALES).get("/admin/").text


@pytest.mark.django_db(transaction=True)
def test_marketing_sees_at_once_that_a_link_was_added():
    alone = page(slug="alone")
    home = signed_in(PUBLISHER)
    assert "page that nothing links to" in home.get("/admin/").text

    MenuLink.objects.create(label="Menu", page=alone)

    assert "nothing links to" not in home.get("/admin/").text
