"""Two web nodes behind deploy/haproxy.cfg, without its TLS. `dev.py drill` kills the rest."""

import json
import re
import socket
import tempfile
import threading
from functools import partial
from pathlib import Path

import pytest

from devtools.haproxy import find_haproxy, start_haproxy
from devtools.processes import wait_until
from tests.services_report import skip_or_fail
from tests.stack import visitor

IS_BUSY = 8.0  # seconds: what the same takes where every core is in use


@pytest.fixture(scope="module")
def stack(running_stack):
    """One for all of these tests, with two web servers."""
    running_stack.recover()
    running_stack.start("web 2")
    yield running_stack
    running_stack.stop("web 2")


@pytest.fixture(scope="module")
def balancer(stack):
    if not find_haproxy():
        skip_or_fail("HAProxy")
    nodes = [stack.ports["web"], stack.ports["web 2"]]
    with tempfile.TemporaryDirectory() as name, start_haproxy(Path(name), nodes) as server:
        wait_until(lambda: stack.get("/", port=server.port).status == 200, seconds=30)
        yield server


def test_a_web_node_that_is_killed_costs_nobody_a_page_or_an_inquiry(stack, balancer):
    pages, thanked, turned_away = [], [], []
    is_over = threading.Event()

    def read():
        while not is_over.wait(0.05):
            pages.append(stack.get("/articles/", port=balancer.port))

    def write():
        while not is_over.wait(0.2):
            one = visitor()
            answer = stack.send_inquiry(one, port=balancer.port)
            (thanked if answer.is_thanks else turned_away).append(one)

    crowd = [threading.Thread(target=work) for work in (read, write)]
    for person in crowd:
        person.start()
    wait_until(lambda: len(pages) > 10 and thanked, seconds=60)
    stack.kill("web 2")
    before = len(pages), len(thanked)
    wait_until(lambda: len(pages) > before[0] + 20 and len(thanked) > before[1] + 4, seconds=60)
    is_over.set()
    for person in crowd:
        person.join()
    stack.start("web 2")

    assert {page.status for page in pages} == {200}
    assert max(page.seconds for page in pages) < IS_BUSY
    assert turned_away == []
    emails = stack.expect_emails(thanked)
    assert all(one.arrived_once for one in emails.values())


def test_a_node_that_is_not_ready_is_left_out_and_without_any_that_is_pages_come_from_memory(
    stack, balancer
):
    site = {"Host": f"127.0.0.1:{stack.port}"}  # of another host nothing is kept

    def home():
        return stack.get("/", port=balancer.port, headers=site).status

    # Enough for both processes of both nodes to have it.
    assert {home() for _ in range(80)} == {200}
    stack.postgres.stop()
    try:
        assert wait_until(lambda: state_of_nodes(balancer) == "DOWN", seconds=60)
        assert home() == 200
    finally:
        stack.postgres.start()
    assert wait_until(lambda: state_of_nodes(balancer) == "UP", seconds=60)


def test_a_static_file_that_one_node_lacks_is_asked_of_the_other(stack, balancer):
    answer = stack.get("/static/missing.0123456789ab.css", port=balancer.port)

    assert answer.status == 404

    def asked() -> list[dict[str, object]]:
        return [line for line in logged(balancer) if "missing" in str(line["path"])]

    assert wait_until(lambda: bool(asked()), seconds=10)
    assert asked()[0]["retries"] not in ("0", "+0")


def test_the_log_of_haproxy_has_no_keys_and_no_email_addresses(stack, balancer):
    key, address = "k" * 43, "ada%40private.example"
    for path in (f"/readiness/resume/{key}/", f"/readiness//result/{key}/pdf/",
                 f"/contact/thanks/?x=y&for={key}", f"/readiness/1/?key={key}",
                 f"/unsubscribe/{address}/", f"/articles/?email={address}",
                 f"/admin/invited/{'aB3' * 14}/", "/articles/search/?q=husband"):  # fmt: skip
        stack.get(path, port=balancer.port)

    def paths():
        return {line["path"] for line in logged(balancer)}

    assert wait_until(lambda: "/articles/search/" in paths(), seconds=10)
    assert key not in text(balancer) and "private.example" not in text(balancer)
    assert "husband" not in text(balancer) and "aB3" not in text(balancer)
    assert {"/readiness/-", "/admin/invited/-", "/articles/search/", "/-"} <= paths()


def test_whoever_sends_forms_without_end_is_told_to_wait(stack, balancer):
    answers = [stack.post("/nowhere/", {"a": "b"}, port=balancer.port) for _ in range(62)]

    assert answers[-1].status == 429
    assert "Nothing of it has been sent yet" in answers[-1].text


def test_an_office_that_writes_behind_one_address_is_not_refused(stack, balancer):
    session = {"Cookie": "__Secure-desk_session=made-up"}

    def statuses(path):
        ask = partial(stack.post, path, {"a": "b"}, port=balancer.port, headers=session)
        return {ask().status for _ in range(90)}

    assert 429 not in statuses("/admin/articles/article/1/keep/")
    assert 429 in statuses("/admin/login/")


def state_of_nodes(balancer):
    """What HAProxy thinks of them together: DOWN when none is ready."""
    with socket.socket(socket.AF_UNIX) as admin:
        admin.connect(str(balancer.process.cwd / "admin.sock"))
        admin.sendall(b"show stat nodes 2 -1\n")
        said = admin.makefile().read()
    return re.search(r"(?m)^nodes,BACKEND,(?:[^,]*,){15}(\w+)", said)[1]


def text(balancer):
    return balancer.process.log.read_text()


def logged(balancer):
    lines = [line for line in text(balancer).splitlines() if line.startswith("{")]
    return [json.loads(line) for line in lines]
