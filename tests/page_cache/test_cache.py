"""The cache of finished pages, before a site of a few lines that counts how often it is asked."""

import gzip
import re
import sys
import threading
import time
from math import inf

import brotli
import pytest
from django.test import RequestFactory

from devtools.processes import wait_until
from page_cache import cache as cache_module
from page_cache.anonymous import AnonymousRequest
from page_cache.cache import PageCache
from page_cache.responses import best_coding
from page_cache.stamp import Stamp
from web.negotiation import HTML, MARKDOWN, prefers_markdown

PAGE = ("<p>Some words that are worth a coding, again and again.</p>" * 40).encode()
PUBLIC = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "public, max-age=0, s-maxage=1",
    "ETag": '"one"',
    "Vary": "Accept-Encoding",
    "No-Vary-Search": "params",
}


class Site:
    """Answers every path with the same page, or with what `answers` has for it."""

    def __init__(self):
        self.asked = []
        self.answers = {}
        self.before_answering = lambda: None

    def __call__(self, environ, start_response):
        path = environ["PATH_INFO"]
        self.asked.append(path)
        self.before_answering()
        status, headers, body = self.answers.get(path, ("200 OK", {}, PAGE))
        start_response(status, list({**PUBLIC, **headers}.items()))
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


class Answered:
    def __init__(self, status, headers, body):
        self.status = int(status.split()[0])
        self.headers = {name.lower(): value for name, value in headers}
        self.body = body


@pytest.fixture
def site():
    return Site()


@pytest.fixture
def stamp():
    """What the database says, in a list so that a test can change it."""
    return [Stamp("first", inf)]


@pytest.fixture
def make_cache(site, stamp):
    def make(max_bytes=1_000_000, **options):
        return PageCache(
            site,
            stamp=options.pop("ask", lambda: stamp[0]),
            max_bytes=max_bytes,
            anonymous=AnonymousRequest(
                hosts=["testserver"],
                passed=("/static/", "/admin/"),
                private_cookie="desk_session",
                one_visitors=re.compile("/readiness/.|/articles/search/", re.DOTALL),
                form_of=lambda accept: MARKDOWN if prefers_markdown(accept) else HTML,
                **options,
            ),
        )

    return make


@pytest.fixture
def cache(make_cache):
    return make_cache()


@pytest.fixture
def every_request_asks(monkeypatch):
    monkeypatch.setattr(cache_module, "STAMP_SECONDS", 0)


def ask(cache, path="/", query="", method="GET", **environ):
    """`environ` in WSGI's names: HTTP_ACCEPT_ENCODING and so on."""
    request = RequestFactory().generic(method, path, QUERY_STRING=query, HTTP_HOST="testserver")
    request.environ.pop("HTTP_COOKIE")  # the factory sends an empty one
    said = []
    chunks = cache(request.environ | environ, lambda *answer: said.extend(answer[:2]))
    return Answered(*said, b"".join(chunks))


# What it hands out


def test_a_page_is_made_once_and_handed_out_ever_after(cache, site):
    answers = [ask(cache) for _ in range(3)]

    assert site.asked == ["/"]
    assert {(answer.status, answer.body) for answer in answers} == {(200, PAGE)}


@pytest.mark.parametrize(
    ("accepted", "coding", "unpack"),
    [
        ("gzip, deflate, br", "br", brotli.decompress),
        ("gzip", "gzip", gzip.decompress),
        ("identity", None, bytes),
        ("", None, bytes),
    ],
)
def test_each_browser_gets_the_coding_it_asks_for(cache, accepted, coding, unpack):
    for _ in range(2):  # made for this visitor, then kept
        answer = ask(cache, HTTP_ACCEPT_ENCODING=accepted)

        assert answer.headers.get("content-encoding") == coding
        assert unpack(answer.body) == PAGE
        assert answer.headers["content-length"] == str(len(answer.body))
        assert answer.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("br;q=0.5, gzip;q=1.0", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("*", "br"),
        ("*;q=0", ""),
        ("br;q=nonsense", ""),
        ("gzip;q=0.0,", ""),
        ("BR", "br"),
        (";;;,,,=", ""),
        ("x" * 10_000, ""),
    ],
)
def test_odd_wishes_for_a_coding_are_honored_or_ignored(accepted, coding):
    assert best_coding(accepted) == coding


def test_the_first_visitor_gets_the_shortest_form_as_everyone_after(cache):
    first, later = (ask(cache, HTTP_ACCEPT_ENCODING="br") for _ in range(2))

    assert first.body == later.body == brotli.compress(PAGE, quality=11)
    assert first.headers["content-length"] == str(len(first.body))


@pytest.mark.parametrize("asked", ['W/"one"', '"one"', '"other", W/"one"', "*"])
def test_who_has_the_page_already_gets_a_304(cache, asked):
    for _ in range(2):
        answer = ask(cache, HTTP_IF_NONE_MATCH=asked, HTTP_ACCEPT_ENCODING="br")

        assert (answer.status, answer.body) == (304, b"")
        assert answer.headers["etag"] == 'W/"one"'
        assert "content-length" not in answer.headers


@pytest.mark.parametrize("asked", ['"other"', "one", "", '"', "W/", '"one', "\x00"])
def test_who_has_another_page_or_talks_nonsense_gets_this_one(cache, asked):
    assert ask(cache, HTTP_IF_NONE_MATCH=asked).status == 200
    assert ask(cache, HTTP_IF_NONE_MATCH=asked).status == 200


def test_the_first_question_being_a_conditional_one_keeps_the_whole_page(cache, site):
    ask(
        cache, HTTP_IF_NONE_MATCH='"one"', HTTP_IF_MODIFIED_SINCE="yesterday", HTTP_RANGE="bytes=1-"
    )

    assert ask(cache).body == PAGE
    assert len(site.asked) == 1


def test_a_head_is_the_page_without_its_body(cache, site):
    whole, head = ask(cache), ask(cache, method="HEAD")

    assert (head.body, whole.body) == (b"", PAGE)
    assert head.headers == whole.headers
    assert len(site.asked) == 1


def test_a_head_of_what_is_not_kept_is_asked_of_the_site_as_it_is(cache, site):
    assert ask(cache, method="HEAD").body == b""

    assert ask(cache).body == PAGE
    assert len(site.asked) == 2


def test_a_page_that_failed_once_is_a_page_all_the_same(cache, site):
    site.answers["/"] = ("500 Internal Server Error", {"Cache-Control": "no-store"}, b"")
    ask(cache)
    ask(cache, query="x" * 501)
    site.answers.clear()

    ask(cache)

    assert not cache._uncacheable
    assert ask(cache).body == PAGE


# How long it holds


def test_what_changed_is_made_anew(cache, site, stamp, every_request_asks):
    ask(cache)
    site.answers["/"] = ("200 OK", {"ETag": '"two"'}, b"New words")

    stamp[0] = Stamp("second", inf)

    assert ask(cache, HTTP_IF_NONE_MATCH='W/"one"').body == b"New words"


def test_the_stamp_is_asked_once_a_second_not_once_a_visitor(make_cache):
    asked = []
    cache = make_cache(ask=lambda: asked.append(1) or Stamp("first", inf))

    for _ in range(50):
        ask(cache)

    assert len(asked) == 1


def test_the_hour_of_a_scheduled_change_is_kept_to_the_moment(cache, site, stamp, monkeypatch):
    now = time.monotonic()
    monkeypatch.setattr(cache_module.time, "monotonic", lambda: now)
    stamp[0] = Stamp("before", 0.05)
    ask(cache)
    stamp[0] = Stamp("after", inf)
    site.answers["/"] = ("200 OK", {}, b"New words")

    assert ask(cache).body == PAGE
    now += 0.06
    assert ask(cache).body == b"New words"


def test_a_page_made_while_something_changed_is_not_kept(make_cache, site, stamp, monkeypatch):
    monkeypatch.setattr(cache_module, "STAMP_SECONDS", 0)
    cache = make_cache()

    def change_meanwhile(environ, start_response):
        stamp[0] = Stamp("second", inf)
        return site(environ, start_response)

    cache._application = change_meanwhile
    ask(cache)
    ask(cache)

    assert len(site.asked) == 2


def test_while_the_database_is_away_what_is_known_goes_on_being_served(
    make_cache, site, every_request_asks, caplog
):
    answers = iter([Stamp("first", inf)])
    cache = make_cache(ask=lambda: next(answers))
    ask(cache)

    answer = ask(cache)

    assert (answer.status, len(site.asked)) == (200, 1)
    assert "Could not check" in caplog.text


def test_as_long_as_nobody_knows_the_stamp_the_site_itself_answers(make_cache, site, caplog):
    def refuse():
        raise OSError("connection refused")

    cache = make_cache(ask=refuse)

    assert [ask(cache).status for _ in range(2)] == [200, 200]
    assert len(site.asked) == 2


# What it never keeps


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        ("200 OK", {"Set-Cookie": "desk_session=secret"}),
        ("200 OK", {"Cache-Control": "private, no-store"}),
        ("200 OK", {"Cache-Control": "no-store"}),
        ("200 OK", {"Cache-Control": "max-age=60"}),
        ("200 OK", {"Cache-Control": "public, no-store"}),
        ("200 OK", {"Vary": "Cookie"}),
        ("200 OK", {"Vary": "*"}),
        ("200 OK", {"Content-Type": "image/png"}),
        ("404 Not Found", {}),
        ("410 Gone", {}),
        ("301 Moved Permanently", {"Location": "/there/"}),
        ("500 Internal Server Error", {}),
        ("206 Partial Content", {}),
    ],
)
def test_an_answer_that_is_not_a_page_for_everyone_is_uncacheable(cache, site, status, headers):
    site.answers["/"] = (status, headers, PAGE)

    answers = [ask(cache), ask(cache)]

    assert len(site.asked) == 2
    assert {f"{answer.status}" for answer in answers} == {status.split()[0]}
    for name, value in headers.items():
        assert answers[0].headers[name.lower()].startswith(value)


@pytest.mark.parametrize(
    "environ",
    [
        {"HTTP_COOKIE": "theme=dark; desk_session=abc"},
        {"HTTP_HOST": "evil.example"},
        {"HTTP_HOST": ""},
        {"REQUEST_METHOD": "POST"},
        {"REQUEST_METHOD": "OPTIONS"},
        {"HTTP_ACCEPT": "text/markdown"},
        {"PATH_INFO": "/admin/login/"},
    ],
)
def test_a_request_that_is_not_everyones_goes_to_the_site(cache, site, environ):
    ask(cache, path=environ.get("PATH_INFO", "/"))
    before = len(site.asked)

    ask(cache, **environ)

    assert len(site.asked) == before + 1


def test_where_https_is_the_rule_a_plain_request_goes_to_the_site(make_cache, site):
    cache = make_cache(needs_https=True)
    for _ in range(2):
        ask(cache, HTTP_X_FORWARDED_PROTO="https")

    ask(cache, HTTP_X_FORWARDED_PROTO="http")
    ask(cache)

    assert len(site.asked) == 3


def test_an_answer_that_is_not_kept_is_compressed_and_confirmed_all_the_same(cache, site):
    site.answers["/"] = ("200 OK", {"Cache-Control": "no-store"}, PAGE)

    packed = ask(cache, HTTP_ACCEPT_ENCODING="br")
    known = ask(cache, HTTP_IF_NONE_MATCH='"one"')

    assert brotli.decompress(packed.body) == PAGE
    assert (known.status, known.body) == (304, b"")


def test_an_answer_that_sets_a_cookie_is_not_compressed(cache, site):
    """Compressed beside words of the visitor's, a secret can be guessed (BREACH)."""
    site.answers["/"] = ("200 OK", {"Set-Cookie": "a=b"}, PAGE)

    assert "content-encoding" not in ask(cache, HTTP_ACCEPT_ENCODING="br").headers


# Queries


def test_a_query_that_means_nothing_neither_splits_nor_floods(cache, site):
    answers = [ask(cache, query=f"utm_source={number}&fbclid=x") for number in range(100)]

    assert len(site.asked) == 1
    assert {answer.body for answer in answers} == {PAGE}


def test_a_parameter_that_is_named_makes_another_page_and_no_other_does(cache, site):
    site.answers["/"] = ("200 OK", {"No-Vary-Search": 'params, except=("page")'}, PAGE)

    for query in [
        "",
        "utm_source=a",
        "page=2",
        "page=2&utm_source=a",
        "fbclid=b&page=%32",
        "page=3",
    ]:
        ask(cache, query=query)
        ask(cache, query=query)

    assert len(site.asked) == 3


def test_an_endless_query_is_answered_and_not_kept(cache, site):
    for number in range(2):
        assert ask(cache, query="page=" + str(number) * 5000).status == 200

    assert len(site.asked) == 2
    assert not cache._generation.entries


def test_a_question_mark_in_a_path_is_no_query(cache, site):
    site.answers["/"] = ("200 OK", {"No-Vary-Search": 'params, except=("page")'}, PAGE)
    site.answers["/?page=2"] = ("404 Not Found", {}, b"Nothing here")
    ask(cache, query="page=2")

    assert ask(cache, PATH_INFO="/?page=2").status == 404


# Many at once, and for long


def waits_for_another(thread):
    """Whether it waits in the cache while another request makes the page."""
    frame = sys._current_frames().get(thread.ident)
    return frame is not None and frame.f_code.co_name == "_alone"


def visit_while_one_makes_the_page(cache, site, count):
    """All ask at once, and the first is answered when the others wait or have asked as well."""
    asked_before, may_answer, answers = len(site.asked), threading.Event(), []
    site.before_answering = lambda: may_answer.wait(60)
    visitors = [threading.Thread(target=lambda: answers.append(ask(cache))) for _ in range(count)]
    for visitor in visitors:
        visitor.start()
    try:
        assert wait_until(
            lambda: len(site.asked) - asked_before + sum(map(waits_for_another, visitors)) == count,
            seconds=60,
        )
    finally:
        may_answer.set()
        for visitor in visitors:
            visitor.join()
    return answers


@pytest.fixture
def patient(monkeypatch):
    monkeypatch.setattr(cache_module, "PATIENCE", 90)


def test_a_cold_page_is_made_by_one_while_the_others_wait_for_it(cache, site, patient):
    answers = visit_while_one_makes_the_page(cache, site, 8)

    assert len(site.asked) == 1
    assert [answer.body for answer in answers] == [PAGE] * 8


def test_no_visitor_waits_for_another_where_the_answer_is_not_kept(cache, site):
    site.answers["/"] = ("200 OK", {"Cache-Control": "no-store"}, PAGE)
    ask(cache)

    answers = visit_while_one_makes_the_page(cache, site, 4)

    assert len(site.asked) == 1 + 4
    assert len(answers) == 4


def test_an_address_that_led_nowhere_is_like_any_other_once_it_leads_somewhere(
    cache, site, stamp, every_request_asks, patient
):
    site.answers["/"] = ("404 Not Found", {}, b"Nothing here")
    ask(cache)
    site.answers.clear()
    stamp[0] = Stamp("published", inf)

    visit_while_one_makes_the_page(cache, site, 4)

    assert len(site.asked) == 1 + 1


def test_a_page_that_two_have_made_counts_once(cache):
    ask(cache)
    [page] = cache._generation.entries.values()

    cache._generation.put("/", "", frozenset(), page)

    assert cache._generation.bytes == page.size


def test_memory_is_bounded_and_the_least_used_page_makes_room(make_cache, site):
    cache = make_cache(max_bytes=30_000)
    ask(cache, "/liked/")

    for number in range(50):
        ask(cache, f"/{number}/")
        ask(cache, "/liked/")

    assert cache._generation.bytes <= 30_000
    assert sum(page.size for page in cache._generation.entries.values()) == cache._generation.bytes
    assert site.asked.count("/liked/") == 1
    ask(cache, "/0/")
    assert site.asked.count("/0/") == 2


def test_a_page_larger_than_the_store_is_served_and_not_kept(make_cache, site):
    cache = make_cache(max_bytes=1_000)

    assert [ask(cache).body for _ in range(2)] == [PAGE, PAGE]
    assert len(site.asked) == 2


def test_addresses_that_lead_nowhere_fill_nothing(cache, site, monkeypatch):
    monkeypatch.setattr(cache_module, "MAX_REMEMBERED", 10)
    for number in range(100):
        site.answers[f"/{number}/"] = ("404 Not Found", {}, b"")
        ask(cache, f"/{number}/")

    assert len(cache._uncacheable) <= 10
    assert not cache._making
    assert not cache._generation.entries


def test_a_redirect_for_one_query_leaves_the_kept_page_to_all_others(make_cache, site):
    """Other systems' /?p=123: the home page says which of its parameters matter."""
    cache = make_cache()
    site.answers["/"] = ("200 OK", {"No-Vary-Search": 'params, except=("p" "page%5Fid")'}, PAGE)
    ask(cache)
    site.answers["/"] = ("301 Moved Permanently", {"Cache-Control": "no-store"}, b"")

    assert ask(cache, query="p=123").status == 301
    assert ask(cache, query="page_id=1").status == 301
    assert ask(cache, query="utm_source=mail").status == 200
    assert ask(cache).status == 200
    assert len(site.asked) == 3
