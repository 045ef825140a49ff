"""Visitors of the drill: readers, and people who send the inquiry form. Each has an address.

A reader whose page does not come within two seconds, or comes as an error, reloads it. Someone
whose inquiry is not thanked for sends the same words again. Both are counted.
"""

import http.client
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from itertools import count
from urllib.parse import urlencode

from devtools.drill.network import VISITORS
from tests.smtp import MailServer

PATIENCE = 2.0  # seconds until a reader reloads
PAUSES = [0.5, 1.0, 2.0]  # seconds before each further try of a reader; the last from then on
GIVE_UP = 30.0  # seconds
READS_A_SECOND, INQUIRIES_A_SECOND = 20, 2
SECONDS_FOR_A_FORM = 15.0
PAUSES_OF_A_SENDER = [1.0, 2.0, 4.0]
PAGE, SEARCH, PICTURE, STATIC = "page", "search", "picture", "static"
SHARES = {PAGE: 13, SEARCH: 4, PICTURE: 2, STATIC: 1}
WORDS = ["queue", "database", "incident", "review", "latency", "handover", "estimate", "backup"]


@dataclass(frozen=True)
class Read:
    """One reader's visit: how long until they saw the page, and what went wrong before."""

    kind: str
    at: float
    waited: float
    failures: tuple[str, ...]


@dataclass
class Sender:
    """Someone who sends the form, until they are thanked."""

    email: str
    at: float
    thanked_at: float = 0.0
    failures: list[str] = field(default_factory=list)  # tries that were not thanked for

    @property
    def message(self) -> str:
        return f"We need a ledger that {self.email} can read."


class Load:
    """Runs from start() to stop(). `paths` are what readers ask for, by kind."""

    def __init__(self, address: str, paths: dict[str, Sequence[str]]) -> None:
        self.address = address
        self.paths = paths
        self.reads: list[Read] = []
        self.senders: list[Sender] = []
        self._numbers = count(1)
        self._is_over = threading.Event()
        self._pool = ThreadPoolExecutor(200)
        self._clocks = [
            threading.Thread(target=self._each, args=(1 / READS_A_SECOND, self._read), daemon=True),
            threading.Thread(
                target=self._each, args=(1 / INQUIRIES_A_SECOND, self._send), daemon=True
            ),
        ]

    def start(self) -> None:
        for clock in self._clocks:
            clock.start()

    def stop(self) -> None:
        self._is_over.set()
        for clock in self._clocks:
            clock.join()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _each(self, seconds: float, work) -> None:  # type: ignore[no-untyped-def]
        """At even times, however long each takes: visitors do not wait for each other."""
        due = time.monotonic()
        while not self._is_over.wait(max(0.0, due - time.monotonic())):
            self._pool.submit(work)
            due += seconds

    def _read(self) -> None:
        [kind] = random.choices(list(SHARES), list(SHARES.values()))
        path = random.choice(self.paths[kind])
        if kind == SEARCH:
            path += f"?q={random.choice(WORDS)}+{next(self._numbers) % 50}"
        began = time.monotonic()
        failures: list[str] = []
        while time.monotonic() - began < GIVE_UP and not self._is_over.is_set():
            failure = self._failure(kind, path)
            if not failure:
                break
            time.sleep(PAUSES[min(len(failures), len(PAUSES) - 1)])
            failures.append(failure)
        waited = time.monotonic() - began
        self.reads.append(Read(kind, began, waited, tuple(failures)))

    def _failure(self, kind: str, path: str) -> str:
        """What a reader would call it; empty if all is well."""
        began = time.monotonic()
        try:
            status, text, _ = self._ask("GET", path, timeout=PATIENCE)
        except TimeoutError:
            return "no answer in 2 s"
        except ConnectionRefusedError:
            return "refused"
        except (OSError, http.client.HTTPException):
            return "broken off"
        if status != 200:
            return str(status)
        if kind in (PAGE, SEARCH) and "</html>" not in text:
            return "cut short"
        return "slow" if time.monotonic() - began > PATIENCE else ""

    def _send(self) -> None:
        sender = Sender(f"visitor-{next(self._numbers)}@example.com", time.monotonic())
        self.senders.append(sender)
        while not self._is_over.is_set():
            failure = self._failure_of_form(sender)
            if not failure:
                sender.thanked_at = time.monotonic()
                return
            tried = min(len(sender.failures), len(PAUSES_OF_A_SENDER) - 1)
            sender.failures.append(failure)
            time.sleep(PAUSES_OF_A_SENDER[tried])

    def _failure_of_form(self, sender: Sender) -> str:
        fields = {
            "email": sender.email, "name": "Ada Byron", "company": "Analytical Engines",
            "message": sender.message, "page": "/contact/",
        }  # fmt: skip
        try:
            status, text, location = self._ask(
                "POST", "/contact/", urlencode(fields), timeout=SECONDS_FOR_A_FORM
            )
        except TimeoutError:
            return f"no answer in {SECONDS_FOR_A_FORM:.0f} s"
        except ConnectionRefusedError:
            return "refused"
        except (OSError, http.client.HTTPException):
            return "broken off"
        if status == 302 and location.startswith("/contact/thanks/"):
            return ""
        return f"{status}, form kept" if sender.message in text else str(status)

    def _ask(
        self, method: str, path: str, body: str | None = None, *, timeout: float
    ) -> tuple[int, str, str]:
        number = next(self._numbers)
        source = f"{VISITORS}.{number // 250 % 250}.{number % 250 + 1}"
        connection = http.client.HTTPConnection(
            self.address, 80, timeout=timeout, source_address=(source, 0)
        )
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        with closing(connection):
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
            return answer.status, text, answer.headers.get("Location", "")


class Mailbox:
    """What the mail server has, by visitor."""

    def __init__(self, server: MailServer) -> None:
        self._server = server

    def copies(self) -> dict[str, Counter[str]]:
        """How often each recipient had the email of, or about, each visitor."""
        found: dict[str, Counter[str]] = {}
        for visitor, recipient, _ in self._emails():
            found.setdefault(visitor, Counter())[recipient] += 1
        return found

    def complete_at(self) -> dict[str, float]:
        """When the visitor and sales had one each, at the earliest."""
        first: dict[str, dict[bool, float]] = {}
        for visitor, recipient, at in self._emails():
            first.setdefault(visitor, {}).setdefault(recipient == visitor, at)
        return {visitor: max(both.values()) for visitor, both in first.items() if len(both) == 2}

    def _emails(self) -> Iterator[tuple[str, str, float]]:
        for received in list(self._server.emails):
            [recipient] = received.recipients
            reply_to = received.email["Reply-To"]
            if recipient.startswith("visitor-"):
                yield recipient, recipient, received.at
            elif reply_to is not None:
                yield reply_to.addresses[0].addr_spec, recipient, received.at
