import pytest
from django.conf import settings
from django.test import RequestFactory

from config.wsgi import application, site
from pages import changes
from pages.store import PageStore
from tests.builders import article


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("multipart/form-data; boundary=x; charset=hex", "400"),
        ("text/plain; charset=idna", "400"),
        ('application/x-www-form-urlencoded; charset="undefined"', "400"),
    ],
)
def test_a_charset_that_is_none_is_refused_before_it_is_tried(content_type, status):
    environ = RequestFactory().get("/healthz?x=1").environ | {"CONTENT_TYPE": content_type}
    answered = []

    application(environ, lambda line, headers: answered.append(line))

    assert answered[0].startswith(status)


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
    {"HTTP_COOKIE": "sessionid=\x00; =; a=b; csrftoken=\xff"},
    {"HTTP_COOKIE": "sessionid=nobody"},
    {"HTTP_AUTHORIZATION": "Bearer"},
    {"HTTP_CACHE_CONTROL": "only-if-cached, no-cache, max-stale=x"},
    {"HTTP_EXPECT": "100-continue"},
    {"CONTENT_LENGTH": "x"},
    {"QUERY_STRING": "page=%FF%FE&page[]=1&&&=;%"},
    {"QUERY_STRING": "utm_source=" + "x" * 10_000},
]


@pytest.mark.django_db(transaction=True)  # the site closes its connections, as it does in a server
def test_odd_headers_are_honoured_or_ignored():
    plain = RequestFactory().get(article().get_absolute_url(), HTTP_HOST="testserver").environ
    for odd in ODD_HEADERS:
        store = PageStore(
            site,
            stamp=changes.stamp,
            most_bytes=settings.PAGE_STORE_BYTES,
            hosts=["testserver"],
            passed=(settings.STATIC_URL,),
            private_cookie=settings.SESSION_COOKIE_NAME,
        )
        statuses = [ask(store, plain | odd) for _ in range(2)]  # cold, then from the store

        assert set(statuses) <= {200, 304, 400, 412, 416}, odd
        assert ask(store, plain) == 200, odd


def ask(store, environ):
    statuses = []
    chunks = store(dict(environ), lambda line, headers: statuses.append(int(line[:3])))
    b"".join(chunks)
    return statuses[0]
