"""The whole suite on several processes at once (pytest-xdist), which never meet.

pytest-django gives each worker a database of its own. Each gets a Redis database and a folder of
its own here, before the settings are read: that is why `addopts` names this plugin.
"""

import os
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from xdist.scheduler import LoadScopeScheduling

JOURNEYS = "tests/journeys"


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


def _unit_of(nodeid: str) -> str:
    """A file stays on one worker for its fixtures' sake, and the journeys for their servers'."""
    file = nodeid.partition("::")[0]
    return JOURNEYS if file.startswith(JOURNEYS) else file


class ByUnit(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        return _unit_of(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log) -> ByUnit:
    return ByUnit(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What takes longest begins first: the journeys, then the files with the most tests."""
    if hasattr(config, "workerinput"):
        sizes = Counter(_unit_of(item.nodeid) for item in items)

        def turn(item: pytest.Item) -> tuple[bool, int]:
            unit = _unit_of(item.nodeid)
            return unit != JOURNEYS, -sizes[unit]

        items.sort(key=turn)
