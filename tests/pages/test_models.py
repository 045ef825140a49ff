import lxml.html
import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.urls import get_resolver
from django.utils import timezone

from demo.models import DemoRow
from images.tasks import make_renditions
from pages.models import Page, PagePicture, SiteSettings
from tests.builders import image, page
from web.models import JobRun

pytestmark = pytest.mark.django_db


# Settings


def test_there_is_never_a_second_row_of_settings():
    with pytest.raises(IntegrityError), transaction.atomic():
        SiteSettings.objects.create(pk=2)


def test_settings_that_someone_deleted_are_made_again(client):
    SiteSettings.objects.all().delete()

    answer = client.get("/")

    assert answer.status_code == 200
    assert SiteSettings.objects.get().pk == 1


def test_the_name_of_the_site_is_what_the_settings_say(client):
    SiteSettings.objects.update(
        name="Dirty Systems", tagline="We break it", footer_text="All wrongs reserved."
    )

    text = client.get("/").text

    for words in ("Dirty Systems", "We break it", "All wrongs reserved."):
        assert words in text


# Pages


def test_a_page_shows_its_copy(client):
    about = page(slug="about", title="About us", description="Who we are", body="<h2>We</h2>")

    answer = client.get(about.get_absolute_url())

    document = lxml.html.fromstring(answer.content)
    assert about.get_absolute_url() == "/about/"
    assert document.xpath("string(//h1)").strip() == "About us"
    assert document.xpath("//meta[@name='description']/@content") == ["Who we are"]
    assert document.xpath("//h2[@id='we']")


def test_a_page_shows_its_pictures(client):
    wall = image(alt="A brick wall")
    make_renditions(wall.pk)
    about = page(body=f'<p>Look:</p><figure><img src="/x" data-file="{wall.pk}"></figure>')

    document = lxml.html.fromstring(client.get(about.get_absolute_url()).content)

    assert document.xpath("//figure//img/@alt") == ["A brick wall"]


def test_harm_in_a_page_is_neither_kept_nor_shown(client):
    about = page(body="<p>Words</p><script>alert(1)</script>")
    kept = about.body
    Page.objects.update(body="<p>Words</p><script>alert(1)</script>")

    shown = client.get(about.get_absolute_url()).text

    assert kept == "<p>Words</p>"
    assert "Words" in shown and "alert(1)" not in shown


def test_an_address_never_leads_to_two_pages():
    page(slug="about")

    with pytest.raises(IntegrityError), transaction.atomic():
        page(slug="about")


@pytest.mark.parametrize("slug", ["admin", "feed", "media", "static", "status"])
def test_a_page_cannot_take_the_address_of_another_part(slug):
    with pytest.raises(ValidationError) as refusal:
        Page(slug=slug, title="Mine", body="<p>x</p>").full_clean()

    assert "slug" in refusal.value.message_dict


def test_every_part_of_the_site_keeps_its_address_from_pages():
    """A page there could never be opened."""

    def beginnings(patterns, before=""):
        for pattern in patterns:
            path = before + str(pattern.pattern)
            first, slash, _ = path.partition("/")
            if slash or not hasattr(pattern, "url_patterns"):
                yield first
            else:
                yield from beginnings(pattern.url_patterns, path)

    parts = {part for part in beginnings(get_resolver().url_patterns) if part.isalnum()}

    assert {"admin", "articles", "services", "healthz"} <= parts
    for part in parts - {"privacy"}:  # a page itself, with a form below it
        with pytest.raises(ValidationError, match="Another part of the site"):
            Page(slug=part).full_clean(exclude=["title", "body"])


# What is kept for the operator


def test_a_job_has_one_last_run():
    JobRun.objects.create(task="a", last_ran_at=timezone.now())

    with pytest.raises(IntegrityError), transaction.atomic():
        JobRun.objects.create(task="a", last_ran_at=timezone.now())


@pytest.mark.parametrize("second", [{"key": "a", "row": 2}, {"key": "b", "row": 1}], ids=str)
def test_the_demo_makes_each_row_once(second):
    DemoRow.objects.create(key="a", model="pages.Page", row=1)

    with pytest.raises(IntegrityError), transaction.atomic():
        DemoRow.objects.create(model="pages.Page", **second)


# The pictures of a page


def test_a_picture_on_a_page_counts_once_and_cannot_be_deleted():
    wall = image()
    figure = f'<figure><img src="/" data-file="{wall.pk}" alt="A wall"></figure>'

    shown_twice = page(body=f"<p>Twice</p>{figure}{figure}")

    assert list(shown_twice.pictures.all()) == [wall]
    with pytest.raises(ProtectedError):
        wall.delete()


def test_a_picture_that_left_the_page_may_be_deleted():
    wall = image()
    about = page(body=f'<figure><img src="/" data-file="{wall.pk}"></figure>')

    about.body = "<p>Words alone</p>"
    about.save()

    wall.delete()


def test_there_is_never_the_same_picture_of_a_page_twice():
    wall = image()
    about = page(body=f'<figure><img src="/" data-file="{wall.pk}"></figure>')

    with pytest.raises(IntegrityError), transaction.atomic():
        PagePicture.objects.create(page=about, image=wall)
