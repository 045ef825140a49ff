"""How much one visitor may take in a while, counted in the cache that all processes share.

A view asks `refusal` first, and answers with `page` if there is one. Anything else asks a `Limit`
of its own, with a word for whom it counts:

    MISTAKES = Limit("sign-in mistakes", most=20, seconds=900)

    if seconds := MISTAKES.wait(account):  # asks, and counts nothing
        ...                                # too many: there is room again in so many seconds
    MISTAKES.spend(account)                # counts one, unless it says how many seconds to wait
    MISTAKES.add(account)                  # counts one, whatever there was before
    MISTAKES.forget(account)               # counts anew

What a caller may rely on:

- Between any two moments `seconds` apart no more than `most` is spent by one, whatever the number
  of processes; of two that ask for the last of it at the same moment, both may be told to wait.
- It is a sliding window over two counters, as Cloudflare's ("How we built rate limiting capable of
  scaling to millions of domains", 2017): it takes the window before as evenly spent. What was
  refused counts for nothing, so whoever keeps trying is not kept out for longer.
- The cache has no addresses or names in it: keys are digests made with SECRET_KEY.
- When the cache is away, silent, full or read-only, `CannotCount` is raised, after a second at
  most, and at once for the next five seconds. The caller decides: an inquiry is taken, nobody
  signs in.
- Without Redis each process counts for itself, until it ends.
"""

import ipaddress
import logging
import math
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.utils.crypto import salted_hmac
from redis.exceptions import RedisError

from web.metrics import Counter

logger = logging.getLogger(__name__)

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

REFUSED = Counter(
    "site_limit_refusals_total", "How often someone was told to wait, by the limit.", ("limit",)
)
SILENCE = 5.0  # seconds in which a cache that failed is not asked again
WORK_OF = "limits.work"  # in META: what the request is counted for
MAX_HOPS = 20  # proxies of ours that a request passes


class CannotCount(Exception):
    """The cache does not answer, so nobody knows how much was spent."""


@dataclass(frozen=True)
class Limit:
    """No more than `most`, in whole units of whatever it counts, in `seconds`.

    `name` tells it from other limits; to change the other two at work is no harm.
    """

    name: str
    most: int
    seconds: int

    def wait(self, who: str, cost: int = 1) -> int:
        """Seconds until there is room for so much; 0 if there is. Counts nothing."""
        began, since, past = self._windows()
        with _counting():
            spent = cache.get_many([self._key(who, began), self._key(who, began - 1)])
        now, before = (int(spent.get(self._key(who, began - ago), 0)) for ago in (0, 1))
        seconds = self._wait(now, before, since, past, cost)
        if seconds:
            REFUSED.add(self.name)
        return seconds

    def spend(self, who: str, cost: int = 1) -> int:
        """Count so much, and return 0; or count nothing, and return in how many seconds there is
        room for it.
        """
        began, since, past = self._windows()
        now = self._increase(who, began, cost)
        with _counting():
            before = int(cache.get(self._key(who, began - 1), 0))
        seconds = self._wait(now - cost, before, since, past, cost)
        if seconds:
            self._increase(who, began, -cost)
            REFUSED.add(self.name)
        return seconds

    def add(self, who: str, cost: int = 1) -> None:
        """Count so much, whether there was room for it or not."""
        began, *_ = self._windows()
        self._increase(who, began, cost)

    def forget(self, who: str) -> None:
        """Nothing of it counts any more."""
        began, *_ = self._windows()
        with _counting():
            cache.delete_many([self._key(who, began), self._key(who, began - 1)])

    def _windows(self) -> tuple[int, float, float]:
        """The number of the present window, and how much of it is over: seconds, and the part."""
        number, since = divmod(time.time(), self.seconds)
        return int(number), since, since / self.seconds

    def _wait(self, now: int, before: int, since: float, past: float, cost: int) -> int:
        room = self.most - min(cost, self.most)  # what may have been spent, so that there is room
        if now + before * (1 - past) <= room:
            return 0
        if now <= room:
            seconds = (1 - (room - now) / before) * self.seconds - since
        else:  # in the next window, of which this one will be the one before
            seconds = self.seconds - since + (1 - room / now) * self.seconds
        return max(1, math.ceil(seconds))

    def _increase(self, who: str, window: int, by: int) -> int:
        key = self._key(who, window)
        with _counting():
            try:
                return cache.incr(key, by)
            except ValueError:  # nothing is counted there yet
                cache.add(key, 0, timeout=2 * self.seconds)
            try:
                return cache.incr(key, by)
            except ValueError as error:
                raise CannotCount("The cache forgets at once what it is told.") from error

    def _key(self, who: str, window: int) -> str:
        return f"limit:{salted_hmac(self.name, who, algorithm='sha256').hexdigest()[:40]}:{window}"


class _counting:
    """Turns whatever keeps the cache from answering into `CannotCount`."""

    away_until: dict[str, float] = {}  # by where the cache is: tests exchange it

    def __enter__(self) -> None:
        self.where = str(settings.CACHES["default"].get("LOCATION"))
        if time.monotonic() < self.away_until.get(self.where, 0):
            raise CannotCount("The cache did not answer a moment ago.")

    def __exit__(self, kind: Any, error: BaseException | None, traceback: Any) -> None:
        if isinstance(error, RedisError | OSError):
            self.away_until[self.where] = time.monotonic() + SILENCE
            logger.warning("Nothing can be counted, the cache is away: %s", type(error).__name__)
            raise CannotCount("The cache does not answer.") from error


def peer(request: HttpRequest) -> str:
    """Who is counted for this request: its address, of IPv6 the /64 in which people choose
    addresses as they like. Empty where visitors cannot be told apart.

    It is the peer of the connection. What X-Forwarded-For says counts only where that peer is one
    of TRUSTED_PROXIES: it is read from the right, past further ones of them, as each has written
    there whom it had the request from (MDN on X-Forwarded-For, "Selecting an IP address"); what
    stands further to the left may be made up.

    Empty: a trusted proxy does not say whom the request is from; or there is one, as with https,
    and TRUSTED_PROXIES says nothing of it, so that all visitors would count as one.
    """
    address = _address(request.META.get("REMOTE_ADDR", ""))
    if address is None:
        return ""
    if not _is_trusted(address):
        names_none = not settings.TRUSTED_PROXIES or "TRUSTED_PROXIES" in settings.NOT_SET
        if settings.IS_HTTPS and names_none:
            _warn("a proxy that TRUSTED_PROXIES does not name. Set it to the address of the proxy")
            return ""
        return _network(address)
    said = request.META.get("HTTP_X_FORWARDED_FOR", "")
    hops = [hop for hop in said[-1000:].split(",")[-MAX_HOPS:] if hop.strip()]
    if not hops:
        _warn("a trusted proxy that sends no X-Forwarded-For. Have it do so")
        return ""
    while hops and _is_trusted(address):
        before = _address(hops.pop())
        if before is None:
            break
        address = before
    return _network(address)


def _address(text: str) -> Address | None:
    """Also with a port, as some proxies write it: `203.0.113.9:4711`, `[2001:db8::1]:4711`."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def is_trusted_proxy(address: str) -> bool:
    """Whether what this peer says about a request may be believed: it is of TRUSTED_PROXIES."""
    found = _address(address)
    return found is not None and _is_trusted(found)


def _is_trusted(address: Address) -> bool:
    return any(address in network for network in settings.TRUSTED_PROXIES)


def _network(address: Address) -> str:
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((int(address), 64), strict=False))


_warned: set[str] = set()


def _warn(where: str) -> None:
    """Once in the life of a process."""
    if where not in _warned:
        _warned.add(where)
        logger.warning("Visitors are not limited by address: requests come from %s.", where)


# Of each visitor in ten minutes: milliseconds of one of our processors. What views ask `refusal`
# for is a tenth of it in all; pages made for them are another fifth, so that whoever copies the
# whole site can still write to us.
WORK = Limit("work", most=60_000, seconds=600)
PAGES = Limit("pages", most=120_000, seconds=600)


@dataclass(frozen=True)
class Refusal:
    """One has taken all there is: there is room again in so many seconds."""

    seconds: int

    @property
    def minutes(self) -> int:
        return math.ceil(self.seconds / 60)

    def on(self, response: HttpResponse) -> HttpResponse:
        """The same as a 429 (RFC 6585, section 4), which says when to come again and is kept by
        nobody.
        """
        response.status_code = 429
        response.headers["Retry-After"] = str(self.seconds)
        response.headers["Cache-Control"] = "private, no-store"
        return response

    def page(self) -> HttpResponse:
        """A page that says so. It asks nothing of the database: to refuse has to be cheap."""
        return self.on(HttpResponse(loader.render_to_string("429.html", {"refusal": self})))


def refusal(request: HttpRequest, *limits: Limit, cost: int) -> Refusal | None:
    """What keeps this request from being dealt with, if anything; and then it counts for nothing.

    Otherwise one is counted in each of these limits, and work of `cost` milliseconds; or what
    it took of the processor in the end, if that is more. Nothing keeps it where nothing can be
    counted: what visitors send us is worth more than what they cost.
    """
    who = peer(request)
    spent = list[tuple[Limit, int]]()
    try:
        for limit, much in [(WORK, cost), *((one, 1) for one in limits)]:
            seconds = limit.spend(who, much) if who else 0
            if seconds:
                for other, each in spent:
                    other.add(who, -each)
                return Refusal(seconds)
            spent.append((limit, much))
    except CannotCount:
        pass
    request.META[WORK_OF] = Started(WORK, who, cost)
    return None


class Started:
    """What a request was counted for when it began."""

    def __init__(self, limit: Limit, who: str, cost: int = 0) -> None:
        self.limit, self.who, self.cost = limit, who, cost
        self._began = time.thread_time_ns()

    def end(self) -> None:
        """Count what it took of the processor beyond that."""
        took = (time.thread_time_ns() - self._began) // 1_000_000
        if self.who and took > self.cost:
            with suppress(CannotCount):
                self.limit.add(self.who, took - self.cost)
