from importlib import import_module

import pytest
from django.conf import settings
from django.test import RequestFactory

from page_cache import stamp
from page_cache.cache import PageCache
from tests.builders import article, author, office, page, series, topic
from tests.headers import SENT_ALONG
from web import contributions


@pytest.fixture(scope="module")
def wsgi(django_db_setup, django_db_blocker):
    """Its start asks the database."""
    with django_db_blocker.unblock():
        return import_module("config.wsgi")


FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/form-data; boundary=x; charset=hex",
        "text/plain; charset=idna",
        f'{FORM}; charset="undefined"',
        f"{FORM}; charset =cp037",
        f"{FORM}; CharSet = cp037",
        f"{FORM}; charset*=utf-8''cp037",
        f"{FORM}; charset*0=cp; charset*1=037",
        f"{FORM}; charset*=nonsense''utf-8",
        f"{FORM}; x=y; charset=utf-16",
        f"{FORM}; charset=utf-8; charset=hex",
        f"{FORM}; charset=none-such",
    ],
)
def test_a_form_in_another_charset_is_refused_before_it_is_read(wsgi, content_type):
    posted = request("/contact/") | {"REQUEST_METHOD": "POST", "CONTENT_TYPE": content_type}

    assert answer_of(wsgi.application, posted)[0] == 400


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", '"utf-8"'])
def test_a_form_in_utf_8_is_read_whatever_it_calls_that(wsgi, charset):
    content_type = f"{FORM}; charset={charset}"
    posted = request("/contact/") | {"REQUEST_METHOD": "POST", "CONTENT_TYPE": content_type}

    assert answer_of(wsgi.application, posted)[0] == 422


@pytest.fixture
def addresses(transactional_db):
    """Each kind of page that everyone gets."""
    queues, apart, ada = topic(), series(), author()
    shown = article(authors=[ada], topics=[queues], series=apart, series_position=1)
    for _ in range(12):
        article(authors=[ada])
    place, about = office(is_headquarters=True), page()
    return [
        "/", "/articles/", "/articles/?page=2", "/articles/?utm_source=x&page=2",
        shown.get_absolute_url(), f"/articles/{shown.slug}.md", queues.get_absolute_url(),
        ada.get_absolute_url(), apart.get_absolute_url(), "/offices/", place.get_absolute_url(),
        "/services/", about.get_absolute_url(), "/contact/", "/contact/brief/", "/contact/thanks/",
        "/readiness/", "/articles/feed/", "/articles/atom/", "/articles/feed.json", "/sitemap.xml",
        "/robots.txt", "/llms.txt", "/manifest.webmanifest", "/.well-known/security.txt",
    ]  # fmt: skip


def test_nothing_that_is_sent_along_shapes_a_page_or_keeps_it_out_of_the_store(wsgi, addresses):
    everything = {name: value for sent in SENT_ALONG for name, value in sent.items()}
    conditions = {name for name in everything if name.startswith(("HTTP_IF_", "HTTP_RANGE"))}
    everything = {name: everything[name] for name in everything.keys() - conditions}
    store = new_store(wsgi)
    for address in addresses:
        plain = request(address)
        first = answer_of(store, plain)
        empty(store)

        cold = answer_of(store, plain | everything)
        kept = answer_of(store, plain)

        assert first[0] == 200, address
        assert cold == kept == first, address
        assert answer_of(wsgi.unkept, plain | everything) == answer_of(wsgi.unkept, plain), address
        is_kept = "max-age=3600" not in str(first[1])
        assert bool(store._generation.entries) == is_kept, address
        empty(store)


@pytest.mark.parametrize("sent", SENT_ALONG, ids=str)
def test_the_site_is_asked_the_same_whatever_is_sent_along(wsgi, sent):
    plain = request("/articles/?page=2")

    asked, with_it = (wsgi.anonymous(environ) for environ in (plain, plain | sent))

    for environ in (asked, with_it):
        assert environ.pop("wsgi.input").read() == b""
        # Read where nothing is found, which is never kept, and for the log.
        for name in ("HTTP_REFERER", "REMOTE_ADDR", "HTTP_X_FORWARDED_FOR", "HTTP_X_REQUEST_ID"):
            environ.pop(name, None)
    assert asked == with_it


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("method", ["GET", "HEAD", "get"])
@pytest.mark.parametrize("path", ["/articles/search/?q=a", "/nowhere/", "/readiness/1/"])
def test_what_is_only_asked_for_is_read_as_utf_8(wsgi, path, method):
    """Also where the request goes to the site as it is."""
    for kind in ("text/plain; charset =cp037", "x/y; charset*=utf-8''hex"):
        environ = request(path) | {"REQUEST_METHOD": method, "CONTENT_TYPE": kind}
        plain = request(path) | {"REQUEST_METHOD": method}

        assert answer_of(wsgi.application, environ)[0] == answer_of(wsgi.application, plain)[0]


ODD_HEADERS = [
    {"HTTP_ACCEPT": ""},
    {"HTTP_ACCEPT": "*"},
    {"HTTP_ACCEPT": "text/*;q=nonsense, ;;;, application/json"},
    {"HTTP_ACCEPT": "text/markdown;q=2, text/html;q=-1"},
    {"HTTP_ACCEPT": "text/markdown" * 1000},
    {"HTTP_ACCEPT": "image/png"},
    {"HTTP_ACCEPT": "t\xe9xt/markdown"},
    {"HTTP_ACCEPT_ENCODING": "zstd"},
    {"HTTP_ACCEPT_ENCODING": "br;q=nan, gzip;q=inf, *;q=0"},
    {"HTTP_ACCEPT_ENCODING": "identity;q=0, *;q=0"},
    {"HTTP_ACCEPT_ENCODING": "," * 5000},
    {"HTTP_ACCEPT_LANGUAGE": "tlh;q=x"},
    {"HTTP_IF_NONE_MATCH": "W/W/W/"},
    {"HTTP_IF_NONE_MATCH": '"' * 999},
    {"HTTP_IF_NONE_MATCH": "*"},
    {"HTTP_IF_MATCH": '"never"'},
    {"HTTP_IF_MODIFIED_SINCE": "Thu, 99 Foo 99999 99:99:99 GMT"},
    {"HTTP_IF_MODIFIED_SINCE": "Fri, 01 Jan 2100 00:00:00 GMT"},
    {"HTTP_IF_UNMODIFIED_SINCE": "Mon, 01 Jan 1900 00:00:00 GMT"},
    {"HTTP_IF_RANGE": "x", "HTTP_RANGE": "bytes=5-1,-,99999999999999-"},
    {"HTTP_COOKIE": "desk_session=\x00; =; a=b; desk_csrf=\xff"},
    {"HTTP_COOKIE": "desk_session=nobody"},
    {"HTTP_AUTHORIZATION": "Bearer"},
    {"HTTP_CACHE_CONTROL": "only-if-cached, no-cache, max-stale=x"},
    {"HTTP_EXPECT": "100-continue"},
    {"CONTENT_LENGTH": "x"},
    {"QUERY_STRING": "page=%FF%FE&page[]=1&&&=;%"},
    {"QUERY_STRING": "utm_source=" + "x" * 10_000},
]


@pytest.mark.django_db(transaction=True)  # the site closes its connections, as it does in a server
def test_odd_headers_are_honored_or_ignored(wsgi):
    plain = request(article().get_absolute_url())
    store = new_store(wsgi)
    for odd in ODD_HEADERS:
        empty(store)
        statuses = [answer_of(store, plain | odd)[0] for _ in range(2)]  # cold, then kept

        assert set(statuses) <= {200, 304, 400, 412, 416}, odd
        assert answer_of(store, plain)[0] == 200, odd


def request(address):
    environ = RequestFactory().get(address, HTTP_HOST="testserver").environ
    environ.pop("HTTP_COOKIE")  # the factory sends an empty one
    return environ


def new_store(wsgi):
    return PageCache(
        wsgi.site,
        stamp=lambda: stamp.stamp(contributions.moments()),
        max_bytes=settings.PAGE_CACHE_BYTES,
        anonymous=wsgi.anonymous,
    )


def empty(store):
    store._generation, store._ask_again_at = None, 0


def answer_of(application, environ):
    """Status, headers and body."""
    said = []
    chunks = application(dict(environ), lambda line, headers: said.extend([line, headers]))
    body = b"".join(chunks)
    line, headers = said
    return int(line[:3]), sorted(headers), body
