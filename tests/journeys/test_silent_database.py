"""The database's machine is cut off: nothing is refused, and nothing is answered."""

import threading

import pytest

from devtools.processes import wait_until
from tests.relay import Relay
from tests.stack import DATABASE, Stack, visitor

EVERYONE = 40  # more than enough to reach each process of the web server
SEARCHERS = 24  # three for each thread of the web server
WAITED = 4.0  # seconds: two at most are promised
EMAILS = 120  # seconds, once it is back


class FarFromItsDatabase(Stack):
    def start_servers(self) -> None:
        super().start_servers()
        self.relay = self._cleanup.enter_context(Relay(self.postgres.port))
        self.environment["DATABASE_URL"] = (
            f"postgres://postgres@127.0.0.1:{self.relay.port}/{DATABASE}"
        )


@pytest.fixture(scope="module")
def stack(start_stack):
    with start_stack(kind=FarFromItsDatabase) as stack:
        yield stack


@pytest.fixture(autouse=True)
def cut_cable(stack):
    """It is in again at the end, and every page of the crowd is in the memory of each process."""
    for _ in range(EVERYONE):
        assert stack.get("/articles/").status == 200
    yield stack.relay
    stack.relay.join()
    assert wait_until(lambda: search(stack).status == 200, seconds=60)


def search(stack):
    return stack.get("/articles/search/?q=ledger", timeout=120)


class Crowd:
    """People who search, all the time; each keeps what came."""

    def __init__(self, stack):
        self.stack = stack
        self.answers = []
        self._is_over = threading.Event()
        self._threads = [threading.Thread(target=self._search) for _ in range(SEARCHERS)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *details):
        self._is_over.set()
        for thread in self._threads:
            thread.join()

    def begin(self):
        """Wait until all are at it. For how long the slowest of them waited while all is well: what
        it takes anyway on a machine that is busy with other things.
        """
        assert wait_until(lambda: len(self.answers) > 2 * SEARCHERS, seconds=120)
        return max(answer.seconds for answer in self.answers)

    def _search(self):
        while not self._is_over.wait(0.1):
            self.answers.append(search(self.stack))


def test_who_reads_what_is_in_memory_does_not_wait_behind_those_who_search(stack, cut_cable):
    with Crowd(stack) as crowd:
        usual = crowd.begin()
        until_then = len(crowd.answers)
        cut_cable.cut()
        read = [stack.get("/articles/", timeout=120) for _ in range(EVERYONE)]
        before = len(crowd.answers)
        assert wait_until(lambda: len(crowd.answers) > before + 2 * SEARCHERS, seconds=60)
        read += [stack.get("/articles/", timeout=120) for _ in range(EVERYONE)]

    assert {page.status for page in read} == {200}
    assert max(page.seconds for page in read) < usual + WAITED
    assert max(answer.seconds for answer in crowd.answers[until_then:]) < usual + WAITED
    assert crowd.answers[-1].status == 503
    assert "Back in a moment" in crowd.answers[-1].text
    said = stack.latest_log("web")
    assert "not tried: PostgreSQL did not answer a moment ago" in said
    assert "Traceback" not in said  # a line for each that was refused


def test_an_inquiry_comes_back_as_it_was_typed_and_arrives_once_the_database_answers(
    stack, cut_cable
):
    one = visitor()
    with Crowd(stack) as crowd:
        usual = crowd.begin()
        cut_cable.cut()
        answer = stack.send_inquiry(one, message="We need a ledger, & soon.", timeout=120)

    assert answer.status == 503
    assert answer.seconds < usual + WAITED
    assert "We need a ledger, &amp; soon." in answer.text
    cut_cable.join()
    assert wait_until(lambda: stack.send_inquiry(one).is_thanks, seconds=60)
    stack.expect_emails([one], within=EMAILS)


def test_a_restart_is_no_silence(stack):
    """Each process finds its connections ended, and asks again at once."""
    for _ in range(EVERYONE):
        search(stack)

    said = len(stack.latest_log("web"))
    stack.postgres.restart()

    assert {search(stack).status for _ in range(EVERYONE)} == {200}
    assert "PostgreSQL is silent" not in stack.latest_log("web")[said:]
