"""Rooms to write in: all of a form is there, in another order, and works without script."""

import lxml.html
import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from accounts.roles import ADMINISTRATOR, AUTHOR, PUBLISHER
from articles.admin.fix_page import FixAdmin
from desk.room import RoomAdmin
from pages.models import Service
from tests.builders import article, page, revision, signed_in, topic, user
from tests.forms import filled_in

pytestmark = pytest.mark.django_db

ROOMS = [one for one in admin.site._registry.values() if isinstance(one, RoomAdmin)]


def row_of(room):
    match room.opts.model_name:
        case "article":
            made = article(text={"title": "Live words"})
            revision(made, title="Next words")
            return made
        case "page":
            return page()
    return Service.objects.create(heading="Audit", text="One paragraph.")


def room_at(client, address):
    return lxml.html.fromstring(client.get(address, follow=True).content)


def change_page(room, row):
    return reverse(f"admin:{room.opts.app_label}_{room.opts.model_name}_change", args=[row.pk])


def names_in(form):
    return [one.get("name") for one in form.xpath(".//input | .//select | .//textarea")]


def test_articles_pages_and_services_are_written_in_rooms():
    assert {room.opts.model_name for room in ROOMS} == {"article", "page", "service"}
    assert issubclass(FixAdmin, RoomAdmin)


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.opts.model_name)
def test_every_field_stands_in_the_room_once(room):
    client = signed_in(ADMINISTRATOR)
    topic()
    for address in (
        reverse(f"admin:{room.opts.app_label}_{room.opts.model_name}_add"),
        change_page(room, row_of(room)),
    ):
        answer = client.get(address, follow=True)
        form = answer.context["adminform"].form
        wanted = {name for one in form for name in html_names(one)}

        [shown] = lxml.html.fromstring(answer.content).xpath("//form[@class='writing']")

        found = names_in(shown)
        assert wanted <= {*found}, address
        texts = [name for name in found if name in room.paper]
        assert texts == [*room.paper], "the text is on the paper, in its order"


def html_names(bound):
    """Of a field of several controls, the name of each."""
    widget = bound.field.widget
    several = getattr(widget, "widgets", None)
    if several is None:
        return [bound.html_name]
    return [f"{bound.html_name}{suffix}" for suffix in widget.widgets_names]


@pytest.mark.parametrize("role", [AUTHOR, PUBLISHER])
def test_enter_in_a_field_saves_and_publishes_nothing(role):
    """A browser presses the first button of the form that belongs to it."""
    draft = article(live_from=None)

    shown = room_at(signed_in(role), reverse("admin:articles_article_change", args=[draft.pk]))

    [form] = shown.xpath("//form[@class='writing']")
    first = form.xpath(".//button[not(@type='button')][not(@form)]")[0]
    assert first.get("name") == "_draft"


def test_what_is_done_to_an_article_is_no_part_of_its_words():
    live = article()
    revision(live, title="Next words")

    shown = room_at(signed_in(PUBLISHER), reverse("admin:articles_article_change", args=[live.pk]))

    acts = shown.xpath("//button[@name='action']")
    assert {"unpublish", "retire", "discard"} <= {one.get("value") for one in acts}
    assert {one.get("form") for one in acts} == {"acts"}
    [form] = shown.xpath("//form[@id='acts']")
    assert form.get("action") == reverse("admin:articles_article_act", args=[live.pk])


@pytest.mark.parametrize("is_live", [False, True])
def test_what_readers_see_at_once_stands_apart_once_there_are_readers(is_live):
    one = article() if is_live else article(live_from=None)
    topic()

    shown = room_at(signed_in(PUBLISHER), reverse("admin:articles_article_change", args=[one.pk]))

    apart = {name for group in shown.find_class("once") for name in names_in(group)}
    expected = {"slug", "topics", "series", "series_position", "bylines-TOTAL_FORMS"}
    assert (expected <= apart) is is_live
    assert not apart & {"title", "summary", "body", "cover", "seo_title", "note", "planned_for"}


def test_a_title_of_two_lines_becomes_one():
    draft = article(live_from=None)
    client, address = (
        signed_in(AUTHOR),
        reverse("admin:articles_article_change", args=[draft.pk]),
    )

    form = filled_in(client.get(address), "article_form", "_draft", title="One line\nand another")
    client.post(address, form)

    assert draft.draft().title == "One line and another"


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.opts.model_name)
def test_whoever_may_only_look_reads_the_text(room):
    looker, client, row = user(), Client(), row_of(room)
    codename = f"view_{room.opts.model_name}"
    looker.user_permissions.add(Permission.objects.get(codename=codename))
    client.force_login(looker)

    shown = room_at(client, change_page(room, row))

    [form] = shown.xpath("//form[@class='writing']")
    assert not form.xpath(".//button[not(@type='button' or @form)] | .//textarea")
    assert {"article": "Next words", "page": row.__dict__.get("title"), "service": "Audit"}[
        room.opts.model_name
    ] in form.find_class("title")[0].text_content()
    assert form.find_class("prose")[0].text_content().strip()
