"""Servers and browser for tests, and an honest word at the end about what could not be tested.

A test that needs one of them asks for its fixture. Where it cannot be had the test is skipped and
named in the closing summary; with REQUIRE_SERVICES=1 it fails instead.
"""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from django.conf import settings

from devtools.services import (
    Server,
    find_chromium,
    find_postgres,
    find_redis,
    start_postgres,
    start_redis,
)

MISSING = "Cannot be had here: "


@pytest.fixture(scope="module")
def own_postgres() -> Iterator[Server]:
    """A PostgreSQL for this module, which may stop it, so long as it starts it again."""
    if not find_postgres():
        skip_or_fail("PostgreSQL")
    with tempfile.TemporaryDirectory() as folder, start_postgres(Path(folder)) as server:
        yield server


@pytest.fixture(scope="module")
def redis_server() -> Iterator[Server]:
    """A Redis for this module, which may kill, pause or stop it, so long as it starts it again."""
    if not find_redis():
        skip_or_fail("Redis")
    with tempfile.TemporaryDirectory() as folder, start_redis(Path(folder)) as server:
        yield server


@pytest.fixture(scope="session")
def chromium_path() -> str:
    path = find_chromium()
    if path is None:
        skip_or_fail("Chromium")
    return path


def skip_or_fail(what: str) -> NoReturn:
    if os.environ.get("REQUIRE_SERVICES") == "1":
        pytest.fail(f"{MISSING}{what}, and REQUIRE_SERVICES=1 is set", pytrace=False)
    pytest.skip(f"{MISSING}{what}")


def pytest_terminal_summary(terminalreporter) -> None:
    untested = []
    if "postgresql" not in settings.DATABASES["default"]["ENGINE"]:
        untested.append("PostgreSQL: the tests ran on SQLite, which has no row locks")
    if not settings.REDIS_URL:
        untested.append("Redis: the tests ran on a queue of files and a cache in memory")
    skipped = [
        report.nodeid
        for report in terminalreporter.stats.get("skipped", [])
        if MISSING in str(report.longrepr)
    ]
    if untested or skipped:
        terminalreporter.section("NOT TESTED HERE", yellow=True)
        for line in untested + skipped:
            terminalreporter.line(line)
