#!/usr/bin/env python3
"""How long others wait while 200 clients are slow, and while six people guess passwords.

    .venv/bin/python benchmarks/slow_clients.py [--rounds 40]

Behind deploy/nginx.conf, on a site of its own with demo content. The slow ones never end what they
say, or ask twenty times and never read. Each round asks for a page, a search, and sends an inquiry,
one after the other; beside nobody, beside the 200, and beside six who post passwords without end,
each from an address of its own. The promises: others within 2 s, a search beside guessers within 1.
Needs PostgreSQL, Redis and nginx to be installed, and touches none of them.
"""

import argparse
import http.client
import itertools
import socket
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from urllib.parse import quote, urlencode

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.demo_site import demo_site
from devtools.services import Server, find_nginx, start_nginx

SLOW, GUESSERS = 200, 6
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
TOKEN = "t" * 32  # as a browser has it from the form, in the cookie and in the field
WORDS = ["ledger", "invoice", "queue", "latency", "migration", "backup"]
addresses = (f"198.51.100.{number % 250 + 1}" for number in itertools.count())


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=40)
    rounds = parser.parse_args().rounds
    if not find_nginx():
        raise SystemExit("Install nginx first: sudo apt install nginx-light")
    with demo_site() as site, tempfile.TemporaryDirectory(prefix="slow-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        assert site.stack
        media = site.stack.var / "media"
        with start_nginx(folder, application=site.stack.port, media=media) as nginx:
            print(f"Seconds of {rounds} requests each: median, longest\n")
            print("| beside | page | search | inquiry |\n| --- | ---: | ---: | ---: |")
            for beside, crowd in (("nobody", nobody), ("200 slow", slow), ("6 guessers", guessing)):
                with crowd(nginx):
                    tell(beside, [asked_by_turns(nginx, number) for number in range(rounds)])


def asked_by_turns(nginx: Server, number: int) -> list[float]:
    search = f"/articles/search/?q={quote(WORDS[number % len(WORDS)])}&n={number}"
    sender = {"name": "Ada", "email": f"ada{number}@slow.example"}
    inquiry = {**sender, "message": "Hello", "page": "/contact/"}
    return [
        timed(lambda: ask(nginx, "/"), 200),
        timed(lambda: ask(nginx, search), 200),
        timed(lambda: ask(nginx, "/contact/", inquiry), 302),
    ]


def timed(question: Callable[[], int], expected: int) -> float:
    began = time.perf_counter()
    status = question()
    if status != expected:
        raise SystemExit(f"Answered with {status}.")
    return time.perf_counter() - began


def ask(nginx: Server, path: str, fields: dict[str, str] | None = None, **headers: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", nginx.port, timeout=30)
    headers |= {"X-Tested-Peer": next(addresses), **(FORM if fields else {})}
    body = urlencode(fields) if fields else None
    connection.request("POST" if fields else "GET", path, body, headers)
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status


@contextmanager
def nobody(nginx: Server) -> Iterator[None]:
    yield


@contextmanager
def slow(nginx: Server) -> Iterator[None]:
    host = "HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    form = f"Content-Type: {FORM['Content-Type']}\r\nContent-Length: 4000\r\n\r\nname=A"
    said = [f"GET / {host}Accept: ", f"POST /contact/ {host}{form}", f"GET / {host}\r\n" * 20]
    with ExitStack() as clients:
        for number in range(SLOW):
            client = socket.create_connection(("127.0.0.1", nginx.port), timeout=30)
            clients.enter_context(client).sendall(said[number % len(said)].encode())
        yield


@contextmanager
def guessing(nginx: Server) -> Iterator[None]:
    is_over = threading.Event()
    met: Counter[int] = Counter()

    def guess(person: int) -> None:
        for number in itertools.count():
            if is_over.is_set():
                return
            name = f"person{person}.{number}@cleansystems.example"
            said = {"username": name, "password": f"guess {number}", "csrfmiddlewaretoken": TOKEN}
            met[ask(nginx, "/admin/login/", said, Cookie=f"desk_csrf={TOKEN}")] += 1

    people = [threading.Thread(target=guess, args=(person,)) for person in range(GUESSERS)]
    for person in people:
        person.start()
    yield
    is_over.set()
    for person in people:
        person.join()
    print(f"\nThe guessers met: {dict(met)}")


def tell(beside: str, rounds: list[list[float]]) -> None:
    columns = (f"{median(column):.3f}, {max(column):.3f}" for column in zip(*rounds, strict=True))
    print(f"| {beside} | {' | '.join(columns)} |", flush=True)


if __name__ == "__main__":
    main()
