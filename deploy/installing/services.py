"""The site's units, and whether its processes run."""

import contextlib
import http.client
import time
from pathlib import Path

from deploy.installed import Stop
from deploy.installing.changes import progress, run, works, write
from deploy.installing.place import UNITS

STARTED = ["site-worker.service", "site-sender.service", "site-beat.service"]
TIMERS = ["site-backup.timer", "site-restore-test.timer"]
# Whoever waits in the queue of a web process that stops is handed to the one that has started.
SYSCTL = "net.ipv4.tcp_migrate_req = 1\n"


def install_units(release: Path) -> None:
    source = release / "deploy" / "systemd"
    for unit in sorted(path for path in source.rglob("*") if path.is_file()):
        write(UNITS / unit.relative_to(source), unit.read_text("utf-8"))
    if write(Path("/etc/sysctl.d/60-site.conf"), SYSCTL):
        works(["sysctl", "-qp", "/etc/sysctl.d/60-site.conf"])  # a container has no say in it


def start_services(*, is_new: bool) -> None:
    """`is_new`: they may run with what has just been replaced."""
    run(["systemctl", "daemon-reload"], "systemd does not read the units")
    wanted = ["site.target", *STARTED, *TIMERS]
    web = UNITS / "site.target.wants"
    if not list(web.glob("site-web@*.service")):
        wanted.append("site-web@1.service")
    if missing := [unit for unit in wanted if not works(["systemctl", "-q", "is-enabled", unit])]:
        run(["systemctl", "-q", "enable", *missing], "The services cannot be enabled")
        progress.change()
    run(["systemctl", "start", "redis-server"], "Redis does not start")
    # Asked of several at once, systemctl says yes if one of them is.
    units = ["site.target", *STARTED, *(path.name for path in web.glob("site-web@*.service"))]
    are_running = [works(["systemctl", "-q", "is-active", unit]) for unit in units]
    if is_new and any(are_running):
        run(["systemctl", "restart", "site.target"], "The services do not start again")
    elif not all(are_running):
        run(["systemctl", "start", "site.target"], "The services do not start")
        progress.change()
    _wait_for_web()


def _wait_for_web() -> None:
    ends = time.monotonic() + 120
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=5)
        with (
            contextlib.closing(connection),
            contextlib.suppress(OSError, http.client.HTTPException),
        ):
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        if time.monotonic() > ends:
            raise Stop(
                "The web processes do not answer. `site logs` and `site doctor` say why; put it"
                " right, and run this again."
            )
        time.sleep(0.5)
