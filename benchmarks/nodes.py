#!/usr/bin/env python3
"""How much more two nodes do than one: public pages by web nodes, emails by senders.

    .venv/bin/python benchmarks/nodes.py

Each node gets a fixed part of one core, by the kernel's own quota: on two cores there is then room
for two nodes, and for database, mail server and whoever asks. With a whole core each, two nodes on
two cores would mostly take from each other and from what they ask. Needs root, PostgreSQL, Redis
and wrk.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.smtp_sink import Sink, running_sink
from devtools.environment import ROOT, VENV
from devtools.processes import Child, free_port, wait_until
from tests.stack import Stack

PAGE = "/articles/apis-are-not-tables/"
KINDS = {"finished pages": "32", "pages made anew": "0"}  # PAGE_CACHE_MB
ROUNDS, SECONDS, CONNECTIONS = 5, 4, 8
PART = 0.25  # of a core, for each node
EMAILS = 400
PERIOD = 100_000  # microseconds
PUT = """
from mail.models import Message
Message.objects.bulk_create(
    Message(
        key=f"benchmark:{{n}}:{number}",
        message_id=f"<{{n}}.{number}@example.com>",
        to=f"reader-{{n}}@example.com",
        subject="Hello",
        text="A text.",
    )
    for n in range({count})
)
"""


def main() -> None:
    if os.geteuid() or not shutil.which("wrk"):
        raise SystemExit("Run this as root, with wrk installed: apt install wrk")
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with running_sink(folder, []) as sink, Stack(folder) as stack:
            stack.environment["EMAIL_URL"] = sink.url
            stack.manage("seed")
            stack.stop("web", "worker", "beat")
            print(f"Each node has {PART:.0%} of one core.\n")
            of_pages(stack)
            of_emails(stack, sink)


def of_pages(stack: Stack) -> None:
    print("| public pages | 1 node | 2 nodes | times |\n| --- | ---: | ---: | ---: |")
    for kind, megabytes in KINDS.items():
        nodes = [web(stack, number, megabytes) for number in (1, 2)]
        found: dict[int, list[float]] = {1: [], 2: []}
        try:
            for _ in range(ROUNDS):
                for count in found:
                    found[count].append(requests_per_second(nodes[:count]))
        finally:
            for node in nodes:
                node.kill()
        tell(kind, found)


def web(stack: Stack, number: int, megabytes: str) -> Child:
    port = free_port()
    flags = f"--interface wsgi --host 127.0.0.1 --port {port} --workers 1 --blocking-threads 4"
    command = [f"{VENV}/bin/granian", *flags.split(), "config.wsgi:application"]
    address = {"SITE_URL": f"http://127.0.0.1:{port}", "PAGE_CACHE_MB": megabytes}
    environment = {**stack.environment, **address}
    log = stack.folder / f"node-{number}.log"
    node = Child(f"node {port}", command, log, environment, ROOT).start()
    asked = ["curl", "-sf", "-o", "/dev/null", f"http://127.0.0.1:{port}{PAGE}"]
    if not wait_until(lambda: subprocess.run(asked).returncode == 0, seconds=60):
        raise SystemExit(node.last_lines())
    return node


def requests_per_second(nodes: list[Child]) -> float:
    """All of them asked at once, each by a wrk of its own: no balancer in between."""
    ports = [node.name.rpartition(" ")[2] for node in nodes]
    flags = ["-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s"]
    with held_to(PART, [node.pid for node in nodes]):
        running = [
            subprocess.Popen(
                ["wrk", *flags, f"http://127.0.0.1:{port}{PAGE}"], stdout=subprocess.PIPE, text=True
            )
            for port in ports
        ]
        said = [one.communicate()[0] for one in running]
    if any("Non-2xx" in one for one in said):
        raise SystemExit("A node did not answer well:\n" + "\n".join(said))
    return sum(float(re.findall(r"Requests/sec: +([\d.]+)", one)[0]) for one in said)


def of_emails(stack: Stack, sink: Sink) -> None:
    found: dict[int, list[float]] = {1: [], 2: []}
    for number in range(ROUNDS):
        for count in found:
            found[count].append(emails_per_second(stack, sink, count, number))
    print("\n| emails | 1 sender | 2 senders | times |\n| --- | ---: | ---: | ---: |")
    tell(f"{EMAILS} in the outbox", found)


def emails_per_second(stack: Stack, sink: Sink, count: int, number: int) -> float:
    names = [f"sender {one}" for one in range(1, count + 1)]
    stack.start(*names)
    before = len(arrivals(sink))
    stack.shell(PUT.format(count=EMAILS, number=f"{number}-{count}"))
    with held_to(PART, [stack.children[name].pid for name in names]):
        for _ in names:
            stack.shell("from mail.tasks import deliver; deliver.delay()")
        arrived = wait_until(lambda: len(arrivals(sink)) >= before + EMAILS, seconds=300)
    stack.stop(*names)
    if not arrived:
        raise SystemExit(stack.log_tails())
    moments = arrivals(sink)[before:]
    return (len(moments) - 1) / (moments[-1] - moments[0])


def arrivals(sink: Sink) -> list[float]:
    """When each of ours came in; the demo sends some of its own."""
    return sorted(one.at for one in sink.arrivals() if one.to.startswith("reader-"))


def tell(what: str, found: dict[int, list[float]]) -> None:
    one, two = (median(figures) for figures in found.values())
    print(f"| {what} | {one:,.0f}/s | {two:,.0f}/s | {two / one:.2f} |", flush=True)


@contextmanager
def held_to(part: float, groups: list[int]) -> Iterator[None]:
    """Each of these processes, with all that it started, gets that part of a core and no more."""
    made = []
    try:
        for number, pid in enumerate(groups):
            group = _group(f"benchmark-{os.getpid()}-{number}", part)
            made.append(group)
            for each in _processes_of(pid):
                (group / "cgroup.procs").write_text(str(each))
        yield
    finally:
        for group in made:
            for left in (group / "cgroup.procs").read_text().split():
                (group.parent / "cgroup.procs").write_text(left)
            group.rmdir()


def _group(name: str, part: float) -> Path:
    root = Path("/sys/fs/cgroup")
    old = root / "cpu"  # version 1 of the kernel's interface
    group = (old if old.is_dir() else root) / name
    group.mkdir()
    if old.is_dir():
        (group / "cpu.cfs_period_us").write_text(str(PERIOD))
        (group / "cpu.cfs_quota_us").write_text(str(int(part * PERIOD)))
    else:
        (group / "cpu.max").write_text(f"{int(part * PERIOD)} {PERIOD}")
    return group


def _processes_of(pid: int) -> list[int]:
    """It and its descendants: it leads a group of its own."""
    said = subprocess.run(["ps", "-eo", "pid=,pgid="], capture_output=True, text=True, check=True)
    pairs = (line.split() for line in said.stdout.splitlines())
    return [int(one) for one, group in pairs if int(group) == pid]


if __name__ == "__main__":
    main()
