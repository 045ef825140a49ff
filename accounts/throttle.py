"""How often somebody may try to sign in; asked before any password is hashed.

By account, whether there is one or not, and by peer address (`web.limits.peer`). Whoever comes from
a browser or an address that signed in within 30 days is counted apart, so that nobody can be kept
out by a stranger's guesses; a guesser who has their browser is kept out all the same. Fewer than
100 in a row for one account: NIST SP 800-63B-4, section 3.2.2; OWASP ASVS 5, 6.1.1 and 6.3.1.

To hash takes a third of a second of a processor. One process does one at a time, and few wait for
it: the threads of the web server are for visitors as well (`benchmarks` say what follows).
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils import timezone

from accounts import familiar
from mail.addresses import mailbox
from web.limits import Limit, peer

QUARTER = 15 * 60  # seconds
BY_ACCOUNT = Limit("sign-in by account", most=10, seconds=QUARTER)
BY_ADDRESS = Limit("sign-in by address", most=30, seconds=QUARTER)
FROM_FAMILIAR = Limit("sign-in from a familiar place", most=20, seconds=QUARTER)
CODES = Limit("second factor", most=10, seconds=QUARTER)
REFUSED = Limit("refused sign-ins that were told of", most=1, seconds=QUARTER)
CODES_A_DAY = Limit("second factor in a day", most=30, seconds=24 * 3600)

MAX_WAITING = 1  # threads of one process, besides the one that hashes
PATIENCE = 3.0  # seconds


class TooOften(Exception):
    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class Busy(Exception):
    """Others are being checked. Nothing was counted against anybody."""


@dataclass(frozen=True)
class Try:
    """One that was counted already, so that many at once do not slip through."""

    limits: tuple[tuple[Limit, str], ...]

    def succeeded(self) -> None:
        """Its account counts anew; its address only loses this one: others may guess from there."""
        for limit, who in self.limits:
            if limit is BY_ADDRESS:
                limit.add(who, -1)
            else:
                limit.forget(who)

    def take_back(self) -> None:
        for limit, who in self.limits:
            limit.add(who, -1)


def count_password(request: HttpRequest, address: str) -> Try:
    """Raises `TooOften`, or `CannotCount` while the cache is away: then nobody signs in."""
    account = mailbox(address) or address.strip().casefold()[:320]
    if place := familiar.known_place(request, address, now=timezone.now()):
        return _count([(FROM_FAMILIAR, f"{account} {place}")])
    where = peer(request)
    limits = [(BY_ACCOUNT, account)]
    return _count([*limits, *([(BY_ADDRESS, where)] if where else [])])


def count_code(user_id: int) -> Try:
    """The same for the second factor: whoever is asked for it knows the password."""
    return _count([(CODES, str(user_id)), (CODES_A_DAY, str(user_id))])


def is_news(request: HttpRequest, address: str) -> bool:
    """Whether this is the first try from there in a while that was refused unheard: whoever goes
    on trying does not fill the audit log.
    """
    return not REFUSED.spend(peer(request) or mailbox(address))


def forget(address: str) -> None:
    """They have signed in, or chosen a new password: what was guessed counts no more."""
    BY_ACCOUNT.forget(mailbox(address))


def forget_codes(user_id: int) -> None:
    for limit in (CODES, CODES_A_DAY):
        limit.forget(str(user_id))


def _count(limits: list[tuple[Limit, str]]) -> Try:
    for limit, who in limits:
        if seconds := limit.wait(who):
            raise TooOften(seconds)
    for limit, who in limits:
        if seconds := limit.spend(who):
            raise TooOften(seconds)
    return Try(tuple(limits))


_hashing = threading.Lock()
_waiting = threading.BoundedSemaphore(MAX_WAITING)


@contextmanager
def hashing() -> Iterator[None]:
    """The only one in this process that hashes. Raises `Busy` where others wait already."""
    if _hashing.acquire(blocking=False):
        is_mine = True
    elif _waiting.acquire(blocking=False):
        try:
            is_mine = _hashing.acquire(timeout=PATIENCE)
        finally:
            _waiting.release()
    else:
        is_mine = False
    if not is_mine:
        raise Busy
    try:
        yield
    finally:
        _hashing.release()
