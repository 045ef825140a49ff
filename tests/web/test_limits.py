"""What one visitor may take, who that is, and what becomes of it when nothing can be counted."""

import socket
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.cache import caches
from django.http import HttpResponse
from django.test import RequestFactory

from config import checks
from config.variables import Variables
from devtools.processes import free_port
from web import limits
from web.limits import CannotCount, Limit, peer, refusal
from web.middleware import WorkMiddleware

# Where a window of an hour, and of ten minutes, begins.
NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
TRIES = Limit("tries", most=10, seconds=3600)


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def request(address="203.0.113.9", **headers):
    return RequestFactory().get("/", REMOTE_ADDR=address, **headers)


def spend(limit, times, who="ada"):
    """How many of them there was room for."""
    return sum(limit.spend(who) == 0 for _ in range(times))


def test_no_more_is_spent_than_there_is(clock):
    assert spend(TRIES, 15) == 10


def test_what_one_spends_is_nothing_to_another(clock):
    spend(TRIES, 15, "ada")

    assert spend(TRIES, 15, "grace") == 10


def test_what_costs_more_spends_more(clock):
    assert [TRIES.spend("ada", 4) == 0 for _ in range(4)] == [True, True, False, False]


def test_what_costs_more_than_there_ever_is_is_possible_once(clock):
    assert TRIES.spend("ada", 50) == 0
    assert TRIES.spend("ada", 1)


def test_what_was_refused_counts_for_nothing(clock):
    spend(TRIES, 10)
    first = TRIES.wait("ada")
    spend(TRIES, 500)

    assert TRIES.wait("ada") == first


@pytest.mark.parametrize("minutes", [0, 7, 31, 59])
@pytest.mark.parametrize("spent", [10, 13])
def test_whoever_waits_as_long_as_it_says_finds_room(clock, minutes, spent):
    clock.shift(timedelta(minutes=minutes))
    TRIES.add("ada", spent)
    seconds = TRIES.wait("ada")

    clock.shift(timedelta(seconds=seconds - 2))
    early = TRIES.spend("ada")
    clock.shift(timedelta(seconds=2))

    assert early
    assert TRIES.spend("ada") == 0


def test_at_the_turn_of_a_window_there_is_not_twice_as_much(clock):
    clock.shift(timedelta(minutes=59))
    spend(TRIES, 10)
    clock.shift(timedelta(minutes=2))

    assert spend(TRIES, 10) == 0


def test_asking_counts_nothing(clock):
    for _ in range(20):
        assert TRIES.wait("ada") == 0


def test_what_is_forgotten_counts_no_more(clock):
    spend(TRIES, 10)
    TRIES.forget("ada")

    assert spend(TRIES, 10) == 10


def test_two_at_once_never_spend_more_than_there_is():
    many = Limit("many", most=40, seconds=3600)
    had = []
    threads = [threading.Thread(target=lambda: had.append(spend(many, 25))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(had) <= 40


LOCAL_MEMORY = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "told"}


def test_the_cache_is_told_no_names_and_no_addresses(settings, clock):
    settings.CACHES = {"default": LOCAL_MEMORY}
    refusal(request("203.0.113.9"), TRIES, cost=5)
    TRIES.spend("ada@example.com")

    keys = list(caches["default"]._cache)

    assert len(keys) == 3
    assert not any(said in str(keys) for said in ("203.0", "ada", "example"))


@pytest.fixture
def no_cache(settings):
    """Redis is away: nobody listens there."""
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": f"redis://127.0.0.1:{free_port()}/0",
            "OPTIONS": settings.CACHES["default"].get("OPTIONS", {}),
        }
    }


def test_without_a_cache_a_limit_says_so_and_the_caller_decides(no_cache):
    for ask in (TRIES.spend, TRIES.wait, TRIES.add, TRIES.forget):
        with pytest.raises(CannotCount):
            ask("ada")


def test_without_a_cache_visitors_are_let_through(no_cache):
    assert [refusal(request(), TRIES, cost=10**9) for _ in range(3)] == [None] * 3


def test_a_silent_cache_is_asked_once_and_not_by_everyone(settings):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        options = {"socket_connect_timeout": 1, "socket_timeout": 0.2}
        backend = "django.core.cache.backends.redis.RedisCache"
        settings.CACHES = {
            "default": {"BACKEND": backend, "LOCATION": f"redis://127.0.0.1:{port}/0",
                        "OPTIONS": settings.CACHES["default"].get("OPTIONS", {}) | options}
        }  # fmt: skip
        with pytest.raises(CannotCount, match="does not answer"):
            TRIES.spend("ada")
        began = time.monotonic()
        for _ in range(20):
            with pytest.raises(CannotCount, match="a moment ago"):
                TRIES.spend("ada")

    assert time.monotonic() - began < 0.2


# Who is counted

NGINX, BALANCER = "127.0.0.1", "10.0.0.7"


@pytest.fixture
def behind_proxies(settings):
    settings.TRUSTED_PROXIES = Variables({"T": "127.0.0.1, 10.0.0.0/8, fd00::/8"}).networks(
        "T", default=""
    )


@pytest.mark.parametrize("spoofed", ["198.51.100.1", "127.0.0.1", "junk", "::1, 10.0.0.1"])
def test_a_header_of_someone_who_is_no_proxy_lifts_nothing(spoofed):
    assert peer(request(HTTP_X_FORWARDED_FOR=spoofed)) == "203.0.113.9"
    assert peer(request("127.0.0.1", HTTP_X_FORWARDED_FOR=spoofed)) == "127.0.0.1"


@pytest.mark.parametrize("spoofed", ["198.51.100.1", "127.0.0.1", "junk", "::1, 10.0.0.1"])
def test_nor_does_it_with_proxies_that_are_trusted(behind_proxies, spoofed):
    assert peer(request(HTTP_X_FORWARDED_FOR=spoofed)) == "203.0.113.9"


@pytest.mark.parametrize(
    ("by", "said", "meant"),
    [
        (NGINX, "203.0.113.9", "203.0.113.9"),
        (NGINX, "198.51.100.1, 203.0.113.9", "203.0.113.9"),  # nginx adds, whatever was there
        (NGINX, "198.51.100.1,203.0.113.9, 10.0.0.7", "203.0.113.9"),
        (BALANCER, "junk, 203.0.113.9, 127.0.0.1", "203.0.113.9"),
        (NGINX, "203.0.113.9:4711", "203.0.113.9"),
        (NGINX, "[2001:db8:1:2:3:4:5:6]:4711", "2001:db8:1:2::/64"),
        (NGINX, "::ffff:203.0.113.9", "203.0.113.9"),
        ("::ffff:127.0.0.1", "203.0.113.9", "203.0.113.9"),
        (NGINX, "junk, 10.0.0.8", "10.0.0.8"),  # a machine of ours made it up
        (NGINX, "10.0.0.9", "10.0.0.9"),
        (NGINX, "198.51.100.1, junk", "127.0.0.1"),
        (NGINX, "198.51.100.1, " * 10_000 + "203.0.113.9", "203.0.113.9"),
        ("fd00::1", "2001:db8::1", "2001:db8::/64"),
    ],
)
def test_a_trusted_proxy_says_whom_it_had_the_request_from(behind_proxies, by, said, meant):
    assert peer(request(by, HTTP_X_FORWARDED_FOR=said)) == meant


def test_all_addresses_of_a_64_are_one_visitor():
    one, another = "2001:db8:1:2::1", "2001:db8:1:2:ffff:1:2:3"

    assert peer(request(one)) == peer(request(another)) == "2001:db8:1:2::/64"
    assert peer(request("2001:db8:1:3::1")) == "2001:db8:1:3::/64"


def test_visitors_are_not_counted_as_one_for_a_proxy_that_says_nothing(behind_proxies):
    assert peer(request(NGINX)) == ""
    assert [refusal(request(NGINX), TRIES, cost=10**9) for _ in range(20)] == [None] * 20


@pytest.mark.parametrize(("named", "not_set"), [("127.0.0.1", True), ("", False)])
def test_nor_for_one_that_nobody_has_told_us_of(settings, named, not_set):
    settings.IS_HTTPS = True
    settings.NOT_SET = ["TRUSTED_PROXIES"] if not_set else []
    settings.TRUSTED_PROXIES = Variables({"T": named}).networks("T", default="")

    assert peer(request("172.17.0.1", HTTP_X_FORWARDED_FOR="203.0.113.9")) == ""


def test_a_check_warns_where_a_proxy_is_certain_and_none_is_named(settings):
    settings.IS_HTTPS, settings.NOT_SET = True, []

    settings.TRUSTED_PROXIES = []
    assert "config.W002" in [one.id for one in checks.variables(None)]

    settings.TRUSTED_PROXIES = Variables({"T": "10.0.0.7"}).networks("T", default="")
    assert "config.W002" not in [one.id for one in checks.variables(None)]


def test_whoever_comes_past_the_named_proxies_is_counted(settings, behind_proxies):
    settings.IS_HTTPS, settings.NOT_SET = True, []

    assert peer(request("203.0.113.9", HTTP_X_FORWARDED_FOR="198.51.100.1")) == "203.0.113.9"


# Work


def test_work_is_refused_to_whoever_has_had_theirs_and_to_nobody_else(clock):
    answers = [refusal(request(), cost=20_000) for _ in range(5)]

    assert [bool(one) for one in answers] == [False, False, False, True, True]
    assert refusal(request("203.0.113.10"), cost=20_000) is None


def test_what_is_refused_costs_neither_work_nor_tries(clock):
    for _ in range(15):
        refusal(request(), TRIES, cost=1000)

    assert limits.WORK.wait("203.0.113.9", 50_000) == 0
    assert limits.WORK.wait("203.0.113.9", 50_001)


def test_what_a_request_takes_counts_where_it_is_more_than_was_said(clock):
    def busy(asked):
        assert refusal(asked, cost=1) is None
        until = time.thread_time() + 0.05
        while time.thread_time() < until:
            pass
        return HttpResponse()

    WorkMiddleware(busy)(request())

    assert limits.WORK.wait("203.0.113.9", 59_951)
    assert limits.WORK.wait("203.0.113.9", 50_000) == 0


def test_a_refusal_says_when_to_come_again(clock):
    refusal(request(), cost=60_000)

    answer = refusal(request(), cost=20).page()

    assert answer.status_code == 429
    assert 600 <= int(answer["Retry-After"]) <= 1200
    assert answer["Cache-Control"] == "private, no-store"
    assert "works again in 11 minutes" in answer.text
