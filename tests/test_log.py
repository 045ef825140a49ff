"""What an event leaves in the log: a line, without anything that opens or names someone."""

import json
import logging
import os
import sqlite3
import subprocess
from io import StringIO

import psycopg
import pytest
from django.core.exceptions import BadRequest, DisallowedHost, PermissionDenied
from django.db import DataError, IntegrityError, connection, transaction
from django.db import OperationalError as DatabaseTrouble
from kombu.exceptions import OperationalError
from psycopg import errors
from redis.exceptions import ConnectionError as RedisGone

from config.celery import App
from config.log import Line
from devtools.environment import PYTHON, ROOT
from devtools.processes import free_port

pytestmark = pytest.mark.django_db

FORM = "application/x-www-form-urlencoded"
KEY = "k" * 43


@pytest.fixture
def log():
    """The lines that the console gets, as the settings have it."""
    [console] = [one for one in logging.getLogger().handlers if isinstance(one.formatter, Line)]
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
    assert "    Traceback (most recent call last):" in lines
    assert '        raise KeyError("color")' in lines[3]
    assert lines[-1] == "    KeyError"


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


def log_that_a_query_failed(kind):
    """As Django has it: its own kind of error, from the driver's."""
    try:
        raise DatabaseTrouble("gone") from kind("gone")
    except DatabaseTrouble:
        logging.getLogger("django.request").exception("Internal Server Error: /")


@pytest.mark.parametrize(
    "kind",
    [
        psycopg.OperationalError, errors.ConnectionTimeout, errors.AdminShutdown,
        errors.CannotConnectNow, errors.ConnectionFailure, errors.TooManyConnections,
    ],
)  # fmt: skip
def test_a_database_that_is_away_is_one_line(log, kind):
    log_that_a_query_failed(kind)

    [line] = log()
    assert line.endswith("Internal Server Error: / (OperationalError: gone)")


@pytest.mark.parametrize(
    "kind", [errors.DeadlockDetected, errors.QueryCanceled, errors.DiskFull, sqlite3.Error]
)
def test_a_query_that_fails_where_the_database_is_there_keeps_its_traceback(log, kind):
    log_that_a_query_failed(kind)

    assert "    Traceback (most recent call last):" in log()


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


@pytest.mark.parametrize(
    "path",
    [
        "/admin/leads/inquiry/decide/WzcsInRha2UiXQ:1vPq0a:Zm9vYmFyYmF6cXV4/",
        "/admin/invited/MQ/c9xk2p-0123456789abcdef0123456789abcdef/",
        f"/privacy/{'aB3' * 14}/",
        f"/privacy/{'0a' * 16}/",
    ],
)
def test_whatever_looks_like_a_key_stays_out_of_the_log(client, log, path):
    client.get(path)

    [line] = log()
    longest = max(path.split("/"), key=len)
    assert longest not in line and "…" in line


@pytest.mark.parametrize(
    "path",
    ["/articles/how-we-moved-2000000-rows-in-a-night/", "/articles/topics/queues/", "/Ueber-Uns/"],
)
def test_addresses_made_from_words_are_in_the_log(client, log, path):
    client.get(path)

    assert path in log()[0]


@pytest.mark.parametrize(
    "letter", ["\n", "\r", "\x1b", "\x07", "\x00", "\x85", "\u2028", "\u2029", "\u202e", "\x9b"]
)
def test_no_letter_of_a_visitor_shapes_a_line(log, json_log, letter):
    logging.getLogger("any").error("Said: %s", f"a{letter}2026-01-01 ERROR root: gone")

    [line], [facts] = log(), json_log()
    assert letter not in line and letter not in facts["event"]
    assert "gone" in facts["event"]


def test_a_traceback_has_no_line_that_begins_as_an_event_does(log, json_log):
    try:
        raise PermissionError(13, "Denied\n2026-01-01T00:00:00Z ERROR root: gone", "a\nb")
    except PermissionError:
        logging.getLogger("any").exception("Failed")

    further = log()[1:]
    assert further and all(line.startswith("    ") for line in further)
    assert not [line for line in further if line.strip().startswith("2026")]
    assert "Denied\\n2026" in json_log()[0]["exception"]


WORDS = "my husband is ill"


def insert(statement, *values):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


def not_null():
    insert("INSERT INTO leads_company (name) VALUES (%s)", WORDS)


def fault(kind):
    def fail():
        raise kind(WORDS)

    return fail


def fault_with_a_cause():
    try:
        raise ValueError(WORDS)
    except ValueError as error:
        raise RuntimeError(WORDS) from error


@pytest.mark.parametrize(
    "fail",
    [*map(fault, (KeyError, ValueError, RuntimeError, Exception)), fault_with_a_cause, not_null],
)
def test_what_someone_typed_is_in_no_error_that_is_logged(log, json_log, fail):
    try:
        fail()
    except Exception as error:
        logging.getLogger("any").exception("Failed: %s", error)
        logging.getLogger("any").error(error)
        logging.getLogger("any").error("Failed", exc_info=error)
        name = type(error).__name__

    assert WORDS not in "\n".join(log())
    assert WORDS not in json.dumps(json_log())
    assert len(json_log()) == 3 and name in json_log()[0]["event"]


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite takes anything")
@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("SELECT %s::int", DataError),
        ("SELECT to_tsquery(%s || ' & ! |')", Exception),
        ("SELECT %s::timestamptz", DataError),
        ("SELECT ('[' || %s)::json", DataError),
    ],
)
def test_no_value_of_a_query_is_logged(log, statement, kind):
    with pytest.raises(kind) as failed:
        insert(statement, WORDS)
    logging.getLogger("any").error("Failed: %s", failed.value, exc_info=failed.value)

    assert WORDS not in "\n".join(log())


def test_an_error_of_the_database_names_what_was_broken(log):
    with pytest.raises(IntegrityError) as failed:
        not_null()
    logging.getLogger("any").error("Failed: %s", failed.value)

    assert "leads_company" in log()[0] or "null value" in log()[0]


def test_a_task_that_fails_says_no_word_of_what_it_had(log):
    logging.getLogger("celery.app.trace").error(
        "Task %(name)s[%(id)s] %(description)s: %(exc)s",
        {
            **{"name": "mail.tasks.deliver", "id": "7", "description": "raised unexpected"},
            **{"exc": f"ValueError('{WORDS}')", "args": f"('{WORDS}',)", "traceback": WORDS},
        },
    )

    [line] = log()
    assert "Task mail.tasks.deliver[7] raised unexpected: ValueError" in line
    assert WORDS not in line


def test_a_fault_that_only_the_web_server_sees_says_no_word_of_the_request(log, json_log):
    said = f"""Application callable raised an exception
Traceback (most recent call last):
  File "/srv/site/config/wsgi.py", line 43, in site
    return django(environ, start_response)
ValueError: {WORDS}
  {WORDS}"""
    logging.getLogger("_granian.utils").error(said)

    [facts] = json_log()
    assert facts["event"] == "Application callable raised an exception"
    assert facts["exception"].splitlines() == [
        '  File "/srv/site/config/wsgi.py", line 43, in site', "ValueError",
    ]  # fmt: skip
    assert WORDS not in "\n".join(log())


def test_email_addresses_stay_out_of_every_line_but_celerys_own_names(log):
    logging.getLogger("any").warning("Wrote to %s", "Ada <ada@private.example>")
    logging.getLogger("celery.apps.worker").warning("celery@machine ready.")

    assert "private" not in log()[0]
    assert "celery@machine ready." in log()[1]


def test_a_message_that_does_not_fit_its_parts_is_logged_without_them():
    record = logging.makeLogRecord({"name": "any", "msg": "Of %s and %s", "args": (WORDS,)})

    assert Line(as_json=False).format(record).endswith("Of %s and %s")


def test_a_line_is_never_endless(log):
    logging.getLogger("any").warning("x" * 1_000_000)

    assert len(log()[0]) < 3000


def test_a_request_is_one_line_with_what_the_operator_asks_for(client, log, json_log):
    answer = client.get("/articles/search/?q=husband")

    [facts], [line] = json_log(), log()
    assert facts["event"] == "OK: /articles/search/"
    assert (facts["method"], facts["path"], facts["status"]) == ("GET", "/articles/search/", 200)
    assert facts["ms"] > 0 and facts["level"] == "info"
    assert len(facts["request_id"]) == 32 and answer.status_code == 200
    assert "husband" not in line and f"request_id={facts['request_id']}" in line


def test_a_request_that_is_refused_is_one_line_with_the_same_facts(client, json_log):
    client.get("/nowhere/")

    [facts] = json_log()
    assert (facts["status"], facts["level"]) == (404, "warning")
    assert facts["ms"] > 0 and len(facts["request_id"]) == 32


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_what_is_asked_every_few_seconds_leaves_no_line(client, log, path):
    client.get(path)

    assert log() == []


SAY = """
import logging, django
django.setup()
logging.getLogger("any").warning("Said")
"""


@pytest.mark.parametrize(
    ("variables", "is_json"),
    [
        ({"SITE_URL": "https://x.example"}, True),
        ({"SITE_URL": "http://127.0.0.1:8000"}, False),
        ({"SITE_URL": "https://x.example", "LOG_FORMAT": "text"}, False),
        ({"SITE_URL": "http://127.0.0.1:8000", "LOG_FORMAT": "json"}, True),
    ],
)
def test_lines_are_json_in_production_and_for_people_elsewhere(variables, is_json):
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", **variables}

    said = subprocess.run(
        [PYTHON, "-c", SAY], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120
    ).stderr

    [line] = [line for line in said.splitlines() if "Said" in line]
    assert line.startswith("{") == is_json
    assert not is_json or json.loads(line)["event"] == "Said"
