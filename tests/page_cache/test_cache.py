"""The store of finished pages, before a site of a few lines that counts how often it is asked."""

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
from page_cache.cache import PageCache, best_coding
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
def make_store(site, stamp):
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
def store(make_store):
    return make_store()


@pytest.fixture
def every_request_asks(monkeypatch):
    monkeypatch.setattr(cache_module, "STAMP_SECONDS", 0)


def ask(store, path="/", query="", method="GET", **environ):
    """`environ` in WSGI's names: HTTP_ACCEPT_ENCODING and so on."""
    request = RequestFactory().generic(method, path, QUERY_STRING=query, HTTP_HOST="testserver")
    request.environ.pop("HTTP_COOKIE")  # the factory sends an empty one
    said = []
    chunks = store(request.environ | environ, lambda *answer: said.extend(answer[:2]))
    return Answered(*said, b"".join(chunks))


# What it hands out


def test_a_page_is_made_once_and_handed_out_ever_after(store, site):
    answers = [ask(store) for _ in range(3)]

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
def test_each_browser_gets_the_coding_it_asks_for(store, accepted, coding, unpack):
    for _ in range(2):  # made for this visitor, then kept
        answer = ask(store, HTTP_ACCEPT_ENCODING=accepted)

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


def test_the_first_visitor_gets_the_shortest_form_as_everybody_after(store):
    first, later = (ask(store, HTTP_ACCEPT_ENCODING="br") for _ in range(2))

    assert first.body == later.body == brotli.compress(PAGE, quality=11)
    assert first.headers["content-length"] == str(len(first.body))


@pytest.mark.parametrize("asked", ['W/"one"', '"one"', '"other", W/"one"', "*"])
def test_who_has_the_page_already_is_told_so(store, asked):
    for _ in range(2):
        answer = ask(store, HTTP_IF_NONE_MATCH=asked, HTTP_ACCEPT_ENCODING="br")

        assert (answer.status, answer.body) == (304, b"")
        assert answer.headers["etag"] == 'W/"one"'
        assert "content-length" not in answer.headers


@pytest.mark.parametrize("asked", ['"other"', "one", "", '"', "W/", '"one', "\x00"])
def test_who_has_another_page_or_talks_nonsense_gets_this_one(store, asked):
    assert ask(store, HTTP_IF_NONE_MATCH=asked).status == 200
    assert ask(store, HTTP_IF_NONE_MATCH=asked).status == 200


def test_the_first_question_being_a_conditional_one_keeps_the_whole_page(store, site):
    ask(
        store, HTTP_IF_NONE_MATCH='"one"', HTTP_IF_MODIFIED_SINCE="yesterday", HTTP_RANGE="bytes=1-"
    )

    assert ask(store).body == PAGE
    assert len(site.asked) == 1


def test_a_head_is_the_page_without_its_body(store, site):
    whole, head = ask(store), ask(store, method="HEAD")

    assert (head.body, whole.body) == (b"", PAGE)
    assert head.headers == whole.headers
    assert len(site.asked) == 1


def test_a_head_of_what_is_not_kept_is_asked_of_the_site_as_it_is(store, site):
    assert ask(store, method="HEAD").body == b""

    assert ask(store).body == PAGE
    assert len(site.asked) == 2


def test_a_page_that_failed_once_is_a_page_all_the_same(store, site):
    site.answers["/"] = ("500 Internal Server Error", {"Cache-Control": "no-store"}, b"")
    ask(store)
    ask(store, query="x" * 501)
    site.answers.clear()

    ask(store)

    assert not store._uncacheable
    assert ask(store).body == PAGE


# How long it holds


def test_what_changed_is_made_anew(store, site, stamp, every_request_asks):
    ask(store)
    site.answers["/"] = ("200 OK", {"ETag": '"two"'}, b"New words")

    stamp[0] = Stamp("second", inf)

    assert ask(store, HTTP_IF_NONE_MATCH='W/"one"').body == b"New words"


def test_the_stamp_is_asked_once_a_second_not_once_a_visitor(make_store):
    asked = []
    store = make_store(ask=lambda: asked.append(1) or Stamp("first", inf))

    for _ in range(50):
        ask(store)

    assert len(asked) == 1


def test_the_hour_of_a_scheduled_change_is_kept_to_the_moment(store, site, stamp, monkeypatch):
    now = time.monotonic()
    monkeypatch.setattr(cache_module.time, "monotonic", lambda: now)
    stamp[0] = Stamp("before", 0.05)
    ask(store)
    stamp[0] = Stamp("after", inf)
    site.answers["/"] = ("200 OK", {}, b"New words")

    assert ask(store).body == PAGE
    now += 0.06
    assert ask(store).body == b"New words"


def test_a_page_made_while_something_changed_is_not_kept(make_store, site, stamp, monkeypatch):
    monkeypatch.setattr(cache_module, "STAMP_SECONDS", 0)
    store = make_store()

    def change_meanwhile(environ, start_response):
        stamp[0] = Stamp("second", inf)
        return site(environ, start_response)

    store._application = change_meanwhile
    ask(store)
    ask(store)

    assert len(site.asked) == 2


def test_while_the_database_is_away_what_is_known_goes_on_being_served(
    make_store, site, every_request_asks, caplog
):
    answers = iter([Stamp("first", inf)])
    store = make_store(ask=lambda: next(answers))
    ask(store)

    answer = ask(store)

    assert (answer.status, len(site.asked)) == (200, 1)
    assert "Nobody says" in caplog.text


def test_as_long_as_nobody_knows_the_stamp_the_site_itself_answers(make_store, site, caplog):
    def refuse():
        raise OSError("connection refused")

    store = make_store(ask=refuse)

    assert [ask(store).status for _ in range(2)] == [200, 200]
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
def test_an_answer_that_is_not_a_page_for_everybody_is_uncacheable(store, site, status, headers):
    site.answers["/"] = (status, headers, PAGE)

    answers = [ask(store), ask(store)]

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
def test_a_request_that_is_not_everybodys_goes_to_the_site(store, site, environ):
    ask(store, path=environ.get("PATH_INFO", "/"))
    before = len(site.asked)

    ask(store, **environ)

    assert len(site.asked) == before + 1


def test_where_https_is_the_rule_a_plain_request_goes_to_the_site(make_store, site):
    store = make_store(needs_https=True)
    for _ in range(2):
        ask(store, HTTP_X_FORWARDED_PROTO="https")

    ask(store, HTTP_X_FORWARDED_PROTO="http")
    ask(store)

    assert len(site.asked) == 3


def test_an_answer_that_is_not_kept_is_compressed_and_confirmed_all_the_same(store, site):
    site.answers["/"] = ("200 OK", {"Cache-Control": "no-store"}, PAGE)

    packed = ask(store, HTTP_ACCEPT_ENCODING="br")
    known = ask(store, HTTP_IF_NONE_MATCH='"one"')

    assert brotli.decompress(packed.body) == PAGE
    assert (known.status, known.body) == (304, b"")


def test_an_answer_that_sets_a_cookie_is_not_compressed(store, site):
    """Compressed beside words of the visitor's, a secret can be guessed (BREACH)."""
    site.answers["/"] = ("200 OK", {"Set-Cookie": "a=b"}, PAGE)

    assert "content-encoding" not in ask(store, HTTP_ACCEPT_ENCODING="br").headers


# Queries


def test_a_query_that_means_nothing_neither_splits_nor_floods(store, site):
    answers = [ask(store, query=f"utm_source={number}&fbclid=x") for number in range(100)]

    assert len(site.asked) == 1
    assert {answer.body for answer in answers} == {PAGE}


def test_a_parameter_that_is_named_makes_another_page_and_no_other_does(store, site):
    site.answers["/"] = ("200 OK", {"No-Vary-Search": 'params, except=("page")'}, PAGE)

    for query in [
        "",
        "utm_source=a",
        "page=2",
        "page=2&utm_source=a",
        "fbclid=b&page=%32",
        "page=3",
    ]:
        ask(store, query=query)
        ask(store, query=query)

    assert len(site.asked) == 3


def test_an_endless_query_is_answered_and_not_kept(store, site):
    for number in range(2):
        assert ask(store, query="page=" + str(number) * 5000).status == 200

    assert len(site.asked) == 2
    assert not store._generation.entries


def test_a_question_mark_in_a_path_is_no_query(store, site):
    site.answers["/"] = ("200 OK", {"No-Vary-Search": 'params, except=("page")'}, PAGE)
    site.answers["/?page=2"] = ("404 Not Found", {}, b"Nothing here")
    ask(store, query="page=2")

    assert ask(store, PATH_INFO="/?page=2").status == 404


# Many at once, and for long


def waits_for_another(thread):
    """Whether it stands where the store has one wait while another makes the page."""
    frame = sys._current_frames().get(thread.ident)
    return frame is not None and frame.f_code.co_name == "_alone"


def visit_while_one_makes_the_page(store, site, count):
    """All ask at once, and the first is answered when the others wait or have asked as well."""
    asked_before, may_answer, answers = len(site.asked), threading.Event(), []
    site.before_answering = lambda: may_answer.wait(60)
    visitors = [threading.Thread(target=lambda: answers.append(ask(store))) for _ in range(count)]
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


def test_a_cold_page_is_made_by_one_while_the_others_wait_for_it(store, site, patient):
    answers = visit_while_one_makes_the_page(store, site, 8)

    assert len(site.asked) == 1
    assert [answer.body for answer in answers] == [PAGE] * 8


def test_no_visitor_waits_for_another_where_the_answer_is_not_kept(store, site):
    site.answers["/"] = ("200 OK", {"Cache-Control": "no-store"}, PAGE)
    ask(store)

    answers = visit_while_one_makes_the_page(store, site, 4)

    assert len(site.asked) == 1 + 4
    assert len(answers) == 4


def test_an_address_that_led_nowhere_is_like_any_other_once_it_leads_somewhere(
    store, site, stamp, every_request_asks, patient
):
    site.answers["/"] = ("404 Not Found", {}, b"Nothing here")
    ask(store)
    site.answers.clear()
    stamp[0] = Stamp("published", inf)

    visit_while_one_makes_the_page(store, site, 4)

    assert len(site.asked) == 1 + 1


def test_a_page_that_two_have_made_counts_once(store):
    ask(store)
    [page] = store._generation.entries.values()

    store._generation.put("/", "", frozenset(), page)

    assert store._generation.bytes == page.size


def test_memory_is_bounded_and_the_least_used_page_makes_room(make_store, site):
    store = make_store(max_bytes=30_000)
    ask(store, "/liked/")

    for number in range(50):
        ask(store, f"/{number}/")
        ask(store, "/liked/")

    assert store._generation.bytes <= 30_000
    assert sum(page.size for page in store._generation.entries.values()) == store._generation.bytes
    assert site.asked.count("/liked/") == 1
    ask(store, "/0/")
    assert site.asked.count("/0/") == 2


def test_a_page_larger_than_the_store_is_served_and_not_kept(make_store, site):
    store = make_store(max_bytes=1_000)

    assert [ask(store).body for _ in range(2)] == [PAGE, PAGE]
    assert len(site.asked) == 2


def test_addresses_that_lead_nowhere_fill_nothing(store, site, monkeypatch):
    monkeypatch.setattr(cache_module, "MAX_REMEMBERED", 10)
    for number in range(100):
        site.answers[f"/{number}/"] = ("404 Not Found", {}, b"")
        ask(store, f"/{number}/")

    assert len(store._uncacheable) <= 10
    assert not store._making
    assert not store._generation.entries


def test_a_redirect_for_one_query_leaves_the_kept_page_to_all_others(make_store, site):
    """Other systems' /?p=123: the home page says which of its parameters matter."""
    store = make_store()
    site.answers["/"] = ("200 OK", {"No-Vary-Search": 'params, except=("p" "page%5Fid")'}, PAGE)
    ask(store)
    site.answers["/"] = ("301 Moved Permanently", {"Cache-Control": "no-store"}, b"")

    assert ask(store, query="p=123").status == 301
    assert ask(store, query="page_id=1").status == 301
    assert ask(store, query="utm_source=mail").status == 200
    assert ask(store).status == 200
    assert len(site.asked) == 3
