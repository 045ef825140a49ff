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
EMPTYING = {"transactional_db", "live_server", "django_db_reset_sequences"}


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
    """The file of a test; of a journey its folder, whose tests share a running site."""
    file = nodeid.partition("::")[0]
    return file.rpartition("/")[0] if file.startswith(JOURNEYS) else file


def _empties_the_database(item: pytest.Item) -> bool:
    """Whether its tables are empty after it: no transaction is rolled back, so all is deleted."""
    marker = item.get_closest_marker("django_db")
    if marker and (marker.kwargs.get("transaction") or marker.args[:1] == (True,)):
        return True
    return not EMPTYING.isdisjoint(getattr(item, "fixturenames", ()))


class ByUnit(LoadScopeScheduling):
    """Tests that stand together are a unit and stay on one worker, for their fixtures' sake.

    A file of both kinds of tests, those that empty the database and others, is two of them.
    """

    def _split_scope(self, nodeid: str) -> str:
        if not hasattr(self, "_units"):
            self._units, number, last = {}, 0, ""
            for one in self.collection:
                if _unit_of(one) != last:
                    number, last = number + 1, _unit_of(one)
                self._units[one] = f"{number} {last}"
        return self._units[nodeid]


def pytest_xdist_make_scheduler(config: pytest.Config, log) -> ByUnit:
    return ByUnit(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """First what takes longest: the journeys, then the files with the most tests. Last of all, as
    pytest-django has it, those that empty the database: the others need its first rows.
    """
    if hasattr(config, "workerinput"):
        sizes = Counter(_unit_of(item.nodeid) for item in items)

        def turn(item: pytest.Item) -> tuple[bool, bool, int, str]:
            unit = _unit_of(item.nodeid)
            is_journey = unit.startswith(JOURNEYS)
            is_last = not is_journey and _empties_the_database(item)
            return not is_journey, is_last, -sizes[unit], unit

        items.sort(key=turn)
