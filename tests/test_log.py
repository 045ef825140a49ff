"""What an event leaves in the log: a line, without anything that opens or names someone."""

import logging
from io import StringIO

import pytest
from django.core.exceptions import BadRequest, DisallowedHost, PermissionDenied
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import ConnectionError as RedisGone

from config.celery import App
from config.log import OneLine
from devtools.processes import free_port

pytestmark = pytest.mark.django_db

FORM = "application/x-www-form-urlencoded"
KEY = "k" * 43


@pytest.fixture
def log():
    """The lines that the console gets, as the settings have it."""
    [console] = [one for one in logging.getLogger().handlers if isinstance(one.formatter, OneLine)]
    written = StringIO()
    before = console.setStream(written)
    yield lambda: written.getvalue().splitlines()
    console.setStream(before)


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (
            lambda client: client.post("/contact/", headers={"Origin": "https://evil.example"}),
            "sent from another site",
        ),
        (lambda client: client.post("/contact/", headers={"Origin": "null"}), "unknown origin"),
        (lambda client: client.post("/admin/login/", {}), "CSRF"),
        (lambda client: client.get("/", headers={"Host": "evil.example"}), "evil.example"),
        (lambda client: client.get("/?a=%00"), "NUL"),
        (lambda client: client.post("/contact/", "x=1&" * 3000, content_type=FORM), "DATA_UPLOAD"),
        (
            lambda client: client.post(
                "/contact/", b"x", content_type="multipart/form-data; boundary=\xe9"
            ),
            "boundary",
        ),
        (lambda client: client.get("/nowhere/"), "Not Found: /nowhere/"),
    ],
)
def test_what_is_refused_is_one_line_that_says_why(client, log, ask, said):
    client.handler.enforce_csrf_checks = True
    client.raise_request_exception = False
    answer = ask(client)

    [line] = log()
    assert 400 <= answer.status_code < 500
    assert said in line


def test_a_fault_of_ours_keeps_its_traceback(log):
    try:
        raise KeyError("color")
    except KeyError:
        logging.getLogger("django.request").exception("Internal Server Error: /")

    lines = log()

    assert lines[0].endswith("Internal Server Error: /")
    assert "Traceback (most recent call last):" in lines
    assert lines[-1] == "KeyError: 'color'"


@pytest.mark.parametrize(
    "error",
    [
        PermissionDenied("no"), BadRequest("no"), DisallowedHost("no"), OperationalError("no"),
        RedisGone("no"), ConnectionRefusedError(111, "no"), TimeoutError("no"),
    ],
    ids=repr,
)  # fmt: skip
def test_what_was_to_be_expected_is_one_line(log, error):
    try:
        raise error
    except type(error):
        logging.getLogger("celery.beat").exception("Message Error: %s\n%s", error, "a\nstack")

    [line] = log()
    assert "no" in line and "stack" not in line


def test_a_dead_broker_is_one_line_for_each_inquiry(log, django_capture_on_commit_callbacks):
    away = App("away", set_as_current=False)
    away.conf.broker_url = f"redis://127.0.0.1:{free_port()}/0"
    with django_capture_on_commit_callbacks(execute=True):
        transaction.on_commit(
            lambda: away.send_task("mail.tasks.deliver_due_messages"), robust=True
        )

    [line] = log()
    assert "on_commit" in line and "Connection refused" in line


@pytest.mark.parametrize(
    "path",
    [f"/readiness/resume/{KEY}/x/", f"/readiness/result/{KEY}/", f"/readiness//resume/{KEY}"],
)
def test_keys_in_addresses_stay_out_of_the_log(client, log, path):
    client.get(path)

    [line] = log()
    assert KEY not in line and "/readiness/" in line


def test_email_addresses_in_addresses_stay_out_of_the_log(client, log):
    client.get("/unsubscribe/ada@private.example/now/")

    [line] = log()
    assert "Not Found: /unsubscribe/…@…/now/" in line


def test_a_visitors_line_breaks_make_no_lines_of_ours(client, log):
    client.get("/x%0A2026-01-01 ERROR root: gone%1B[31m/")

    [line] = log()
    assert "\\n2026" in line and "\x1b" not in line
