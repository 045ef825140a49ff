"""What programs ask for by well-known names."""

import json
import re
from datetime import UTC, datetime, timedelta
from io import BytesIO

import lxml.etree
import lxml.html
import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from markdown_it import MarkdownIt
from PIL import Image

from articles import publishing
from pages.discovery import well_known
from pages.models import SiteSettings
from tests.builders import article, author, office, page, revision, series, topic

pytestmark = pytest.mark.django_db

S = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
TYPES = {
    "/robots.txt": "text/plain; charset=utf-8",
    "/sitemap.xml": "application/xml; charset=utf-8",
    "/llms.txt": "text/plain; charset=utf-8",
    "/.well-known/security.txt": "text/plain; charset=utf-8",
    "/manifest.webmanifest": "application/manifest+json",
    "/favicon.ico": "image/x-icon",
    "/apple-touch-icon.png": "image/png",
}


def sitemap(client, address="/sitemap.xml"):
    """The map's addresses, each with its last change or None."""
    root = lxml.etree.fromstring(client.get(address).content)
    assert root.tag == f"{S}urlset"
    return {url.findtext(f"{S}loc"): url.findtext(f"{S}lastmod") for url in root}


# All of them


@pytest.mark.parametrize("address", TYPES)
def test_an_answer_for_programs_can_be_kept_and_asked_about(client, address):
    answer = client.get(address)

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == TYPES[address]
    assert "max-age" in answer.headers["Cache-Control"]
    again = client.get(address, headers={"if-none-match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.head(address).status_code == 200
    assert client.post(address).status_code == 405
    assert not answer.cookies


@pytest.mark.parametrize(
    "address", [*TYPES, "/", "/articles/feed/", "/articles/atom/", "/articles/feed.json"]
)
def test_no_answer_says_what_the_request_says_of_the_host(client, settings, address):
    settings.ALLOWED_HOSTS = ["*"]
    article()
    plain = client.get(address)

    forged = client.get(
        address,
        headers={
            "host": "evil.example",
            "x-forwarded-host": "evil.example",
            "x-forwarded-proto": "https",
            "x-forwarded-port": "444",
            "forwarded": "host=evil.example;proto=https",
            "x-original-url": "/evil",
        },
    )

    assert forged.content == plain.content
    assert b"evil" not in forged.content


# The map


def test_the_map_has_every_live_address_with_its_last_change(client, settings):
    queues, apart, ada = topic(), series(), author()
    at = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
    read = article(live_from=at, topics=[queues], series=apart, authors=[ada])
    changed = datetime(2026, 4, 5, 6, tzinfo=UTC)
    revision(read, body="<p>Better</p>", live_from=changed)
    revision(read, body="<p>Not yet</p>", live_from=timedelta(days=2))
    about, place = page(), office()

    said = sitemap(client)

    for shown in (read, queues, apart, ada):
        assert said[settings.SITE_URL + shown.get_absolute_url()] == "2026-04-05T06:00:00Z"
    assert said[f"{settings.SITE_URL}/"] == said[f"{settings.SITE_URL}/articles/"]
    assert datetime.fromisoformat(said[settings.SITE_URL + about.get_absolute_url()])
    assert said[settings.SITE_URL + place.get_absolute_url()] is None
    for path in ("/services/", "/offices/", "/contact/", "/privacy/"):
        assert settings.SITE_URL + path in said


def test_every_address_on_the_map_is_a_page_that_names_itself_so(client):
    article(topics=[topic()], series=series())
    page(), office()

    said = sitemap(client)

    assert len(said) > 10
    for url in said:
        answer = client.get(url.removeprefix("http://testserver"))
        assert answer.status_code == 200, url
        document = lxml.html.fromstring(answer.content)
        assert document.xpath("//link[@rel='canonical']/@href") == [url]
        assert not document.xpath("//meta[@name='robots']")


def test_the_map_leads_nowhere_that_readers_may_not_go(client):
    quiet, hidden = topic(), author()
    article(live_from=None, topics=[quiet], authors=[hidden])
    planned, unpublished = article(live_from=timedelta(days=1)), article()
    publishing.unpublish(unpublished, at=timezone.now())
    lab = office(is_listed=False)

    said = " ".join(sitemap(client))

    for away in (quiet, hidden, planned, unpublished, lab):
        assert away.get_absolute_url() not in said
    assert "/admin" not in said and "thanks" not in said


def test_a_map_too_long_for_one_file_is_several(client, monkeypatch):
    for _ in range(3):
        article()
    whole = sitemap(client)
    monkeypatch.setattr(well_known, "MAX_IN_A_SITEMAP", 4)

    index = lxml.etree.fromstring(client.get("/sitemap.xml").content)

    assert index.tag == f"{S}sitemapindex"
    parts = [part.findtext(f"{S}loc") for part in index]
    assert len(parts) > 1
    read = [sitemap(client, part.removeprefix("http://testserver")) for part in parts]
    assert all(len(part) <= 4 for part in read)
    assert {url: moment for part in read for url, moment in part.items()} == whole
    for nothing in (0, "01", len(parts) + 1, "9" * 40):
        assert client.get(f"/sitemap-{nothing}.xml").status_code == 404


def test_a_map_that_is_one_file_has_no_parts(client):
    article()

    assert client.get("/sitemap-1.xml").status_code == 404


def test_the_map_costs_the_same_for_one_article_and_for_ten(client, django_assert_num_queries):
    article(topics=[topic()])
    with CaptureQueriesContext(connection) as for_one:
        client.get("/sitemap.xml")
    for _ in range(9):
        article(topics=[topic()], series=series())

    with django_assert_num_queries(len(for_one)):
        assert len(sitemap(client)) > 30


# The rules, and the guide


def test_robots_keep_out_of_the_admin_and_the_search_and_know_the_map(client, settings):
    lines = client.get("/robots.txt").text.splitlines()

    assert lines == [
        "User-agent: *",
        "Disallow: /admin/",
        "Disallow: /articles/search/",
        "",
        f"Sitemap: {settings.SITE_URL}/sitemap.xml",
    ]


def test_the_guide_for_assistants_has_the_form_they_know(client):
    """llmstxt.org: one h1, a quoted summary, and h2 sections that are lists of links."""
    SiteSettings.objects.update(description="Backends [we] *build*", home_intro="Join us.")
    article(text={"title": "On [queues]", "summary": "Why they fill"})
    article(live_from=None, text={"title": "A draft"})
    office(name="Copenhagen"), page(title="About")

    text = client.get("/llms.txt").text

    tree = lxml.html.fromstring(MarkdownIt("commonmark").render(text))
    assert [heading.text for heading in tree.xpath("//h1")] == [SiteSettings.load().name]
    assert tree.xpath("string(//blockquote)").strip() == "Backends [we] *build*"
    sections = [heading.text for heading in tree.xpath("//h2")]
    assert sections == ["Articles", "What we do", "Offices", "Optional"]
    assert len(tree.xpath("//h2/following-sibling::*[1][self::ul]")) == len(sections)
    [queues] = tree.xpath("//a[text()='On [queues]']")
    assert queues.tail == ": Why they fill"
    assert queues.get("href").endswith(".md")
    assert "A draft" not in text
    [copenhagen] = tree.xpath("//a[text()='Copenhagen']")
    assert re.search(r"\(UTC\+[12]\)$", copenhagen.tail)
    for url in tree.xpath("//a/@href"):
        assert client.get(url.removeprefix("http://testserver")).status_code == 200, url


def test_a_site_that_was_just_installed_has_a_guide(client):
    assert client.get("/llms.txt").text.startswith("# ")


# Where to report vulnerabilities


def fields(client):
    text = client.get("/.well-known/security.txt").text
    return dict(line.split(": ", 1) for line in text.splitlines())


def test_security_txt_says_what_the_rfc_requires(client, settings):
    said = fields(client)

    assert said["Contact"] == f"{settings.SITE_URL}/contact/"
    assert said["Canonical"] == f"{settings.SITE_URL}/.well-known/security.txt"
    assert said["Preferred-Languages"] == "en"
    expires = datetime.fromisoformat(said["Expires"])
    assert timedelta(days=30) < expires - timezone.now() < timedelta(days=365)


def test_security_txt_changes_once_a_day(client):
    with time_machine.travel("2026-03-02 00:10Z", tick=False):
        early = fields(client)
    with time_machine.travel("2026-03-02 23:50Z", tick=False):
        late = fields(client)
    with time_machine.travel("2026-03-03 00:10Z", tick=False):
        next_day = fields(client)

    assert early == late
    assert early["Expires"] < next_day["Expires"]


@pytest.mark.parametrize(
    ("contact", "uri"),
    [
        ("security@example.com", "mailto:security@example.com"),
        ("https://example.com/report", "https://example.com/report"),
    ],
)
def test_staff_name_the_security_contact(client, contact, uri):
    site = SiteSettings.load()
    site.security_contact = contact
    site.full_clean()
    site.save()

    assert fields(client)["Contact"] == uri


@pytest.mark.parametrize(
    "contact", ["http://example.com", "me", "a@b.dk\nExpires: never", "https://"]
)
def test_a_contact_that_is_none_is_refused(contact):
    site = SiteSettings.load()
    site.security_contact = contact

    with pytest.raises(ValidationError, match="Enter an email address"):
        site.full_clean()


# How it looks


def test_the_manifest_names_icons_that_are_there_in_their_sizes(client, settings):
    manifest = json.loads(client.get("/manifest.webmanifest").content)

    assert manifest["name"] == SiteSettings.load().name
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in manifest["icons"]}
    for icon in manifest["icons"]:
        file = settings.BASE_DIR / icon["src"].removeprefix("/")
        with Image.open(file) as picture:
            assert "{}x{}".format(*picture.size) == icon["sizes"]


def test_the_small_icons_are_pictures(client):
    for address, size in (("/favicon.ico", (48, 48)), ("/apple-touch-icon.png", (180, 180))):
        assert Image.open(BytesIO(client.get(address).content)).size == size
