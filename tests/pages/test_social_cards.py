"""The pictures for those who share an address."""

from datetime import timedelta
from io import BytesIO

import lxml.html
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from PIL import Image, ImageChops

from articles import publishing
from pages.discovery import social_cards
from pages.discovery.social_cards import SocialCard
from pages.models import SiteSettings
from tests.builders import article, author, revision

pytestmark = pytest.mark.django_db


def card_path(client, address):
    """Where the page says its card is, within the site."""
    page = lxml.html.fromstring(client.get(address).content)
    [url] = page.xpath("//meta[@property='og:image']/@content")
    assert url.startswith("http://testserver/")
    return url.removeprefix("http://testserver")


def opened(content):
    return Image.open(BytesIO(content)).convert("RGB")


def drawn_area(content, within=(0, 0, social_cards.WIDTH, social_cards.HEIGHT)):
    """Where the card differs from one without words: left, top, right and bottom, or None."""
    words = ImageChops.difference(opened(content), social_cards._drawing()).crop(within)
    return words.point(lambda value: 255 if value > 40 else 0).getbbox()


def test_an_article_has_a_card_that_may_be_kept_for_ever(client):
    read = article(text={"title": "On queues"})
    path = card_path(client, read.get_absolute_url())

    answer = client.get(path)

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "image/png"
    assert "immutable" in answer.headers["Cache-Control"]
    assert opened(answer.content).size == (1200, 630)
    assert len(answer.content) < 60_000
    again = client.get(path, headers={"if-none-match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.head(path).status_code == 200


def test_the_site_has_a_card_too(client):
    answer = client.get(card_path(client, "/"))

    assert answer.status_code == 200
    assert opened(answer.content).size == (1200, 630)


@pytest.mark.parametrize("change", ["title", "author", "site"])
def test_a_card_that_shows_something_else_has_another_address(client, change):
    ada = author(name="Ada")
    read = article(authors=[ada])
    before = card_path(client, read.get_absolute_url())

    if change == "title":
        revision(read, title="Other words", live_from=timedelta(0))
    elif change == "author":
        ada.name = "Ada Byron"
        ada.save()
    else:
        SiteSettings.objects.update(name="Another name")

    after = card_path(client, read.get_absolute_url())
    assert after != before
    answer = client.get(before)
    assert (answer.status_code, answer.headers["Location"]) == (302, after)
    assert "no-store" in answer.headers["Cache-Control"]


def test_what_readers_may_not_see_has_no_card(client):
    draft, planned, unpublished = (
        article(live_from=None),
        article(live_from=timedelta(1)),
        article(),
    )
    publishing.unpublish(unpublished, at=timezone.now())

    for hidden in (draft, planned, unpublished):
        assert client.get(f"/articles/{hidden.slug}/card-0123456789abcdef.png").status_code == 404
    assert client.get("/articles/nowhere/card-0.png").status_code == 404


def test_a_card_is_drawn_once(client, settings):
    path = card_path(client, "/")
    first = client.get(path).content
    [stored] = [file for file in settings.MEDIA_ROOT.rglob("*.png")]
    stored.write_bytes(first.replace(b"IHDR", b"ihdr"))

    assert client.get(path).content == stored.read_bytes() != first


def test_a_card_that_was_half_written_is_drawn_anew(client, settings):
    path = card_path(client, "/")
    whole = client.get(path).content
    [stored] = [file for file in settings.MEDIA_ROOT.rglob("*.png")]
    stored.write_bytes(whole[:100])

    assert client.get(path).content == whole
    assert stored.read_bytes() == whole


def test_a_card_never_takes_another_files_place(client, settings):
    shown = SocialCard.of_site(SiteSettings.load())
    default_storage.save("cards/other.png", ContentFile(b"another"))

    client.get(social_cards.site_card_path(shown))

    assert (settings.MEDIA_ROOT / "cards/other.png").read_bytes() == b"another"


@pytest.mark.parametrize(
    "title",
    [
        "On queues",
        "Idempotency and the outbox: how a backend survives being interrupted",
        "W" * 160,
        "word " * 32,
        "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
        "Łódź, Ærøskøbing, Ελλάδα, Київ, Việt Nam, “naïve” façade, Ångström ≥ 3 weeks — and more",
        "ÅÅÅ ggg ÇÇÇ jjj " * 10,
    ],
)
def test_nothing_on_a_card_is_cut_off(title):
    authors = ("Someone with a long name",) * 9

    card = social_cards.draw(SocialCard(title, "A site " * 11, authors))

    left, top, right, bottom = drawn_area(card)

    assert left >= social_cards.MARGIN - 6
    assert right <= social_cards.WIDTH - social_cards.MARGIN + 6
    assert top > 20
    assert bottom < social_cards.HEIGHT - 20
    between_title_and_bridge = (
        0,
        social_cards.TITLE_BOTTOM + 14,
        social_cards.WIDTH,
        social_cards.GROUND - 112,
    )
    assert drawn_area(card, between_title_and_bridge) is None
    between_ground_and_names = (
        0,
        social_cards.GROUND + 4,
        social_cards.WIDTH,
        social_cards.GROUND + 24,
    )
    assert drawn_area(card, between_ground_and_names) is None


def test_the_whole_title_is_on_the_card(monkeypatch):
    """No title that the database takes is shortened, not even the widest one."""
    monkeypatch.setattr(social_cards, "_shortened", lambda *_: pytest.fail("It was shortened."))

    for title in ("W" * 160, "Wide words " * 14, "@ " * 80):
        social_cards.draw(SocialCard(title, "Clean Systems Consulting", ("Ada Byron",)))


@pytest.mark.parametrize(
    "title", ["数据库迁移没有维护窗口", "🚀🚀🚀", "", "\u0007", "مرحبا بالعالم"]
)
def test_a_title_that_the_font_cannot_draw_gives_way_to_the_name_of_the_site(title):
    assert social_cards.draw(SocialCard(title, "Our site")) == social_cards.draw(
        SocialCard("Our site", "Our site")
    )


def test_a_picture_within_a_title_is_left_out_and_the_words_stay():
    assert social_cards.draw(SocialCard("We ship 🚀 it", "x")) == social_cards.draw(
        SocialCard("We ship it", "x")
    )


def test_a_card_is_described_to_those_who_cannot_see_it(client):
    signed = article(
        authors=[author(name="Ada"), author(name="Grace")], text={"title": 'On "queues"'}
    )

    page = lxml.html.fromstring(client.get(signed.get_absolute_url()).content)

    [alt] = page.xpath("//meta[@property='og:image:alt']/@content")
    assert alt.startswith('“On "queues"”, by Ada and Grace. ')
    sizes = page.xpath("//meta[@property='og:image:width' or @property='og:image:height']/@content")
    assert sizes == ["1200", "630"]
