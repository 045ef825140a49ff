"""The indexes of topics, series and authors, and the ways to the feeds."""

import json

import lxml.html
import pytest
from django.core.exceptions import ValidationError

from articles.models import Article
from images.tasks import make_renditions
from pages.models import Page
from tests.builders import article, author, image, series, topic
from tests.pictures import picture_file

pytestmark = pytest.mark.django_db

INDEXES = ["/articles/topics/", "/articles/series/", "/articles/authors/"]


@pytest.fixture
def groupings():
    """One of each kind with two live articles; another of each with a draft alone."""
    known = {"topics": [topic(name="Queues")], "series": series(title="A team apart")}
    ada = author(name="Ada Byron")
    for _ in range(2):
        article(authors=[ada], **known)
    unread = {"topics": [topic(name="Unread")], "series": series(title="Unread")}
    article(live_from=None, authors=[author(name="Unread")], **unread)


def parsed(answer):
    assert answer.status_code == 200
    return lxml.html.fromstring(answer.content)


@pytest.mark.parametrize(
    ("path", "name"), [*zip(INDEXES, ["Queues", "A team apart", "Ada Byron"], strict=True)]
)
def test_an_index_lists_what_can_be_read_and_how_much_of_it(client, groupings, path, name):
    [card] = parsed(client.get(path)).xpath("//main//article[contains(@class, 'card')]")

    text = " ".join(card.text_content().split())
    assert text.startswith(name) and text.endswith("2 articles")
    [link] = card.xpath(".//a/@href")
    assert client.get(link).status_code == 200
    assert link.startswith(path)


@pytest.mark.parametrize("path", INDEXES)
def test_an_index_of_nothing_says_so(client, path):
    assert "Nothing has been published here yet" in client.get(path).text


@pytest.mark.parametrize("path", INDEXES)
def test_programs_find_the_indexes(client, groupings, path, settings):
    assert f"<loc>{settings.SITE_URL}{path}</loc>" in client.get("/sitemap.xml").text
    assert settings.SITE_URL + path in client.get("/llms.txt").text
    [script] = parsed(client.get(path)).xpath("//script[@type='application/ld+json']/text()")
    kinds = [node["@type"] for node in json.loads(script)["@graph"]]
    assert kinds == ["CollectionPage", "BreadcrumbList"]


@pytest.mark.parametrize("path", INDEXES)
def test_every_page_of_a_list_leads_to_its_index(client, groupings, path):
    [one] = parsed(client.get(path)).xpath("//main//article//h2/a/@href")

    assert path in parsed(client.get(one)).xpath("//main//header//a/@href")
    assert path in parsed(client.get("/articles/")).xpath("//main//header//a/@href")


def test_an_index_costs_the_same_for_one_and_for_ten(
    client, groupings, django_assert_max_num_queries
):
    for _ in range(10):
        article(topics=[topic()], series=series())

    for path in INDEXES:
        with django_assert_max_num_queries(3):
            client.get(path)


def test_the_list_and_a_topic_show_how_to_follow_them(client, groupings):
    [queues] = parsed(client.get("/articles/topics/")).xpath("//h2/a/@href")

    for path, feed in [("/articles/", "/articles/feed/"), (queues, f"{queues}atom/")]:
        assert parsed(client.get(path)).xpath("//a[contains(., 'Follow')]/@href") == [feed]
        assert client.get(feed).status_code == 200


@pytest.mark.parametrize(
    ("guess", "feed"),
    [
        *((guess, "/articles/feed/") for guess in (
            "/rss", "/rss/", "/feed", "/feed/", "/rss.xml", "/feed.xml", "/index.xml",
            "/articles/rss", "/articles/rss/", "/articles/rss.xml", "/articles/feed.xml",
        )),
        *((guess, "/articles/atom/") for guess in (
            "/atom", "/atom/", "/atom.xml", "/articles/atom.xml",
        )),
    ],
)  # fmt: skip
def test_a_guessed_address_leads_to_the_feed_at_once(client, guess, feed):
    answer = client.get(guess)

    assert (answer.status_code, answer.headers["Location"]) == (301, feed)
    assert client.get(feed).status_code == 200


@pytest.mark.parametrize("slug", ["atom", "feed", "rss"])
def test_no_page_and_no_article_takes_such_an_address(slug):
    for row in (Page(slug=slug), Article(slug=slug)):
        with pytest.raises(ValidationError, match="Another part of the site"):
            row.clean()


def test_a_part_of_a_series_says_so_above_its_title(client):
    apart = series(title="A team apart")
    parts = [article(series=apart, series_position=place) for place in (1, 2)]

    page = parsed(client.get(parts[1].get_absolute_url()))

    [above] = page.xpath("//h1/preceding-sibling::p")
    assert " ".join(above.text_content().split()) == "Part 2 of 2 in A team apart"
    assert above.xpath("./a/@href") == [apart.get_absolute_url()]


def test_two_authors_on_a_card_stand_apart(client):
    article(authors=[author(name="Ada"), author(name="Bob")])

    [meta] = parsed(client.get("/articles/")).xpath("//p[@class='card__meta']")

    assert meta.text_content().split()[-2:] == ["Ada", "Bob"]


def test_a_figure_leads_to_all_of_its_picture(client):
    wide, small = image(file=picture_file(size=(1600, 800))), image()
    for one in (wide, small):
        make_renditions(one.pk)
    body = "".join(
        f'<figure><img src="/" data-file="{one.pk}" alt=""><figcaption>x</figcaption></figure>'
        for one in (wide, small)
    )

    page = parsed(client.get(article(text={"body": body}).get_absolute_url()))

    full = wide.renditions.get(format="jpeg", width=1600).file.url
    assert page.xpath("//figure/a/@href") == [full]
    assert len(page.xpath("//figure//img")) == 2


def test_words_of_staff_run_as_their_letters_say(client):
    shown = article(text={"title": "مرحبا", "summary": "שלום"}, authors=[author(bio="سلام")])

    for path in (shown.get_absolute_url(), "/articles/", "/"):
        page = parsed(client.get(path))
        for text in ("مرحبا", "שלום"):
            for element in page.xpath(f"//main//*[text()[contains(., '{text}')]]"):
                assert element.xpath("ancestor-or-self::*[@dir='auto']"), (path, element.tag)
