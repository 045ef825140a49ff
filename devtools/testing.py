"""`dev.py test`: every check and every test, on servers brought up for them alone."""

import os
import re
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from devtools import apt
from devtools.checks import BOLD, GREEN, PLAIN, RED, all_checks, ask_all, tell
from devtools.environment import PYTHON, ROOT, Stop, prepare
from devtools.haproxy import find_haproxy
from devtools.processes import on_ending_signals
from devtools.services import (
    find_chromium,
    find_nginx,
    find_postgres,
    find_redis,
    start_postgres,
    start_redis,
)
from devtools.stores import find_pgbouncer

# The developer's own settings must not color a test. These two alone are asked of the shell.
ASKED_OF_THE_SHELL = ["DATABASE_URL", "REDIS_URL"]
MAX_WORKERS = 8  # each has a database of its own in Redis, which has 16
COVERAGE, RANDOM = "--coverage", "--random"
MORE_AT_RANDOM = ["-m", "hypothesis", "--hypothesis-profile=random"]
MEASURED = ["--cov", "--cov-report=term-missing:skip-covered"]
IN_PROCESS = ["--ignore=tests/journeys"]  # those run the product in processes that are not measured
HOW_TO_GET_ALL = (
    "On Debian and Ubuntu: sudo apt install postgresql redis-server nginx haproxy pgbouncer"
    " chromium"
)


@dataclass
class Ground:
    """What the tests stand on: variables for the settings, and what could not be had."""

    environment: dict[str, str]
    missing: list[str] = field(default_factory=list)


def main(arguments: list[str]) -> int:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a script's background job ignores it
    for number in [signal.SIGTERM, signal.SIGHUP]:
        signal.signal(number, _end_in_good_order)
    try:
        prepare("dev.txt")
        with ground_to_test_on() as ground:
            if arguments:
                print("Only these tests, and no checks. Without arguments: everything.")
                code = run_pytest(for_pytest(arguments), ground.environment)
            else:
                code = run_everything(ground.environment)
            if ground.missing:
                print(banner(ground.missing))
            return code
    except KeyboardInterrupt:
        print("\nInterrupted.")
        return 130


def run_everything(environment: dict[str, str]) -> int:
    """The checks run beside the tests and are told of at the end."""
    began = time.monotonic()
    failed = []
    with ThreadPoolExecutor(max_workers=1) as pool:
        checks = pool.submit(ask_all, all_checks(environment))
        if run_pytest(on_all_cores(), environment):
            failed.append("pytest")
        print()
        failed += [outcome.name for outcome in checks.result() if tell(outcome).complaint]
    print(f"\nWhat Hypothesis tries is always the same. More of it: dev.py test {RANDOM}")
    took = f"in {time.monotonic() - began:.0f} s"
    if failed:
        print(f"\n{RED}{BOLD}Failed {took}: {', '.join(failed)}{PLAIN}")
        return 1
    print(f"\n{GREEN}{BOLD}All checks and tests passed {took}.{PLAIN}")
    return 0


def for_pytest(arguments: list[str]) -> list[str]:
    """Our own two options, without others, concern all tests there are."""
    given = [one for one in arguments if one not in (COVERAGE, RANDOM)]
    said = given or on_all_cores()
    if COVERAGE in arguments:
        said = [*said, *MEASURED, *([] if given else IN_PROCESS)]
    if RANDOM in arguments:
        said = [*said, *MORE_AT_RANDOM, *([] if given else IN_PROCESS)]
    return said


@contextmanager
def ground_to_test_on() -> Iterator[Ground]:
    """Servers in a temporary folder, which goes with them at the end, whatever happens."""
    with tempfile.TemporaryDirectory(prefix="dev-test-") as folder, ExitStack() as cleanup:
        ground = Ground(_settings_for_tests(Path(folder)))
        _install_what_is_missing(ground.environment)
        _start_servers(ground, Path(folder), cleanup)
        if not find_nginx():
            ground.missing.append("nginx: deploy/nginx.conf goes untested")
        if not find_haproxy():
            ground.missing.append("HAProxy: deploy/haproxy.cfg goes untested")
        if not find_pgbouncer():
            ground.missing.append("PgBouncer: the site on many machines goes untested")
        if not find_chromium():
            ground.missing.append("Chromium: no journey through the site in a browser")
        if ground.missing:
            _say_what_is_missing(ground.missing)
        # The last in is the first to run: a second Ctrl-C must not leave half of this behind.
        cleanup.callback(on_ending_signals, signal.SIG_IGN)
        yield ground


def on_all_cores() -> list[str]:
    """One worker more than there are cores: whoever runs a journey waits as much as it works."""
    return ["-n", str(min((os.cpu_count() or 1) + 1, MAX_WORKERS))]


def run_pytest(arguments: Sequence[str], environment: dict[str, str]) -> int:
    """Shares our terminal, so that a debugger works. Interrupted, it gets the time to clean up."""
    process = subprocess.Popen([PYTHON, "-m", "pytest", *arguments], cwd=ROOT, env=environment)
    try:
        return process.wait()
    except (KeyboardInterrupt, SystemExit) as reason:
        heard_it_itself = isinstance(reason, KeyboardInterrupt) and sys.stdin.isatty()
        if not heard_it_itself:
            process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=30)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            process.kill()
            process.wait()
        raise


def banner(missing: Sequence[str]) -> str:
    lines = ["SOME TESTS ARE LEFT OUT HERE", *missing, HOW_TO_GET_ALL]
    width = max(map(len, lines))
    framed = [f"! {line:<{width}} !" for line in lines]
    edge = "!" * (width + 4)
    return "\n".join(["", edge, *framed, edge, ""])


def _say_what_is_missing(missing: Sequence[str]) -> None:
    if os.environ.get("REQUIRE_SERVICES") == "1":
        names = ", ".join(line.partition(":")[0] for line in missing)
        raise Stop(f"REQUIRE_SERVICES=1, but there is no {names}.\n{HOW_TO_GET_ALL}")
    print(banner(missing))


def _start_servers(ground: Ground, folder: Path, cleanup: ExitStack) -> None:
    """Those that the shell does not name."""
    if "DATABASE_URL" not in ground.environment:
        if find_postgres():
            server = cleanup.enter_context(start_postgres(folder))
            ground.environment["DATABASE_URL"] = server.url
        else:
            ground.missing.append("PostgreSQL: the tests run on SQLite, without row locks")
    if "REDIS_URL" not in ground.environment:
        if find_redis():
            server = cleanup.enter_context(start_redis(folder))
            ground.environment["REDIS_URL"] = server.url
        else:
            ground.missing.append("Redis: the queue is a folder, and its failures go untested")


def _install_what_is_missing(environment: dict[str, str]) -> None:
    is_missing = {
        "postgresql": "DATABASE_URL" not in environment and not find_postgres(),
        "redis-server": "REDIS_URL" not in environment and not find_redis(),
        "nginx-light": not find_nginx(),
        "haproxy": not find_haproxy(),
        "pgbouncer": not find_pgbouncer(),
        "chromium": not find_chromium(),
    }
    packages = [package for package, missing in is_missing.items() if missing]
    if packages:
        apt.install(*packages)


def _settings_for_tests(folder: Path) -> dict[str, str]:
    ours = set(re.findall(r"(?m)^(?:# )?([A-Z_]+)=", (ROOT / ".env.example").read_text()))
    environment = {
        name: value
        for name, value in os.environ.items()
        if name.removesuffix("_FILE") not in ours or (name in ASKED_OF_THE_SHELL and value)
    }
    return environment | {
        "DEMO": "on",
        "READ_DOT_ENV": "0",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "SITE_URL": "http://testserver",
        "VAR_DIR": str(folder / "var"),
    }


def _end_in_good_order(*details: object) -> NoReturn:
    sys.exit(143)
