"""What is reported to Sentry: where in the code something failed, and nothing about anybody."""

import gzip
import json
import os
import subprocess
import threading
import urllib.request
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.error import HTTPError
from urllib.parse import urlencode

import brotli
import pytest
from django.conf import settings

from config import version
from devtools.environment import PYTHON, ROOT, VENV
from devtools.processes import Child, free_port, wait_until
from tests.stack import collect_static

# Each in another place of a request; none may be found in anything that is sent.
TYPED = {
    "message": "my-husband-is-ill",
    "name": "Zora-Neale",
    "email": "zora@private.example",
    "query": "searched-for-this",
    "cookie": "cookie-of-zora",
    "agent": "Browser-of-Zora",
    "referrer": "site-she-came-from",
    "token": "token-of-zora-0123456789",
    "address": "203.0.113.77",
}


@pytest.fixture(scope="module")
def sentry():
    """Takes reports as Sentry does, and keeps everything that it was sent."""
    requests = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            packed = {"gzip": gzip.decompress, "br": brotli.decompress}
            body = packed.get(self.headers.get("Content-Encoding"), bytes)(body)
            requests.append(f"{self.requestline}\n{self.headers}\n{body.decode()}")
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        server.requests = requests
        yield server
        server.shutdown()


@pytest.fixture(scope="module")
def site(sentry, tmp_path_factory):
    """A web process and a worker with faults in them, on files of their own."""
    folder = tmp_path_factory.mktemp("faulty")
    collect_static(folder / "var")
    port = free_port()
    environment = {
        **{name: os.environ[name] for name in ["PATH", "HOME"] if name in os.environ},
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "READ_DOT_ENV": "0",
        "SECRET_KEY": "a-key-of-this-test-alone",
        "VAR_DIR": str(folder / "var"),
        "SITE_URL": f"http://127.0.0.1:{port}",
        "TRUSTED_PROXIES": "127.0.0.1",
        "SENTRY_DSN": f"http://public@127.0.0.1:{sentry.server_port}/7",
    }
    web = [VENV / "bin" / "granian", "--interface", "wsgi", "tests.faulty_site:application"]
    web += ["--host", "127.0.0.1", "--port", str(port)]
    worker = [VENV / "bin" / "celery", "--app", "tests.faulty_site", "worker", "--pool", "solo"]
    children = [
        Child(name, command, folder / f"{name}.log", environment, ROOT).start()
        for name, command in [("web", web), ("worker", worker)]
    ]
    address = f"http://127.0.0.1:{port}"
    try:
        assert wait_until(lambda: answers(f"{address}/healthz"), seconds=60), children[
            0
        ].last_lines()
        yield address
    finally:
        for child in children:
            child.kill()


def ask(request):
    """Status and headers of the answer, whatever it says."""
    try:
        answer = urllib.request.urlopen(request)
    except HTTPError as error:
        answer = error  # it holds the connection, and itself by its traceback: close it
    with closing(answer):
        return answer.status, answer.headers


def answers(url):
    try:
        return ask(url)[0] == 200
    except OSError:
        return False


def post(site, path):
    """A form with something of a visitor's everywhere; the answer's status and id."""
    request = urllib.request.Request(
        f"{site}{path}?{urlencode({'q': TYPED['query']})}",
        data=urlencode({name: TYPED[name] for name in ("message", "name", "email")}).encode(),
        headers={
            "Cookie": f"visited={TYPED['cookie']}",
            "User-Agent": TYPED["agent"],
            "Referer": f"https://{TYPED['referrer']}.example/",
            "Authorization": f"Bearer {TYPED['token']}",
            "X-Forwarded-For": TYPED["address"],
        },
    )
    status, headers = ask(request)
    return status, headers["X-Request-ID"]


def reports(sentry, request_id):
    """What arrived about this request or what it set off."""
    found = []
    for sent in sentry.requests:
        lines = sent.splitlines()
        bodies = [json.loads(line) for line in lines if line.startswith("{")]
        found += [one for one in bodies if one.get("tags", {}).get("request_id") == request_id]
    return found


@pytest.fixture(scope="module")
def fault(sentry, site):
    status, request_id = post(site, "/faulty/")
    assert status == 500
    assert wait_until(lambda: reports(sentry, request_id), seconds=60)
    return reports(sentry, request_id)


def test_a_fault_in_a_page_is_reported_once_with_its_place_in_the_code(fault):
    [report] = fault

    cause, error = report["exception"]["values"]
    assert (cause["type"], error["type"]) == ("KeyError", "ValueError")
    assert error["stacktrace"]["frames"][-1]["function"] == "fail"
    assert "raise ValueError" in error["stacktrace"]["frames"][-1]["context_line"]
    assert report["transaction"] == report["tags"]["route"] == "faulty"
    assert report["release"] == version.latest(ROOT / "CHANGELOG.md").number


def test_a_fault_in_a_task_is_reported_under_the_id_of_its_request(sentry, site):
    status, request_id = post(site, "/begun/")

    assert status == 200
    assert wait_until(lambda: reports(sentry, request_id), seconds=60)
    [report] = reports(sentry, request_id)
    assert report["transaction"] == "tests.faulty_site.fail_later"
    assert report["exception"]["values"][-1]["type"] == "RuntimeError"


def test_what_was_to_be_expected_is_not_reported(sentry, site):
    before = len(sentry.requests)

    refused, _ = ask(f"{site}/refused/?q={TYPED['query']}")
    away, _ = ask(f"{site}/away/")
    assert (refused, away) == (403, 503)
    _, request_id = post(site, "/faulty/")

    assert wait_until(lambda: reports(sentry, request_id), seconds=60)  # reports are sent in turn
    assert len(sentry.requests) == before + 1


def test_nothing_that_was_sent_is_about_anybody(sentry, fault):
    """Whatever the tests above have set off: envelopes whole, with their headers."""
    everything = "\n".join(sentry.requests)

    assert everything.count('"event_id"') >= 1
    assert [name for name, said in TYPED.items() if said.lower() in everything.lower()] == []


def test_nothing_but_what_is_listed_was_sent(fault):
    [report] = fault

    assert report.keys() <= {
        "event_id", "timestamp", "level", "platform", "release", "environment", "server_name",
        "sdk", "logger", "exception", "transaction", "tags",
    }  # fmt: skip
    frames = [
        frame for one in report["exception"]["values"] for frame in one["stacktrace"]["frames"]
    ]
    assert frames and not any("vars" in frame for frame in frames)
    assert {one["value"] for one in report["exception"]["values"]} == {""}


@pytest.mark.parametrize("module", ["config.wsgi", "config.celery", "web.urls"])
def test_without_a_dsn_nothing_of_it_is_loaded(tmp_path, module):
    code = (
        f"import django, sys; django.setup(); import {module}; print('sentry_sdk' in sys.modules)"
    )
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("SENTRY")},
        "DJANGO_SETTINGS_MODULE": "config.settings", "READ_DOT_ENV": "0",
        "SECRET_KEY": settings.SECRET_KEY, "VAR_DIR": str(tmp_path / "var"),
        "SITE_URL": "http://testserver",
    }  # fmt: skip
    for server in ("DATABASE_URL", "REDIS_URL", "EMAIL_URL"):
        environment.pop(server, None)

    done = subprocess.run(
        [PYTHON, "-c", code], env=environment, cwd=ROOT, capture_output=True, text=True
    )

    assert done.stdout.strip().splitlines()[-1:] == ["False"], done.stderr
