"""The feeds, held against RSS 2.0, RFC 4287 and JSON Feed 1.1."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import lxml.etree
import lxml.html
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles import publishing
from articles.feeds import LATEST
from articles.models import Revision
from images.tasks import make_renditions
from pages.models import SiteSettings
from tests.builders import article, author, image, revision, topic

pytestmark = pytest.mark.django_db

RSS, ATOM, JSON = "/articles/feed/", "/articles/atom/", "/articles/feed.json"
EVERY = (RSS, ATOM, JSON)
TYPES = {
    RSS: "application/rss+xml; charset=utf-8",
    ATOM: "application/atom+xml; charset=utf-8",
    JSON: "application/feed+json; charset=utf-8",
}
A = "{http://www.w3.org/2005/Atom}"
NAMESPACES = {
    "a": "http://www.w3.org/2005/Atom",
    "dc": "http://purl.org/dc/elements/1.1/",
    "content": "http://purl.org/rss/1.0/modules/content/",
}
FIRST = datetime(2026, 3, 2, 8, tzinfo=UTC)


def xml(answer):
    return lxml.etree.fromstring(answer.content)


def full_article():
    """With a picture, a heading, links, two authors, and words that look like markup."""
    picture = image()
    make_renditions(picture.pk)
    body = (
        f'<h2>Why & how</h2><p>See <a href="/offices/">us</a>, <a href="#why-how">above</a>.</p>'
        f'<figure><img src="/" data-file="{picture.pk}"></figure>'
        '<pre><code class="language-sql">SELECT 1 &lt; 2;</code></pre>]]>'
    )
    return article(
        live_from=FIRST,
        authors=[author(name="Ada & Co"), author(name="Grace")],
        topics=[topic(name="R&D", slug="r-d")],
        text={
            "title": "Less < more & “more”",
            "summary": "<b>Bold</b> claims",
            "body": body,
            "cover": picture,
        },
    )


def contents(client):
    """The HTML of the first article, as each feed has it."""
    rss, atom, as_json = (client.get(address) for address in EVERY)
    return [
        xml(rss).xpath("string(//item/content:encoded)", namespaces=NAMESPACES),
        xml(atom).xpath("string(//a:entry/a:content)", namespaces=NAMESPACES),
        json.loads(as_json.content)["items"][0]["content_html"],
    ]


def ids(client):
    rss, atom, as_json = (client.get(address) for address in EVERY)
    return [
        xml(rss).xpath("//guid/text()"),
        xml(atom).xpath("//a:entry/a:id/text()", namespaces=NAMESPACES),
        [item["id"] for item in json.loads(as_json.content)["items"]],
    ]


@pytest.mark.parametrize("address", EVERY)
def test_a_feed_is_a_public_answer_of_its_own_type(client, address):
    article()

    answer = client.get(address)

    again = client.get(address, headers={"if-none-match": answer.headers["ETag"]})
    assert answer.headers["Content-Type"] == TYPES[address]
    assert "public" in answer.headers["Cache-Control"]
    assert (again.status_code, again.content) == (304, b"")
    assert client.head(address).status_code == 200
    assert client.post(address).status_code == 405


def test_rss_has_what_the_specification_requires(client, settings):
    """rssboard.org/rss-specification; the self link as its best practices profile asks."""
    full_article()

    root = xml(client.get(RSS))

    assert (root.tag, root.get("version")) == ("rss", "2.0")
    [channel] = root
    for required in ("title", "link", "description"):
        assert channel.findtext(required).strip()
    assert channel.find(f"{A}link").get("href") == settings.SITE_URL + RSS
    [item] = channel.iter("item")
    assert item.findtext("title") == "Less < more & “more”"
    assert item.findtext("description") == "<b>Bold</b> claims"
    assert item.findtext("link").startswith(f"{settings.SITE_URL}/articles/article-")
    assert item.find("guid").get("isPermaLink") == "false"
    assert parsedate_to_datetime(item.findtext("pubDate")) == FIRST
    assert parsedate_to_datetime(channel.findtext("lastBuildDate")) == FIRST
    assert item.findtext("category") == "R&D"
    assert item.xpath("dc:creator/text()", namespaces=NAMESPACES) == ["Ada & Co", "Grace"]


def test_atom_has_what_the_specification_requires(client, settings):
    """RFC 4287, sections 4.1.1 and 4.1.2."""
    full_article()

    feed = xml(client.get(ATOM))

    assert feed.tag == f"{A}feed"
    [entry] = feed.iter(f"{A}entry")
    for element in (feed, entry):
        for required in ("id", "title", "updated"):
            assert len(element.findall(f"{A}{required}")) == 1
        assert datetime.fromisoformat(element.findtext(f"{A}updated")) == FIRST
        assert urlsplit(element.findtext(f"{A}id")).scheme == "tag"
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{A}link")}
    assert links == {
        "self": settings.SITE_URL + ATOM,
        "alternate": f"{settings.SITE_URL}/articles/",
    }
    assert feed.findtext(f"{A}author/{A}name") == SiteSettings.load().name
    assert entry.findtext(f"{A}title") == "Less < more & “more”"
    assert entry.find(f"{A}content").get("type") == "html"
    assert datetime.fromisoformat(entry.findtext(f"{A}published")) == FIRST
    assert [name.text for name in entry.findall(f"{A}author/{A}name")] == ["Ada & Co", "Grace"]
    category = entry.find(f"{A}category")
    assert (category.get("term"), category.get("label")) == ("r-d", "R&D")


def test_the_json_feed_has_what_the_specification_requires(client, settings):
    """jsonfeed.org/version/1.1: version, title and items; each item its id and content."""
    full_article()

    feed = json.loads(client.get(JSON).content)

    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["title"] == SiteSettings.load().name
    assert feed["feed_url"] == settings.SITE_URL + JSON
    [item] = feed["items"]
    assert item["title"] == "Less < more & “more”"
    assert item["summary"] == "<b>Bold</b> claims"
    assert item["url"].startswith(settings.SITE_URL)
    assert item["image"].startswith(settings.SITE_URL)
    assert datetime.fromisoformat(item["date_published"]) == FIRST
    assert datetime.fromisoformat(item["date_modified"]) == FIRST
    assert [writer["name"] for writer in item["authors"]] == ["Ada & Co", "Grace"]
    assert item["tags"] == ["R&D"]


def test_every_feed_has_the_whole_text_with_nothing_relative_in_it(client, settings):
    full_article()

    for content in contents(client):
        document = lxml.html.fragment_fromstring(content, create_parent="div")
        assert document.xpath("string(.//h2)") == "Why & how"
        assert "SELECT 1 < 2;" in document.text_content()
        found = document.xpath(".//@href | .//@src")
        found += [
            part.split()[0]
            for srcset in document.xpath(".//@srcset")
            for part in srcset.split(", ")
        ]
        assert len(found) >= 4
        assert all(address.startswith(f"{settings.SITE_URL}/") for address in found), found
        assert not document.xpath(".//@tabindex | .//*[@class='anchor']")


def test_an_article_keeps_its_id_when_address_and_words_change(client):
    moved = full_article()
    before = ids(client)

    moved.slug = "another-address"
    moved.save()
    revision(moved, title="Other words", live_from=timedelta(0))

    assert ids(client) == before
    assert all(len(found) == 1 for found in before)


def test_a_feed_says_when_readers_got_the_present_words(client):
    changed = full_article()
    revision(changed, body="<p>Better</p>", live_from=timedelta(0))
    now = changed.live_revision().live_from

    entry = next(xml(client.get(ATOM)).iter(f"{A}entry"))
    [item] = json.loads(client.get(JSON).content)["items"]

    assert datetime.fromisoformat(entry.findtext(f"{A}updated")) == now
    assert datetime.fromisoformat(entry.findtext(f"{A}published")) == FIRST
    assert datetime.fromisoformat(item["date_modified"]) == now


def test_a_feed_has_the_latest_live_articles_and_no_others(client):
    article(live_from=None)
    article(live_from=timedelta(days=1))
    unpublished = article()
    publishing.unpublish(unpublished, at=timezone.now())
    for days in range(1, LATEST + 3):
        article(live_from=-timedelta(days=days))

    for found in ids(client):
        assert len(found) == len(set(found)) == LATEST
    titles = xml(client.get(RSS)).xpath("//item/title/text()")
    newest = Revision.objects.live().newest_first().values_list("title", flat=True)[:LATEST]
    assert titles == list(newest)


def test_a_feed_without_articles_is_one_all_the_same(client):
    assert list(xml(client.get(RSS)).iter("item")) == []
    assert xml(client.get(ATOM)).findtext(f"{A}updated")
    assert json.loads(client.get(JSON).content)["items"] == []


def test_a_topic_has_a_feed_of_its_own(client, settings):
    queues = topic(name="Queues")
    article(topics=[queues], text={"title": "On queues"})
    article(text={"title": "On tables"})
    address = f"{queues.get_absolute_url()}atom/"

    feed = xml(client.get(address))

    assert [title.text for title in feed.findall(f"{A}entry/{A}title")] == ["On queues"]
    assert feed.findtext(f"{A}title").startswith("Queues")
    assert feed.findtext(f"{A}id") != xml(client.get(ATOM)).findtext(f"{A}id")
    assert feed.find(f"{A}link").get("href") == settings.SITE_URL + address
    assert client.get("/articles/topics/nowhere/atom/").status_code == 404


def test_characters_that_xml_has_no_place_for_break_no_feed(client):
    article(text={"title": "Line\x0bfeed", "summary": "Bell\x07"})

    assert xml(client.get(ATOM)).findtext(f"{A}entry/{A}title") == "Linefeed"
    assert xml(client.get(RSS)).xpath("string(//item/description)") == "Bell"


@pytest.mark.parametrize("address", EVERY)
def test_a_feed_costs_the_same_for_one_article_and_for_ten(
    client, address, django_assert_num_queries
):
    full_article()
    SiteSettings.load()
    with CaptureQueriesContext(connection) as for_one:
        client.get(address)
    for number in range(9):
        article(topics=[topic()], text={"cover": image(), "body": f"<p>{number}</p>"})

    with django_assert_num_queries(len(for_one)):
        client.get(address)
