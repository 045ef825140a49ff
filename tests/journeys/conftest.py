"""The product as it runs for real, for tests that break parts of it or look at it in a browser."""

import json
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from devtools.services import find_postgres, find_redis
from tests.browser import Browser, running_chromium
from tests.journeys import stories
from tests.services_report import skip_or_fail
from tests.stack import Sessions, Stack, collect_static, prepare, prepare_demo
from tests.workers import made_once


@pytest.fixture
def empty_cache():
    """Nothing: each stack has a cache of its own, and other tests run beside these."""


@pytest.fixture(scope="session")
def start_stack() -> Iterator[Callable[..., Stack]]:
    """How to bring up a stack, to be used in a `with`."""
    if not find_postgres():
        skip_or_fail("PostgreSQL")
    if not find_redis():
        skip_or_fail("Redis")
    static = made_once("static", collect_static) / "static"
    empty = made_once("empty", partial(prepare, static=static))
    with tempfile.TemporaryDirectory(prefix="stacks-") as name:
        root = Path(name)
        root.chmod(0o711)  # PostgreSQL runs as another user, who must pass through

        def start(*, demo: bool = False, kind: type[Stack] = Stack) -> Stack:
            filled = partial(prepare_demo, static=static, like=empty)
            like = made_once("demo", filled) if demo else empty
            return kind(Path(tempfile.mkdtemp(dir=root)), static=static, like=like)

        yield start


@pytest.fixture(scope="session")
def running_stack(start_stack, long_stories) -> Iterator[Stack]:
    with start_stack() as stack:
        yield stack


@pytest.fixture
def stack(running_stack) -> Stack:
    """One web server, worker and beat, all running, and nothing in the database yet."""
    running_stack.recover()
    return running_stack


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of long stories run last."""
    items.sort(key=lambda item: bool(_stories_of(item)))


@pytest.fixture(scope="session")
def long_stories(request) -> Iterator[dict[str, Future]]:
    """Long stories start with the first stack, each on one of its own, while other tests run."""
    wanted = {name for item in request.session.items for name in _stories_of(item)}
    if not wanted:
        yield {}
        return
    start = request.getfixturevalue("start_stack")
    with ThreadPoolExecutor() as pool:
        yield {name: pool.submit(stories.run, stories.ALL[name], start) for name in wanted}


def _stories_of(item: pytest.Item) -> set[str]:
    return stories.ALL.keys() & set(getattr(item, "fixturenames", []))


@pytest.fixture
def a_worker_killed_while_sending(long_stories):
    return long_stories["a_worker_killed_while_sending"].result()


@pytest.fixture
def a_worker_asked_to_stop(long_stories):
    return long_stories["a_worker_asked_to_stop"].result()


@pytest.fixture
def a_minute_without_mail_server(long_stories):
    return long_stories["a_minute_without_mail_server"].result()


@pytest.fixture
def a_minute_without_broker(long_stories):
    return long_stories["a_minute_without_broker"].result()


@pytest.fixture(scope="session")
def running_site(start_stack) -> Iterator[Stack]:
    with start_stack(demo=True) as stack:
        yield stack


@pytest.fixture(scope="module")
def site(running_site) -> Stack:
    """A stack with the demo content, as new. It goes on from test to test as a site does."""
    running_site.renew()
    return running_site


@pytest.fixture(scope="session")
def logins(running_site) -> dict[str, str]:
    """The password of each of the demo's people, by email."""
    return json.loads((running_site.var / "demo-logins.json").read_text())


@pytest.fixture(scope="session")
def sessions(running_site) -> Sessions:
    return Sessions(running_site)


# Not for the session: while Playwright runs, Django's own tests find its event loop in their way.
@pytest.fixture(scope="module")
def browser(site, sessions, chromium_path) -> Iterator[Browser]:
    with running_chromium(chromium_path, site.address, sessions) as browser:
        yield browser


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    """A test that failed shows what the processes said last."""
    report = yield
    stacks = {value for value in getattr(item, "funcargs", {}).values() if isinstance(value, Stack)}
    if report.failed:
        report.sections += [("What the processes said last", one.log_tails()) for one in stacks]
    return report
