"""The drill itself: faults, one after the other, under load. `devtools.drill.main` starts it."""

import argparse
import http.client
import os
import re
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from devtools.drill.balancers import ADDRESS
from devtools.drill.load import PAGE, PICTURE, SEARCH, STATIC, Load, Mailbox
from devtools.drill.report import MAILED_WITHIN, Row, Trial, row, tables
from devtools.drill.site import Site
from devtools.environment import Stop
from devtools.processes import on_ending_signals, wait_until

SECONDS_AWAY = 12.0  # longer than any time-out between two machines
SECONDS_WATCHED = 5.0  # after everything is back
SECONDS_TO_SETTLE = 90.0
ALWAYS = [
    "/", "/articles/", "/services/", "/about/", "/offices/", "/contact/", "/readiness/",
]  # fmt: skip

Undo = Callable[[], None]


@dataclass(frozen=True)
class Fault:
    """What happens to the site. `strike` does it, and returns what brings everything back."""

    name: str
    strike: Callable[[Site], Undo]
    needs_database: bool = False
    needs_files: bool = False


def kill(*services: str) -> Callable[[Site], Undo]:
    def strike(site: Site) -> Undo:
        site.supervisor.kill(*services)
        return lambda: site.supervisor.start(*services)

    return strike


def kill_machine(which: str | Callable[[Site], str]) -> Callable[[Site], Undo]:
    def strike(site: Site) -> Undo:
        name = which if isinstance(which, str) else which(site)
        services = site.supervisor.kill_machine(site.machines[name])
        return lambda: site.supervisor.start(*services)

    return strike


def cut(which: str | Callable[[Site], str]) -> Callable[[Site], Undo]:
    def strike(site: Site) -> Undo:
        machine = site.machines[which if isinstance(which, str) else which(site)]
        machine.cut()
        return machine.join

    return strike


def kill_proxy(site: Site) -> Undo:
    """HAProxy alone, on the balancer that has the address; keepalived has to notice."""
    return kill(f"haproxy-{active_balancer(site)[-1]}")(site)


def active_balancer(site: Site) -> str:
    return next(name for name in ["balancer-1", "balancer-2"] if site.has_address(name))


def nothing(site: Site) -> Undo:
    return lambda: None


FAULTS = [
    Fault("nothing", nothing),
    Fault("a web node", kill_machine("web-1")),
    Fault("a web node, cut off", cut("web-2")),
    Fault("a worker, its sender and beat", kill_machine("worker-1")),
    Fault("the other three, cut off", cut("worker-2")),
    Fault("the Redis that is written to", kill_machine(Site.redis_master)),
    Fault("that Redis, cut off", cut(Site.redis_master)),
    Fault("a Sentinel", kill("sentinel-3")),
    Fault("the S3 server", kill_machine("files"), needs_files=True),
    Fault("the S3 server, cut off", cut("files"), needs_files=True),
    Fault("HAProxy of the active balancer", kill_proxy),
    Fault("the active balancer, cut off", cut(active_balancer)),
    Fault("PgBouncer", kill("pgbouncer"), needs_database=True),
    Fault("PostgreSQL and PgBouncer", kill_machine("database"), needs_database=True),
    Fault("the database’s machine, cut off", cut("database"), needs_database=True),
]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="dev.py drill", description=__doc__)
    parser.add_argument("--only", metavar="WORDS", help="only faults whose name has these words")
    parser.add_argument("--keep", metavar="FOLDER", help="keep the logs of every process there")
    options = parser.parse_args(arguments)
    faults = [fault for fault in FAULTS if not options.only or options.only in fault.name]
    if not faults:
        raise Stop(f"No fault has that name. There are: {', '.join(one.name for one in FAULTS)}.")
    on_ending_signals(_end_as_by_ctrl_c)
    os.umask(0o022)
    with tempfile.TemporaryDirectory(prefix="drill-", ignore_cleanup_errors=True) as temporary:
        folder = Path(options.keep or temporary).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        try:
            return drill(folder, faults)
        except KeyboardInterrupt:
            print("\nStopped. Nothing is left of the drill.")
            return 130


def drill(folder: Path, faults: Sequence[Fault]) -> int:
    began = time.monotonic()
    say("Starting eleven machines, with everything on them, and the demo’s content …")
    trials: list[Trial] = []
    stuck: Stop | None = None
    with Site(folder) as site:
        settle(site)
        load, mailbox = Load(ADDRESS, paths()), Mailbox(site.mail)
        load.start()
        try:
            time.sleep(SECONDS_WATCHED)  # every page is in the memory of both nodes
            say(f"Ready after {time.monotonic() - began:.0f} s. Now with load:")
            for fault in faults:
                trials.append(try_out(fault, site, load, mailbox))
                settle(site)
        except Stop as reason:
            stuck = reason  # what was tried until then is worth telling
        finally:
            load.stop()
        rows = [row(trial, load, mailbox) for trial in trials]
    print(f"\n{tables(rows)}\n")
    if stuck:
        raise stuck
    return judge(rows)


def try_out(fault: Fault, site: Site, load: Load, mailbox: Mailbox) -> Trial:
    restarts = sum(site.supervisor.restarts().values())
    began = time.monotonic()
    undo = fault.strike(site)
    time.sleep(SECONDS_AWAY)
    undo()
    back = time.monotonic()
    time.sleep(SECONDS_WATCHED)
    ended = time.monotonic()
    restarts = sum(site.supervisor.restarts().values()) - restarts
    trial = Trial(fault.name, began, back, ended, restarts, fault.needs_database, fault.needs_files)

    def all_mailed() -> bool:
        _, senders = trial.of(load)
        complete = mailbox.complete_at()
        return all(one.email in complete for one in senders)

    wait_until(all_mailed, seconds=2 * MAILED_WITHIN, pause=0.2)
    so_far = row(trial, load, mailbox)
    say(f"{fault.name}: {'; '.join(so_far.misses()) or 'as promised'}")
    return trial


def settle(site: Site) -> None:
    """Wait until everything works again, so that the next fault meets a whole site."""
    site.supervisor.wait_for(*site.supervisor.services)

    def is_whole() -> bool:
        return site.redis_is_whole() and site.has_address("balancer-1") != site.has_address(
            "balancer-2"
        )

    if not wait_until(is_whole, seconds=SECONDS_TO_SETTLE, pause=0.2):
        raise Stop("Redis or the balancers did not find together again.")
    time.sleep(2)  # two checks of HAProxy


def paths() -> dict[str, Sequence[str]]:
    """What readers ask for: found on the site, as they find it."""
    listing, home = fetch("/articles/"), fetch("/")
    found = set(re.findall(r'href="(/articles/[a-z0-9-]+/)"', listing))
    articles = sorted(found - {f"/articles/{name}/" for name in ["search", "feed", "atom"]})[:8]
    pictures = sorted(set(re.findall(r'"(/media/[^" ]+)', listing + home)))[:8]
    files = sorted(set(re.findall(r'"(/static/[^" ]+\.(?:css|js))"', home)))
    if not (articles and pictures and files):
        raise Stop("The site has no articles, pictures or style sheets to read.")
    others = [path for path in ALWAYS if path in (*ALWAYS[:2], "/contact/") or f'"{path}"' in home]
    return {
        PAGE: [*others, *articles],
        SEARCH: ["/articles/search/"],
        PICTURE: pictures,
        STATIC: files,
    }


def fetch(path: str) -> str:
    connection = http.client.HTTPConnection(ADDRESS, 80, timeout=20)
    with closing(connection):
        connection.request("GET", path)
        return connection.getresponse().read().decode()


def judge(rows: Sequence[Row]) -> int:
    if rows[0].trial.name == FAULTS[0].name and rows[0].misses():
        print("This machine is too busy or too slow: promises were missed with nothing killed.\n")
    missed = [f"{one.trial.name}: {said}" for one in rows for said in one.misses()]
    if not missed:
        print("Every promise was kept.")
        return 0
    print("Missed:\n" + "\n".join(f"- {line}" for line in missed))
    return 1


def say(line: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {line}", flush=True)


def _end_as_by_ctrl_c(number: int, frame: object) -> None:
    for other in [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]:
        signal.signal(other, signal.SIG_IGN)  # once is enough: what follows is tidying up
    raise KeyboardInterrupt


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Stop as reason:
        print(f"\n{reason}")
        sys.exit(1)
