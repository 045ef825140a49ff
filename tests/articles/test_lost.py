"""What of a text readers would miss: said before it is published, and shown right while written."""

import lxml.html
import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from accounts.roles import AUTHOR, PUBLISHER
from articles import publishing
from images import uploads
from images.reencoding import reencode
from pages.models import Page
from tests.builders import article, image, signed_in
from tests.forms import filled_in
from tests.pictures import picture_file

pytestmark = pytest.mark.django_db

LOST = {
    "a picture of no host": '<img src="/media/images/x.png">',
    "a picture that was deleted": '<img src="/x.png" data-file="999999">',
    "a picture with nonsense": '<img src="/x.png" data-file="9e9">',
    "a link to a word": '<p><a href="pricing">here</a></p>',
    "a link without an address": '<p><a href="">here</a></p>',
    "a link to a neighbor": '<p><a href="../x/">here</a></p>',
}


def form_of(row):
    meta = row._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])


@pytest.mark.parametrize("body", LOST.values(), ids=LOST)
def test_what_readers_would_miss_keeps_an_article_from_going_live(body):
    draft = article(live_from=None, text={"body": f"<p>Words</p>{body}"})

    with pytest.raises(ValidationError, match=r"not in the library|does not work"):
        publishing.publish(draft, at=timezone.now())


def test_what_readers_get_goes_live():
    wall = image()
    body = (
        f'<figure><img src="/old" data-file="{wall.pk}"></figure><p><a href="/contact/">a</a>'
        '<a href="www.example.test">b</a><a href="me@example.test">c</a><a href="#x">d</a></p>'
    )
    draft = article(live_from=None, text={"body": body})

    publishing.publish(draft, at=timezone.now())

    assert draft.live_revision()


def test_a_page_says_so_when_it_is_saved():
    page = Page.objects.get()
    client = signed_in(PUBLISHER)
    form = filled_in(
        client.get(form_of(page)), "page_form", "_save", body=LOST["a picture of no host"] + "<p>x"
    )

    answer = client.post(form_of(page), form, follow=True)

    assert "One picture in the text is not in the library" in answer.text


@pytest.fixture
def replaced():
    """A picture that stands in a text and has got another file since."""
    wall = image()
    body = f'<p>A</p><figure><img src="{wall.file.url}" alt="a > b" data-file="{wall.pk}"></figure>'
    shown = article(live_from=None, text={"body": body})
    uploads.keep(wall, reencode(picture_file(color=(7, 7, 7))))
    assert wall.file.url not in body
    return shown, wall


def test_after_a_picture_is_replaced_the_editor_shows_the_new_one(replaced):
    shown, wall = replaced

    page = signed_in(AUTHOR).get(form_of(shown))

    [text] = lxml.html.fromstring(page.content).xpath("//textarea[@name='body']/text()")
    [picture] = lxml.html.fromstring(text).iter("img")
    assert dict(picture.attrib) == {
        "src": wall.file.url,
        "alt": "a > b",
        "data-file": str(wall.pk),
    }


def test_a_form_that_shows_a_replaced_picture_has_not_changed_for_that(replaced):
    shown, _ = replaced
    client = signed_in(AUTHOR)
    before = shown.revisions.get().edited_at
    form = filled_in(client.get(form_of(shown)), "article_form", "_draft")

    client.post(form_of(shown), form)

    assert shown.revisions.get().edited_at == before
