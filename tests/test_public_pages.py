"""What every public page promises: the same for all, kept by anyone, nothing foreign in it."""

from datetime import timedelta

import lxml.html
import pytest
from django.contrib.staticfiles import finders
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.roles import PUBLISHER
from articles import publishing
from images.tasks import make_renditions
from pages.models import Feature, MenuLink, Service, SiteSettings
from tests.builders import (
    article,
    author,
    image,
    office,
    page,
    revision,
    series,
    signed_in,
    topic,
)
from tests.headers import UNKEYED

pytestmark = pytest.mark.django_db

# What a browser fetches to show a page; the other links are for those who look for them.
LOADED = "//@src | //link[not(@rel='canonical' or @rel='alternate' or @rel='manifest')]/@href"


@pytest.fixture
def addresses():
    """A site with something of everything, and the address of each kind of page."""
    cover = image()
    make_renditions(cover.pk)
    queues, apart, ada = topic(), series(), author(image=cover, bio="Writes about queues.")
    text = {"cover": cover, "body": f'<h2>One</h2><p>x</p><img src="/" data-file="{cover.pk}">'}
    shown = article(text=text, authors=[ada], topics=[queues], series=apart, series_position=1)
    for _ in range(13):
        article(text={"cover": cover}, authors=[ada])
    place = office(image=cover, is_headquarters=True)
    offer = Service.objects.create(heading="We scale your backend", text="First.\n\nSecond.")
    Feature.objects.create(service=offer, title="Reliability", text="We measure first.")
    return {
        "home": "/",
        "articles": "/articles/",
        "second page": "/articles/?page=2",
        "article": shown.get_absolute_url(),
        "topics": "/articles/topics/",
        "all series": "/articles/series/",
        "authors": "/articles/authors/",
        "topic": queues.get_absolute_url(),
        "author": ada.get_absolute_url(),
        "series": apart.get_absolute_url(),
        "offices": "/offices/",
        "office": place.get_absolute_url(),
        "services": "/services/",
        "page": "/privacy/",
        "contact": "/contact/",
        "brief": "/contact/brief/",
        "thanks": "/contact/thanks/",
    }


@pytest.fixture
def gone():
    """The address of a retired article."""
    unpublished = article()
    publishing.retire(unpublished, at=timezone.now())
    return unpublished.get_absolute_url()


def parsed(answer):
    return lxml.html.fromstring(answer.content)


# The same for everyone


def test_every_page_is_the_same_bytes_for_everyone_and_sets_no_cookie(addresses):
    visitor, another, publisher = Client(), Client(), signed_in(PUBLISHER)
    for name, address in addresses.items():
        asked = [
            visitor.get(address),
            visitor.get(address),
            another.get(address, headers={"accept-language": "da", "cookie": "a=b"}),
            publisher.get(address),
        ]
        assert {answer.status_code for answer in asked} == {200}, name
        assert len({answer.content for answer in asked}) == 1, name
        assert not [answer.cookies for answer in asked if answer.cookies], name
        assert "cookie" not in asked[-1].headers.get("Vary", "").lower(), name


def test_a_page_says_nothing_of_the_campaign_that_led_to_it(client, addresses):
    plain = client.get(addresses["article"])

    tracked = client.get(addresses["article"] + "?utm_source=letter&q=%22%3E%3Cscript%3E")

    assert tracked.content == plain.content


def test_a_header_that_no_cache_looks_at_changes_nothing(client, addresses):
    for place, address in addresses.items():
        plain = client.get(address)
        for name, value in UNKEYED.items():
            other = client.get(address, headers={name: value})
            assert (other.content, other.headers) == (plain.content, plain.headers), (place, name)


def test_a_copy_of_every_page_can_be_kept_and_asked_about(client, addresses):
    for name, address in addresses.items():
        first = client.get(address)
        again = client.get(address, headers={"if-none-match": first.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b""), name
        for answer in (first, again):
            kept = answer.headers["Cache-Control"]
            assert kept == "public, max-age=0, s-maxage=1, stale-while-revalidate=1", name
            assert answer.headers["ETag"] == first.headers["ETag"], name


def test_a_changed_page_is_sent_anew(client, addresses):
    first = client.get("/")

    SiteSettings.objects.update(home_heading="Another heading")
    again = client.get("/", headers={"if-none-match": first.headers["ETag"]})

    assert again.status_code == 200
    assert "Another heading" in again.text


def test_what_is_published_is_on_every_affected_page_at_once(client, addresses):
    tags = {name: client.get(addresses[name]).headers["ETag"] for name in ("home", "articles")}

    article(live_from=timedelta(0), text={"title": "Just published"})

    for name, tag in tags.items():
        answer = client.get(addresses[name], headers={"if-none-match": tag})
        assert answer.status_code == 200
        assert "Just published" in answer.text


def test_every_page_can_be_asked_for_its_head_alone(client, addresses):
    for name, address in addresses.items():
        whole, head = client.get(address), client.head(address)
        assert (head.status_code, head.content) == (200, b""), name
        assert head.headers["Cache-Control"] == whole.headers["Cache-Control"], name


def test_pages_for_nobody_in_particular_are_kept_by_nobody():
    for client, address in (
        (Client(), "/healthz"),
        (Client(), "/readyz"),
        (Client(), "/admin/login/"),
        (signed_in(PUBLISHER), "/admin/"),
    ):
        assert "no-store" in client.get(address).headers["Cache-Control"]


def test_nobody_keeps_a_redirect_or_what_is_missing(client):
    """A redirect may repeat one visitor's query; and missing pages are counted."""
    moved = article(slug="old")
    moved.slug = "new"
    moved.save()

    for address in ("/articles/old/", "/contact?email=ada@example.com", "/nowhere/"):
        answer = client.get(address)
        assert answer.status_code in (301, 404)
        assert answer.headers["Cache-Control"] == "no-store"
        assert "No-Vary-Search" not in answer.headers


# What protects the reader


def policy(answer):
    """The content security policy: what is allowed, by directive."""
    directives = answer.headers["Content-Security-Policy"].split(";")
    return {name: set(allowed) for name, *allowed in map(str.split, directives)}


def everywhere(addresses, gone):
    """An answer of every kind: public pages, error pages, and the admin."""
    visitor, publisher = Client(), signed_in(PUBLISHER)
    draft = article(live_from=None)
    return {
        **{name: visitor.get(address) for name, address in addresses.items()},
        "not found": visitor.get("/nowhere/"),
        "gone": visitor.get(gone),
        "refused": visitor.post("/contact/", {}, headers={"origin": "https://evil.example"}),
        "login": visitor.get("/admin/login/"),
        "desk": publisher.get("/admin/"),
        "list": publisher.get("/admin/articles/article/"),
        "editor": publisher.get(f"/admin/articles/article/{draft.pk}/change/"),
        "page editor": publisher.get("/admin/pages/page/add/", follow=True),
        "preview": publisher.get(f"/admin/articles/article/{draft.pk}/preview/"),
    }


EDITORS = ("editor", "page editor")


def test_every_answer_carries_a_strict_policy(addresses, gone):
    for name, answer in everywhere(addresses, gone).items():
        allowed = policy(answer)
        assert allowed["default-src"] == {"'none'"}, name
        hashes = {source for source in allowed["style-src"] if source.startswith("'sha256-")}
        assert allowed["style-src"] - hashes == {"'self'"}, name
        assert not hashes or name in EDITORS, name
        assert allowed["object-src"] == allowed["base-uri"] == {"'none'"}, name
        assert allowed["form-action"] == {"'self'"}, name
        assert allowed["frame-ancestors"] == {"'none'"}, name
        extra = allowed["script-src"] - {"'self'"}
        if name in EDITORS:
            assert [source[:7] for source in extra] == ["'nonce-"], name
        else:
            assert extra == set(), name
        everything = set().union(*allowed.values())
        assert not everything & {"'unsafe-inline'", "'unsafe-eval'", "*", "http:", "https:"}, name


def test_the_nonce_is_another_each_time():
    publisher = signed_in(PUBLISHER)

    nonces = {
        policy(publisher.get("/admin/pages/page/add/", follow=True))["script-src"]
        .difference(["'self'"])
        .pop()
        for _ in range(3)
    }

    assert len(nonces) == 3


def test_every_answer_carries_the_usual_headers(addresses, gone):
    for name, answer in everywhere(addresses, gone).items():
        assert answer.headers["X-Content-Type-Options"] == "nosniff", name
        assert answer.headers["X-Frame-Options"] == "DENY", name
        assert answer.headers["Referrer-Policy"], name
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin", name


def test_no_page_needs_what_its_policy_forbids(addresses, gone):
    """Inline script, inline style, or anything from another host would be blocked."""
    for name, answer in everywhere(addresses, gone).items():
        if name in EDITORS:
            continue
        document = parsed(answer)
        inline = document.xpath("//script[not(@src) and not(@type='application/ld+json')]")
        assert not [script for script in inline if not script.get("type", "").endswith("json")], (
            name
        )
        assert not document.xpath("//style | //*[@style]"), name
        handlers = document.xpath("//@*[starts-with(name(), 'on')]")
        assert not handlers, name
        loaded = document.xpath(LOADED)
        assert loaded or name == "refused"
        assert all(address.startswith(("/", "data:")) for address in loaded), (name, loaded)


# What a page consists of


def test_every_page_says_to_programs_what_it_is(client, addresses, settings):
    for name, address in addresses.items():
        document = parsed(client.get(address))
        assert document.get("lang") == "en", name
        assert len(document.xpath("//h1")) == 1, name
        assert document.xpath("string(//title)").strip(), name
        assert len(document.xpath("//meta[@name='description']")) == 1, name
        ids = document.xpath("//@id")
        assert len(ids) == len(set(ids)), name
        if name != "thanks":
            [canonical] = document.xpath("//link[@rel='canonical']/@href")
            assert canonical == f"{settings.SITE_URL}{address}", name


def test_no_two_pages_have_the_same_title(client, addresses):
    titles = [
        parsed(client.get(address)).xpath("string(//title)") for address in addresses.values()
    ]

    assert len(set(titles)) == len(titles)


def test_every_link_leads_somewhere_and_every_file_is_there(client, addresses):
    links, files = set(), set()
    for address in addresses.values():
        document = parsed(client.get(address))
        links |= set(document.xpath("//a/@href | //form/@action"))
        links |= set(document.xpath("//link[@rel='alternate' or @rel='manifest']/@href"))
        files |= set(document.xpath(LOADED))

    inside = {link.partition("#")[0] for link in links if link.startswith("/")}
    unknown = {
        link for link in links if not link.startswith(("/", "#", "?", "https://", "mailto:"))
    }
    assert not unknown
    assert len(inside) > 20
    for link in inside - {"/admin/"}:
        assert client.get(link).status_code == 200, link
    static = {name.removeprefix("/static/") for name in files if name.startswith("/static/")}
    assert static
    assert all(finders.find(name) for name in static), static
    media = {name.removeprefix("/media/") for name in files if name.startswith("/media/")}
    assert media
    assert all(default_storage.exists(name) for name in media), media
    made = {name for name in files if name.startswith("/name-")}
    assert [client.get(name).status_code for name in made] == [200]
    assert len(static) + len(media) + len(made) == len(files)


def test_every_jump_within_a_page_has_a_place_to_land(client, addresses):
    for name, address in addresses.items():
        document = parsed(client.get(address))
        jumps = {link[1:] for link in document.xpath("//a/@href[starts-with(., '#')]")}
        assert jumps <= set(document.xpath("//@id")), name


def test_the_form_stands_on_every_page_and_knows_where(client, addresses):
    for name, address in addresses.items():
        forms = parsed(client.get(address)).xpath("//form[@data-inquiry-form]")
        if name == "thanks":
            assert not forms
            continue
        [form] = forms
        assert form.get("action") == (address if name == "brief" else "/contact/"), name
        assert form.fields["page"] == address.partition("?")[0], name
        assert "csrfmiddlewaretoken" not in form.fields, name
        for field in ("name", "email", "company", "message"):
            assert form.xpath(f".//label[@for='inquiry-{field}']"), name


def test_the_form_on_an_article_knows_the_article(client, addresses):
    [form] = parsed(client.get(addresses["article"])).xpath("//form[@id='inquiry-form']")

    assert form.fields["about"] == addresses["article"].split("/")[2]


def test_an_article_shows_every_block_that_its_reader_may_need(client, addresses):
    text = " ".join(parsed(client.get(addresses["article"])).text_content().split())

    blocks = [
        "We scale your backend",
        "Reliability We measure first.",
        SiteSettings.load().form_heading,
        "Carlsberg Gate 1",
        "More articles",
    ]
    assert [block for block in blocks if block not in text] == []


def test_the_home_page_shows_what_we_offer_what_we_wrote_and_where_we_are(client, addresses):
    SiteSettings.objects.update(home_heading="Backends, written down", home_intro="We build them.")
    newest = article(live_from=timedelta(0), text={"title": "The newest of all"})

    document = parsed(client.get("/"))

    text = " ".join(document.text_content().split())
    assert document.xpath("string(//h1)").strip() == "Backends, written down"
    for words in ("We build them.", "First. Second.", "Reliability", "Carlsberg Gate 1"):
        assert words in text
    assert document.xpath("//article//a/@href")[0] == newest.get_absolute_url()
    assert len(document.xpath("//section[@aria-labelledby='latest']//article")) == 5


def test_a_site_that_was_just_installed_shows_every_page(client):
    for address in ("/", "/articles/", "/offices/", "/services/", "/contact/", "/contact/thanks/"):
        assert client.get(address).status_code == 200, address


# What pages cost


def test_no_page_costs_more_as_the_site_grows(client, addresses, django_assert_max_num_queries):
    def cost(address):
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        return len(queries)

    costs = {address: cost(address) for address in addresses.values()}

    picture = image()
    make_renditions(picture.pk)
    for number in range(9):
        office(image=picture)
        page(body=f'<p>Copy</p><img src="/" data-file="{picture.pk}">')
        MenuLink.objects.create(label=f"Link {number}", page=page(), place="footer")
        offer = Service.objects.create(heading=f"Service {number}", text="Text")
        Feature.objects.create(service=offer, title="Feature", text="Text")
        revision(article(topics=[topic()]), cover=picture, live_from=timedelta(0))

    for address, before in costs.items():
        with django_assert_max_num_queries(before):
            client.get(address)


def test_a_page_with_pictures_costs_the_same_for_one_and_for_ten(client, django_assert_num_queries):
    def figures(count):
        pictures = [image() for _ in range(count)]
        for picture in pictures:
            make_renditions(picture.pk)
        return "".join(f'<img src="/" data-file="{picture.pk}">' for picture in pictures)

    about = page(body=f"<p>One</p>{figures(1)}")
    with CaptureQueriesContext(connection) as for_one:
        client.get(about.get_absolute_url())
    about.body = f"<p>Ten</p>{figures(10)}"
    about.save()

    with django_assert_num_queries(len(for_one)):
        answer = client.get(about.get_absolute_url())

    assert len(parsed(answer).xpath("//div[@class='prose']//img")) == 10
