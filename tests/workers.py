"""The whole suite on several processes at once (pytest-xdist), which never meet.

Each has a database of its own (`tests/databases.py`). It gets a Redis database and a folder of its
own here, before the settings are read: that is why `addopts` names this plugin. What takes long to
make and is the same for all is made by whoever needs it first, in a folder that they share.
"""

import fcntl
import gc
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from xdist.scheduler import LoadScopeScheduling

JOURNEYS = "tests/journeys"
SHARED = "TESTS_SHARED_FOLDER"  # set for the workers by whoever starts them


def separate(worker: str) -> None:
    if redis := os.environ.get("REDIS_URL"):
        parts = urlsplit(redis)
        number = int(parts.path.strip("/") or 0) + int(worker.removeprefix("gw"))
        os.environ["REDIS_URL"] = urlunsplit(parts._replace(path=f"/{number}"))
    if var := os.environ.get("VAR_DIR"):
        folder = Path(var) / worker
        folder.mkdir(parents=True, exist_ok=True)
        os.environ["VAR_DIR"] = str(folder)


if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    separate(worker)
    gc.disable()  # until all tests are collected


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What is here by now stays to the end, so the collector need not look through it. It runs
    seldom: a page makes many objects, and nearly all of them go without it.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    gc.enable()


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        os.environ[SHARED] = tempfile.mkdtemp(prefix="tests-")
        Path(os.environ[SHARED]).chmod(0o711)  # PostgreSQL, as another user, passes through


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ.pop(SHARED), ignore_errors=True)


def made_once(name: str, make: Callable[[Path], object]) -> Path:
    """A folder that the first worker to ask fills. The others wait until it is done."""
    folder = Path(os.environ[SHARED]) / name
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = folder.with_suffix(".done")
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)  # half of it, where someone failed before
            folder.mkdir(mode=0o711)
            make(folder)
            done.touch()
    return folder


def unit_of(nodeid: str) -> str:
    """Its file. Journeys in no folder of their own share a stack that they break: they are one."""
    file = nodeid.partition("::")[0]
    folder = file.rpartition("/")[0]
    return folder if folder == JOURNEYS else file


class ByUnit(LoadScopeScheduling):
    """Tests that stand together are a unit and stay on one worker, for their fixtures' sake."""

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log) -> ByUnit:
    return ByUnit(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The units with the most tests first: by turns one that mostly waits, a journey, and one that
    keeps a processor busy.
    """
    if hasattr(config, "workerinput"):
        sizes = Counter(unit_of(item.nodeid) for item in items)
        turns: dict[str, tuple[int, bool]] = {}
        of_journeys, of_others = count(), count()
        for unit in sorted(sizes, key=lambda unit: (unit != JOURNEYS, -sizes[unit], unit)):
            is_journey = unit.startswith(JOURNEYS)
            turns[unit] = next(of_journeys if is_journey else of_others), not is_journey
        items.sort(key=lambda item: turns[unit_of(item.nodeid)])
