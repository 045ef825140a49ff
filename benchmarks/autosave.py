#!/usr/bin/env python3
"""How long twenty editors wait for autosave, among 10,000 articles.

    .venv/bin/python benchmarks/autosave.py [--articles 10000] [--editors 20] [--turns 15]

Starts a PostgreSQL and a web server of its own, fills the database with the demo's articles over
and over, and lets each editor type into an article of theirs: a turn every two seconds, as the page
sends it, with a word more each time. Prints how long the answers took, what a turn costs the
database, and whether it left a line in the admin's log or changed the stamp of what readers see.
Needs PostgreSQL to be installed, and touches nothing of it.
"""

import argparse
import http.client
import json
import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.in_process import product_on_postgres
from devtools.environment import ROOT, VENV
from devtools.processes import Child, free_port, wait_until

EVERY = 2.0  # seconds, from turn to turn of one editor
TOKEN = "a" * 32
PROMISE = 60  # ms at the median


@dataclass
class Editor:
    """Someone signed in, in front of an article of their own."""

    port: int
    cookies: str
    path: str
    body: str
    seen: dict[str, str]
    number: int
    turn: int = 0

    def write(self, turns: int) -> list[float]:
        spent = []
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        began = time.monotonic() + EVERY * self.number / 20
        for turn in range(turns):
            time.sleep(max(0.0, began + EVERY * turn - time.monotonic()))
            self.turn += 1
            self.body = self.body.replace("</p>", f" and word {self.turn}</p>", 1)
            sent = {
                "window": f"editor-{self.number:04}",
                "turn": self.turn,
                "fields": {"body": [self.body]},
                "seen": self.seen,
            }
            headers = {
                "Content-Type": "application/json",
                "Cookie": self.cookies,
                "X-CSRFToken": TOKEN,
            }
            asked = time.perf_counter()
            connection.request("POST", self.path, json.dumps(sent), headers)
            answer = connection.getresponse()
            said = json.loads(answer.read())
            spent.append((time.perf_counter() - asked) * 1000)
            assert said["draft"] == ["body"], said
            self.seen |= said["seen"]
        return spent


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--editors", type=int, default=20)
    parser.add_argument("--turns", type=int, default=15)
    asked = parser.parse_args()
    with product_on_postgres():
        measure(asked.articles, asked.editors, asked.turns)


def measure(articles: int, count: int, turns: int) -> None:
    from django.contrib.admin.models import LogEntry  # Django is set up only now
    from django.db import connections

    from benchmarks.article_site import ArticleSite
    from page_cache import stamp
    from web import contributions

    site = ArticleSite()
    site.grow_to(articles)
    with connections["default"].cursor() as cursor:
        cursor.execute("ANALYZE")
    port = free_port()
    editors = [editor(port, number) for number in range(count)]
    print(f"{count_of_statements(editors[0])} statements a turn")
    before = stamp.stamp(contributions.moments()).value
    logged = LogEntry.objects.count()

    with tempfile.TemporaryDirectory(prefix="autosave-") as folder:
        web = Child("web", command(port), Path(folder) / "web.log", dict(os.environ), ROOT).start()
        try:
            wait_until(lambda: answers(port), seconds=40)
            with ThreadPoolExecutor(count) as pool:  # each worker has loaded everything once
                list(pool.map(lambda one: one.write(1), editors))
            with ThreadPoolExecutor(count) as pool:
                spent = [
                    ms for many in pool.map(lambda one: one.write(turns), editors) for ms in many
                ]
        finally:
            web.kill()

    p95 = quantiles(spent, n=20, method="inclusive")[-1]
    print(f"{len(spent)} autosaves by {count} editors among {articles:,} articles: ", end="")
    print(f"median {median(spent):.1f} ms, p95 {p95:.1f} ms, longest {max(spent):.0f} ms")
    print(f"lines in the admin's log: {LogEntry.objects.count() - logged}")
    changed = stamp.stamp(contributions.moments()).value != before
    print(f"what readers see was {'made again' if changed else 'left alone'}")
    sys.exit(changed or median(spent) > PROMISE)


def editor(port: int, number: int) -> Editor:
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.auth.models import Group

    from accounts.models import User
    from accounts.sessions import SessionStore
    from articles.article_form import ArticleForm
    from articles.models import Article

    user = User.objects.create_user(f"editor-{number}@example.com", name=f"Editor {number}")
    user.groups.add(Group.objects.get(name="Author"))
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    cookies = (
        f"{settings.SESSION_COOKIE_NAME}={session.session_key}; {settings.CSRF_COOKIE_NAME}={TOKEN}"
    )
    article = Article.objects.order_by("pk")[number * 7]
    form = ArticleForm(instance=article)
    return Editor(
        port=port,
        cookies=cookies,
        path=f"/admin/articles/article/{article.pk}/keep/",
        body=form.shown()["body"],
        seen=form.now_seen(),
        number=number,
    )


def count_of_statements(one: Editor) -> int:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client: Any = Client(SERVER_NAME="127.0.0.1")
    client.cookies.load(one.cookies)
    statements = 0
    for turn in range(1, 3):
        one.body = one.body.replace("</p>", " more</p>", 1)
        sent = {"window": "counting-0001", "turn": turn, "fields": {"body": [one.body]}}
        with CaptureQueriesContext(connection) as asked:
            said = client.post(
                one.path, json.dumps({**sent, "seen": one.seen}), content_type="application/json"
            ).json()
        one.seen |= said["seen"]
        statements = len(asked)
    return statements


def command(port: int) -> list[str | Path]:
    options = f"--host 127.0.0.1 --port {port} --log-level warning --workers 2 --blocking-threads 4"
    granian = VENV / "bin" / "granian"
    return [granian, "--interface", "wsgi", "config.wsgi:application", *options.split()]


def answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    main()
