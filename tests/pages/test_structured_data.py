"""What pages say of themselves, held against what those who read it require.

The table is written by hand from developers.google.com/search/docs/appearance/structured-data
(required and recommended properties of Article, BreadcrumbList, FAQPage, LocalBusiness,
Organization, ProfilePage) and from schema.org, where Google has no result of that type.
"""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import lxml.html
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import PUBLISHER
from images.tasks import make_renditions
from pages.models import SiteSettings
from tests.builders import article, author, image, office, page, revision, series, topic, user

pytestmark = pytest.mark.django_db

REQUIRED = {
    "Answer": {"text"},
    "BlogPosting": {
        "headline", "image", "author", "publisher", "datePublished", "dateModified",
        "mainEntityOfPage", "description", "wordCount", "inLanguage",
    },
    "BreadcrumbList": {"itemListElement"},
    "CollectionPage": {"name", "url", "isPartOf"},
    "ContactPage": {"name", "url", "about"},
    "EntryPoint": {"urlTemplate"},
    "FAQPage": {"mainEntity"},
    "GeoCoordinates": {"latitude", "longitude"},
    "ListItem": {"position", "name", "item"},
    "LocalBusiness": {"name", "address", "url", "openingHoursSpecification", "parentOrganization"},
    "OpeningHoursSpecification": {"dayOfWeek", "opens", "closes"},
    "Organization": {"name", "@id"},
    "Person": {"name", "url"},
    "PostalAddress": {"addressCountry", "addressLocality"},
    "ProfilePage": {"mainEntity", "url"},
    "Question": {"name", "acceptedAnswer"},
    "SearchAction": {"target", "query-input"},
    "WebSite": {"name", "url", "potentialAction"},
}  # fmt: skip
ADDRESSES = {"url", "item", "image", "logo", "mainEntityOfPage", "urlTemplate", "hasMap"}


def graph(client, address):
    """The page's nodes by type; there is one block at most."""
    document = lxml.html.fromstring(client.get(address).content)
    blocks = document.xpath("//script[@type='application/ld+json']/text()")
    assert len(blocks) <= 1
    data = json.loads(blocks[0]) if blocks else {"@graph": []}
    assert not blocks or data["@context"] == "https://schema.org"
    return {node["@type"]: node for node in data.get("@graph", [data])}


def every_node(value):
    if isinstance(value, list):
        for one in value:
            yield from every_node(one)
    elif isinstance(value, dict):
        yield value
        for one in value.values():
            yield from every_node(one)


@pytest.fixture
def site():
    """The address of a page of each kind, and the types it must have."""
    SiteSettings.objects.update(tagline="Backends", description="We build them.")
    cover = image()
    make_renditions(cover.pk)
    ada, queues, apart = author(image=cover, bio="Writes."), topic(), series()
    covered = article(authors=[ada], topics=[queues], series=apart, text={"cover": cover})
    place = office(image=cover, latitude=Decimal("55.6"), longitude=Decimal("12.5"))
    asked = page(body="<h2>Questions</h2><h3>Why?</h3><p>So.</p>")
    breadcrumbs = "BreadcrumbList"
    return {
        "/": {"Organization", "WebSite"},
        "/articles/": {"CollectionPage"},
        covered.get_absolute_url(): {"BlogPosting", breadcrumbs},
        article().get_absolute_url(): {"BlogPosting", breadcrumbs},
        queues.get_absolute_url(): {"CollectionPage", breadcrumbs},
        apart.get_absolute_url(): {"CollectionPage", breadcrumbs},
        ada.get_absolute_url(): {"ProfilePage", breadcrumbs},
        "/offices/": {"LocalBusiness"},
        place.get_absolute_url(): {"LocalBusiness", breadcrumbs},
        "/contact/": {"ContactPage"},
        asked.get_absolute_url(): {"FAQPage"},
        "/privacy/": set(),
        "/services/": set(),
    }


def test_every_kind_of_page_says_what_it_is_with_all_that_is_required(client, site, settings):
    seen = set()
    for address, types in site.items():
        nodes = graph(client, address)
        assert set(nodes) == types, address
        for node in every_node(list(nodes.values())):
            if set(node) == {"@id"}:
                continue  # says only whom it means
            seen.add(node["@type"])
            assert REQUIRED[node["@type"]] <= node.keys(), (address, node)
            assert all(value not in ("", None, [], {}) for value in node.values()), node
            for name in ADDRESSES & node.keys():
                assert node[name].startswith(("https://", f"{settings.SITE_URL}/")), node
    assert seen == REQUIRED.keys()


def test_an_article_says_who_wrote_it_and_when(client, settings):
    first = datetime(2026, 3, 2, 8, tzinfo=UTC)
    signed = article(
        live_from=first,
        authors=[author(name="Ada", job_title="Analyst"), author(name="Grace")],
        topics=[topic(name="Queues")],
        text={"title": "On queues", "body": "<p>one two three</p>"},
    )
    revision(signed, body="<p>one two</p>", live_from=timedelta(0))

    nodes = graph(client, signed.get_absolute_url())

    posting = nodes["BlogPosting"]
    assert posting["headline"] == "On queues"
    assert datetime.fromisoformat(posting["datePublished"]) == first
    assert datetime.fromisoformat(posting["dateModified"]) > first
    assert [writer["name"] for writer in posting["author"]] == ["Ada", "Grace"]
    assert posting["articleSection"] == "Queues"
    assert posting["wordCount"] == 2
    assert client.get(posting["image"].removeprefix(settings.SITE_URL)).status_code == 200
    steps = nodes["BreadcrumbList"]["itemListElement"]
    assert [(step["position"], step["name"]) for step in steps] == [
        (1, "Articles"),
        (2, "On queues"),
    ]
    assert steps[-1]["item"] == settings.SITE_URL + signed.get_absolute_url()


def test_the_search_of_the_site_is_named_as_search_engines_want_it(client, settings):
    action = graph(client, "/")["WebSite"]["potentialAction"]

    template = action["target"]["urlTemplate"]
    assert template == f"{settings.SITE_URL}/articles/search/?q={{search_term_string}}"
    assert action["query-input"] == "required name=search_term_string"


def test_questions_are_those_that_the_page_answers(client):
    asked = article(
        text={
            "body": "<h2>Before</h2><h3>Is this one?</h3><p>No.</p>"
            "<h2>Frequently asked <em>questions</em></h2><p>Some.</p>"
            "<h3>What does it <em>cost</em>?</h3><p>Nothing.</p><ul><li><p>Really.</p></li></ul>"
            "<h3>No question</h3><p>Left out.</p><h3>Unanswered?</h3>"
            "<h3>How<br>long?</h3><p>A day:</p><ul><li>one</li><li>each<p>time</p></li></ul>"
            "<h2>After</h2><h3>And this?</h3><p>No.</p>"
        }
    )

    said = graph(client, asked.get_absolute_url())["FAQPage"]["mainEntity"]

    assert [(one["name"], one["acceptedAnswer"]["text"]) for one in said] == [
        ("What does it cost?", "Nothing. Really."),
        ("How long?", "A day: one each time"),
    ]


@pytest.mark.parametrize(
    "body",
    [
        "<p>Why?</p>",
        "<h2>Why?</h2><p>So.</p>",
        "<h2>Questions</h2><p>None yet.</p>",
        "<h2>Questions for your provider</h2><h3>Why?</h3><p>Ask.</p>",
    ],
)
def test_a_page_without_answers_claims_none(client, body):
    assert "FAQPage" not in graph(client, page(body=body).get_absolute_url())


def test_words_never_break_out_of_the_block(client):
    attack = "</script><script>alert(1)</script><!--"
    signed = article(
        authors=[author(name=attack)],
        text={"title": attack, "summary": attack},
        topics=[topic(name=attack)],
    )

    answer = client.get(signed.get_absolute_url())

    assert "<script>alert" not in answer.text
    assert graph(client, signed.get_absolute_url())["BlogPosting"]["headline"] == attack


# The rest of the head


def test_every_page_has_what_a_shared_link_shows(client, site, settings):
    """ogp.me: title, type, image and url are required of every page."""
    for address in site:
        head = lxml.html.fromstring(client.get(address).content)
        said = {
            meta.get("property"): meta.get("content") for meta in head.xpath("//meta[@property]")
        }
        for name in ("title", "type", "image", "url", "description", "site_name"):
            assert said[f"og:{name}"] or name == "description", (address, name)
        assert said["og:url"] == settings.SITE_URL + address
        assert said["og:image"].startswith(settings.SITE_URL)
        assert head.xpath("//meta[@name='twitter:card']/@content") == ["summary_large_image"]


def test_a_shared_link_names_the_site_once(client):
    SiteSettings.objects.update(name="R&D <Ltd>")
    named = article(text={"title": "Less < more & “more”"})

    head = lxml.html.fromstring(client.get(named.get_absolute_url()).content)

    assert head.xpath("string(//title)") == "Less < more & “more” · R&D <Ltd>"
    assert head.xpath("//meta[@property='og:title']/@content") == ["Less < more & “more”"]
    assert head.xpath("//meta[@property='og:site_name']/@content") == ["R&D <Ltd>"]


def test_what_should_not_be_found_says_so(client):
    gone, draft = article(), article(live_from=None)
    gone.retired_at = gone.live_revision().live_from
    gone.save()

    for address in ("/nowhere/", "/contact/thanks/", gone.get_absolute_url()):
        head = lxml.html.fromstring(client.get(address).content)
        assert head.xpath("//meta[@name='robots']/@content") == ["noindex"], address
        assert not head.xpath("//link[@rel='canonical']"), address
        assert not head.xpath("//meta[@property='og:image']"), address
    assert client.get(draft.get_absolute_url()).status_code == 404
    client.force_login(user(role=PUBLISHER))
    preview = client.get(f"/admin/articles/article/{draft.pk}/preview/")
    assert 'content="noindex"' in preview.text
    assert "og:image" not in preview.text and "ld+json" not in preview.text


def test_the_head_of_an_article_costs_no_query(client):
    read = article(authors=[author(), author()], topics=[topic()])
    SiteSettings.load()

    with CaptureQueriesContext(connection) as queries:
        client.get(read.get_absolute_url())

    asked = [query["sql"] for query in queries if "pages_sitesettings" in query["sql"]]
    assert len(asked) == 1
    assert len([query for query in queries if '"articles_byline"' in query["sql"]]) <= 2
