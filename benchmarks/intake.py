#!/usr/bin/env python3
"""How fast inquiries are taken and emails go out, beside Wagtail's form page in the same run.

    .venv/bin/python benchmarks/intake.py

Starts the product as in production on servers of its own (one default worker and beat, PostgreSQL,
Redis, a mail server that takes everything at once), installs Wagtail into an environment of its
own below var/, and posts from distinct people to both in turn. For this, each site has one process
of granian with four threads on a core of its own, and all else shares the other core. Then, on all
cores: how many emails one default worker sends in a second, and what becomes of a burst of 1,000
inquiries with two web processes. Needs PostgreSQL and Redis to be installed, and touches neither.
"""

import http.client
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit, urlunsplit

import psycopg

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import wagtail_site
from benchmarks.smtp_sink import Sink, running_sink
from devtools.environment import PYTHON, ROOT, VENV
from devtools.processes import Child, free_port, wait_until
from tests.stack import SALES, Stack

ROUNDS, IN_A_ROUND, CONNECTIONS = 5, 400, 8
EMAILS, BURST = 3_000, 1_000
OURS, OTHERS = ["taskset", "-c", "0"], ["taskset", "-c", "1"]
GRANIAN = ["--interface", "wsgi", "--host", "127.0.0.1", "--log-level", "warning"]

FIELDS = {
    "name": "Ada Byron {n}",
    "email": "visitor-{n}@example.com",
    "company": "",
    "message": "We need a ledger that number {n} can read. It has to add up, and soon.",
}
# What a browser's script sends besides.
SCRIPT = {
    "page": "/contact/",
    "key": "3f2b8c1e-9a4d-4e6f-8b7a-{n}",
    "seconds": "31.5",
    "about": "",
    "referrer": "",
    "reference_2": "",
    "utm_source": "",
    "utm_medium": "",
    "utm_campaign": "",
    "assessment": "",
}
COUNTED = """
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

client = Client(SERVER_NAME="127.0.0.1")
for n in ("1", "2"):
    with CaptureQueriesContext(connection) as asked:
        fields = {fields!r}
        answer = client.post({path!r}, {{k: v.replace("{{n}}", n * 12) for k, v in fields.items()}})
assert answer.status_code == {status}, answer.status_code
said = [one["sql"].split(" ")[0] for one in asked.captured_queries]
print(len([word for word in said if word not in ("BEGIN", "COMMIT")]))
"""
PUT = """
from django.db import transaction
from leads.messages import compose
from mail import outbox
email = compose.acknowledgment()
for start in range(0, {count}, 100):
    with transaction.atomic():
        for n in range(start, start + 100):
            outbox.put(key=f"benchmark {{n}}", to=f"visitor-{{n}}@example.com", **email)
"""


@dataclass(frozen=True)
class Posted:
    began_at: float
    ended_at: float
    good: int

    @property
    def per_second(self) -> float:
        return self.good / (self.ended_at - self.began_at)


class Site(Stack):
    """The product with our sink for a mail server, and for web what is asked for."""

    def __init__(self, folder: Path, sink: Sink, web: list[str]) -> None:
        super().__init__(folder)
        self.sink, self.web = sink, web

    def _child(self, name: str) -> Child:
        self.environment |= {"EMAIL_URL": self.sink.url, "ACKNOWLEDGMENTS_PER_HOUR": "1000000"}
        child = super()._child(name)
        if name == "web":
            *prefix, workers = self.web
            command = [*prefix, f"{VENV}/bin/granian", *GRANIAN, "--port", str(self.port)]
            command += ["--workers", workers, "--blocking-threads", "4", "config.wsgi:application"]
            child.command = command
        if name == "worker":  # as a worker is by default
            celery = f"{VENV}/bin/celery"
            child.command = [celery, "--app", "config", "worker", "--loglevel", "INFO"]
        return child


def main() -> None:
    version = wagtail_site.install()
    everything = os.sched_getaffinity(0)
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name, ExitStack() as cleanup:
        folder = Path(name)
        folder.chmod(0o711)
        os.sched_setaffinity(0, {1})  # and so all that is started, but for the two sites
        compare(folder, version, cleanup)
    os.sched_setaffinity(0, everything)
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name, ExitStack() as cleanup:
        folder = Path(name)
        folder.chmod(0o711)
        sink = cleanup.enter_context(running_sink(folder, []))
        site = cleanup.enter_context(Site(folder, sink, ["2"]))
        send(site, sink)
        burst(site, sink)


def compare(folder: Path, version: str, cleanup: ExitStack) -> None:
    sink = cleanup.enter_context(running_sink(folder, []))
    site = cleanup.enter_context(Site(folder, sink, [*OURS, "1"]))
    wagtail, environment = started_wagtail(site, sink, folder)
    cleanup.callback(wagtail.kill)
    port = int(environment["PORT"])
    cookie, token = csrf(port)
    targets = {
        "the product": (site.port, "/contact/", 302, FIELDS | SCRIPT, ""),
        f"Wagtail {version}": (port, "/", 200, FIELDS | {"csrfmiddlewaretoken": token}, cookie),
    }
    servers = dict(zip(targets, (site.children["web"], wagtail), strict=True))
    figures: dict[str, list[float]] = {name: [] for name in targets}
    spent: dict[str, list[float]] = {name: [] for name in targets}
    for target in targets.values():  # templates are loaded, connections made
        post(50, *target)
    for _ in range(ROUNDS):
        for name, target in targets.items():
            before = cpu_seconds(servers[name])
            posted = post(IN_A_ROUND, *target)
            spent[name].append((cpu_seconds(servers[name]) - before) / IN_A_ROUND * 1000)
            if posted.good != IN_A_ROUND:
                raise SystemExit(f"{name}: {posted.good} were thanked.\n{site.log_tails()}")
            figures[name].append(posted.per_second)
            settle(sink)
    ours = site.shell(COUNTED.format(fields=FIELDS | SCRIPT, path="/contact/", status=302))
    theirs = wagtail_site.manage(
        environment, "shell", "--command", COUNTED.format(fields=FIELDS, path="/", status=200)
    )
    queries = dict(zip(figures, (ours.split()[-1], theirs.split()[-1]), strict=True))
    theirs_spent = median([*spent.values()][1])
    print(f"{ROUNDS} rounds in turn of {IN_A_ROUND} posts over {CONNECTIONS} connections:\n")
    print("| what takes the form | posts/s | CPU of its process a post | posts per second of CPU |")
    print("| --- | ---: | ---: | ---: |")
    for name, found in figures.items():
        rates = f"{median(found):.0f} ({min(found):.0f} to {max(found):.0f})"
        cpu = median(spent[name])
        said = f"{1000 / cpu:.0f} ({theirs_spent / cpu:.2f} times Wagtail’s)"
        print(f"| {name}, {queries[name]} queries | {rates} | {cpu:.1f} ms | {said} |")


def started_wagtail(site: Site, sink: Sink, folder: Path) -> tuple[Child, dict[str, str]]:
    """On the same PostgreSQL, in a database of its own."""
    with psycopg.connect(site.postgres.url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE wagtail")
    url = urlunsplit(urlsplit(site.postgres.url)._replace(path="/wagtail"))
    port = free_port()
    environment = {"DATABASE_URL": url, "EMAIL_PORT": str(sink.port), "PORT": str(port)}
    wagtail_site.set_up(environment, to=SALES)
    command = [*OURS, f"{wagtail_site.BIN}/granian", *GRANIAN, "--port", str(port)]
    command += ["--workers", "1", "--blocking-threads", "4", "site_wsgi:application"]
    log = folder / "wagtail.log"
    child = Child(
        "Wagtail", command, log, {**os.environ, **environment}, wagtail_site.HOME / "site"
    )
    child.start()
    if not wait_until(lambda: csrf(port)[1] != "", seconds=40, pause=0.2):
        raise SystemExit(child.last_lines())
    return child, environment


def cpu_seconds(child: Child) -> float:
    """What a process and those that it has started have used: load by others does not count."""
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended meanwhile
        if int(fields[2]) == child.pid:  # its group
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def csrf(port: int) -> tuple[str, str]:
    """The cookie and the token that Wagtail's form wants back; empty while it does not answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/")
        answer = connection.getresponse()
        page = answer.read().decode()
    except OSError:
        return "", ""
    finally:
        connection.close()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    return answer.headers.get("Set-Cookie", "").partition(";")[0], token[1] if token else ""


def post(
    count: int, port: int, path: str, status: int, fields: dict[str, str], cookie: str
) -> Posted:
    numbers = map(str, (port, path, count, CONNECTIONS, status))
    command = [PYTHON, f"{ROOT}/benchmarks/posting.py", *numbers, cookie]
    done = subprocess.run(command, input=json.dumps(fields), capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    return Posted(**json.loads(done.stdout))


def settle(sink: Sink) -> None:
    """Until no email has come for two seconds, so that no site works on what the other one did."""
    while True:
        before = len(sink.arrivals())
        time.sleep(2)
        if len(sink.arrivals()) == before:
            return


def send(site: Site, sink: Sink) -> None:
    site.stop("worker")
    site.shell(PUT.format(count=EMAILS))
    site.start("worker")
    before = cpu_seconds(site.children["worker"])
    if not wait_until(lambda: len(sink.arrivals()) >= EMAILS, seconds=300, pause=0.5):
        raise SystemExit(f"{len(sink.arrivals())} emails came.\n{site.log_tails()}")
    moments = sorted(arrival.at for arrival in sink.arrivals())
    rate = (len(moments) - 1) / (moments[-1] - moments[0])
    spent = (cpu_seconds(site.children["worker"]) - before) / len(moments) * 1000
    print(
        f"\nOne default worker sent {len(moments):,} emails, {rate:.0f} per second, "
        f"with {spent:.1f} ms of CPU each."
    )


def burst(site: Site, sink: Sink) -> None:
    """Of everyone: sales and the visitor have their emails, and how long that took."""
    time.sleep(6)  # a sweep, and beat's first round
    before = len(sink.arrivals())
    posted = post(BURST, site.port, "/contact/", 302, FIELDS | SCRIPT, "")
    if not wait_until(lambda: len(sink.arrivals()) >= before + 2 * BURST, seconds=300, pause=0.5):
        raise SystemExit(f"{len(sink.arrivals()) - before} emails came.\n{site.log_tails()}")
    arrivals = sink.arrivals()[before:]
    assert len({(one.to, one.reply_to) for one in arrivals}) == 2 * BURST, "a copy"
    received = dict(
        site.execute("SELECT email, extract(epoch FROM received_at)::float8 FROM leads_inquiry")
    )
    waits = [one.at - received[one.reply_to] for one in arrivals if one.to == SALES]
    assert len(waits) == BURST
    last = max(one.at for one in arrivals) - posted.ended_at
    last_to_sales = max(one.at for one in arrivals if one.to == SALES) - posted.ended_at
    took = posted.ended_at - posted.began_at
    print(
        f"A burst of {BURST:,} inquiries came in within {took:.1f} s ({posted.per_second:.0f} per "
        f"second). The last of {2 * BURST:,} emails was delivered {last:.1f} s after the last post,"
        f" the last notification {last_to_sales:.1f} s. A notification waited {median(waits):.1f} s"
        f" at the median, {max(waits):.1f} s at most."
    )


if __name__ == "__main__":
    main()
