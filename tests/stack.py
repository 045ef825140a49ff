"""The whole product as real processes: web, worker and beat, on PostgreSQL, Redis and real SMTP.

Everything is started here, belongs to one test run, listens on the loopback address on a port of
its own, and may be stopped, frozen or killed by a test. Nothing here imports Django: what a test
learns it learns from outside, as visitors, the mail server and the database do.
"""

import http.client
import os
import secrets
import subprocess
import time
from collections import defaultdict
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode

import psycopg

from devtools.environment import PYTHON, ROOT, VENV
from devtools.processes import Child, free_port, stop_all, wait_until
from devtools.services import Server, start_postgres, start_redis
from tests.smtp import MailServer, Received

SALES = "sales@desk.example"
SECONDS_TO_GET_READY = 40

numbers = count(1)


@dataclass(frozen=True)
class Answer:
    """What the web server said to one request. Status 0: the connection broke."""

    status: int
    location: str
    text: str
    seconds: float

    @property
    def is_thanks(self) -> bool:
        return self.status == 302 and self.location.startswith("/contact/thanks/")


@dataclass
class InquiryEmails:
    """The emails that came in about one visitor's inquiry, copies included."""

    sales: list[Received] = field(default_factory=list)
    visitor: list[Received] = field(default_factory=list)

    @property
    def copies(self) -> int:
        """How often each of the two emails came in, at least."""
        return min(len(self.sales), len(self.visitor))

    @property
    def arrived_once(self) -> bool:
        return len(self.sales) == len(self.visitor) == 1


class Stack:
    """Started by `with Stack(folder) as stack`, in a folder that other users may pass through.

    `static` is a folder that `collect_static` has filled, for those who start several.
    """

    def __init__(self, folder: Path, *, static: Path | None = None) -> None:
        self.folder = folder
        self.static = static
        self.children: dict[str, Child] = {}
        self._log_starts: dict[str, int] = {}  # where the log of the latest run begins
        self._cleanup = ExitStack()

    def __enter__(self) -> Self:
        try:
            self._set_up()
        except BaseException:
            self._cleanup.close()
            raise
        return self

    def __exit__(self, *details: object) -> None:
        self._cleanup.close()

    def _set_up(self) -> None:
        self.mail = self._cleanup.enter_context(MailServer())
        self.postgres: Server = self._cleanup.enter_context(start_postgres(self.folder))
        self.redis: Server = self._cleanup.enter_context(start_redis(self.folder))
        self._cleanup.callback(self._end_processes)
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.var = self.folder / "var"
        self.environment = {
            **{name: os.environ[name] for name in ["PATH", "HOME"] if name in os.environ},
            "DEMO": "on",
            "READ_DOT_ENV": "0",
            "SECRET_KEY": secrets.token_urlsafe(50),
            "VAR_DIR": str(self.var),
            "SITE_URL": self.address,
            "DATABASE_URL": self.postgres.url,
            "REDIS_URL": self.redis.url,
            "EMAIL_URL": self.mail.url,
        }
        self.var.mkdir()
        self.var.chmod(0o711)  # whatever our umask is: nginx passes through to the pictures
        if self.static:
            (self.var / "static").symlink_to(self.static)
        else:
            self.manage("collectstatic", "--noinput", "--verbosity", "0")
        self.manage("migrate", "--verbosity", "0")
        self.execute("INSERT INTO leads_recipient (email, is_active) VALUES (%s, true)", SALES)
        self.start("web", "worker", "beat")

    # Processes

    def start(self, *names: str) -> None:
        """Start them side by side, and return when all are ready for work.

        The first word of a name is the kind, so "worker 2" is a second worker.
        """
        for name in names:
            child = self.children.get(name) or self._child(name)
            self.children[name] = child
            self._log_starts[name] = len(self._log(name))
            child.start()
        for name in names:
            child = self.children[name]
            wait_until(
                lambda name=name, child=child: not child.running or self._is_ready(name),
                seconds=SECONDS_TO_GET_READY,
            )
            if not self._is_ready(name):
                raise AssertionError(f"{name} did not get ready.\n{child.last_lines(40)}")

    def stop(self, *names: str) -> None:
        """Ask them to end, and wait for it."""
        stop_all([self.children[name] for name in names])

    def kill(self, *names: str) -> None:
        """End them as the kernel does when memory runs out, children included: kill -9."""
        for name in names:
            self.children[name].kill()

    def _child(self, name: str) -> Child:
        label = name.replace(" ", "-")
        celery: list[str | Path] = [VENV / "bin" / "celery", "--app", "config"]
        match name.split()[0]:
            case "web":
                command = [
                    *[VENV / "bin" / "granian", "--interface", "wsgi", "config.wsgi:application"],
                    *["--host", "127.0.0.1", "--port", str(self.port), "--log-level", "warning"],
                    *["--workers", "2", "--blocking-threads", "4"],
                ]
            case "worker":
                command = [*celery, "worker", "--hostname", f"{label}@%h", "--concurrency", "2"]
                command += ["--loglevel", "INFO"]
            case "office":  # a worker that leaves sending to a sender
                command = [*celery, "worker", "--hostname", f"{label}@%h", "--concurrency", "2"]
                command += ["--queues", "messages,pictures", "--loglevel", "INFO"]
            case "sender":
                command = [*celery, "worker", "--hostname", f"{label}@%h", "--concurrency", "20"]
                command += ["--queues", "sending", "--pool", "threads", "--loglevel", "INFO"]
            case "beat":
                command = [*celery, "beat"]
                command += ["--loglevel", "INFO", "--pidfile", ""]
            case _:
                raise ValueError(f"There is no process named {name}.")
        return Child(name, command, self.folder / f"{label}.log", self.environment, ROOT)

    def _is_ready(self, name: str) -> bool:
        match name.split()[0]:
            case "web":
                return self.get("/healthz").status == 200
            case "worker" | "office" | "sender":
                return " ready." in self._log(name)[self._log_starts[name] :]
        return "beat: Starting..." in self._log(name)[self._log_starts[name] :]

    def _log(self, name: str) -> str:
        log = self.children[name].log
        return log.read_text(errors="replace") if log and log.exists() else ""

    def _end_processes(self) -> None:
        for child in self.children.values():
            child.kill()  # nothing in them is worth waiting for

    def log_tails(self) -> str:
        """The end of each log, to find out why a test failed."""
        return "\n\n".join(
            f"--- {child.name}\n{child.last_lines(25)}" for child in self.children.values()
        )

    def manage(self, *arguments: str) -> str:
        """What a management command says."""
        done = subprocess.run(
            [PYTHON, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert done.returncode == 0, f"manage.py {' '.join(arguments)}\n{done.stdout}"
        return done.stdout

    def shell(self, code: str) -> str:
        """What these lines print when they run inside the product."""
        return self.manage("shell", "--verbosity", "0", "--command", code)

    # The database

    def execute(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.postgres.url, autocommit=True, connect_timeout=5) as connection:
            cursor = connection.execute(statement.encode(), values or None)
            return cursor.fetchall() if cursor.description else []

    def recover(self) -> None:
        """Everything running again, whatever a test left behind; no inquiries, leads or emails."""
        self.mail.reset()
        for server in [self.postgres, self.redis]:
            server.resume()
            if not server.process.running:
                server.start()
        one_of_each = ["web", "worker", "beat"]
        self.stop(*(name for name in self.children if name not in one_of_each))
        self.start(*(name for name in one_of_each if not self.children[name].running))
        emptied = (
            "TRUNCATE leads_inquiry, leads_lead, leads_contact, leads_company, leads_activity,"
            " leads_brief, leads_nextstep, leads_notification, mail_message,"
            " leads_inquiryassessment, readiness_assessment CASCADE"
        )
        while True:
            try:
                self.execute(emptied)
            except psycopg.errors.DeadlockDetected:
                continue  # the worker's sweep held some of these tables and wanted others
            break

    def senders(self) -> set[str]:
        """The addresses of all whose inquiry is in the database."""
        return {email for (email,) in self.execute("SELECT email FROM leads_inquiry")}

    # Visitors

    def get(
        self, path: str, *, headers: dict[str, str] | None = None, timeout: float = 30
    ) -> Answer:
        return self._request("GET", path, headers=headers, timeout=timeout)

    def post(self, path: str, fields: dict[str, str], *, timeout: float = 30) -> Answer:
        return self._request("POST", path, body=urlencode(fields), timeout=timeout)

    def send_inquiry(self, email: str, *, timeout: float = 30, **fields: str) -> Answer:
        """Send the message form, as a browser without script does."""
        defaults = {
            "name": "Ada Byron",
            "company": "Analytical Engines",
            "message": f"We need a ledger that {email} can read.",
            "page": "/contact/",
        }
        return self.post("/contact/", {"email": email, **defaults, **fields}, timeout=timeout)

    def _request(
        self,
        method: str,
        path: str,
        *,
        body: str = "",
        headers: dict[str, str] | None = None,
        timeout: float,
    ) -> Answer:
        began = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        form = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        try:
            connection.request(method, path, body or None, {**form, **(headers or {})})
            response = connection.getresponse()
            text = response.read().decode(errors="replace")
        except (OSError, http.client.HTTPException):
            return Answer(0, "", "", time.monotonic() - began)
        finally:
            connection.close()
        seconds = time.monotonic() - began
        return Answer(response.status, response.headers.get("Location", ""), text, seconds)

    # Emails

    def emails_by_visitor(self) -> dict[str, InquiryEmails]:
        """By visitor's address: what the mail server has about each."""
        emails: dict[str, InquiryEmails] = defaultdict(InquiryEmails)
        for received in list(self.mail.emails):
            [recipient] = received.recipients
            if recipient == SALES and received.email["Reply-To"] is None:
                continue  # the daily email about suspected spam, of nobody in particular
            if recipient == SALES:
                emails[received.email["Reply-To"].addresses[0].addr_spec].sales.append(received)
            else:
                emails[recipient].visitor.append(received)
        return emails

    def expect_emails(
        self, visitors: Iterable[str], *, within: float, copies: int = 1
    ) -> dict[str, InquiryEmails]:
        """Wait until sales and each of these visitors have their email, and the outbox says so.

        Whatever came twice must carry the same Message-ID.
        """
        visitors = sorted(set(visitors))
        assert visitors, "name at least one visitor"

        def missing() -> list[str]:
            emails = self.emails_by_visitor()
            return [visitor for visitor in visitors if emails[visitor].copies < copies]

        end = time.monotonic() + within
        if not wait_until(lambda: not missing(), seconds=within, pause=0.1):
            raise AssertionError(f"After {within} s there are emails missing for {missing()}")
        if not wait_until(
            lambda: self._count_unsent(visitors) == 0,
            seconds=max(5, end - time.monotonic()),
            pause=0.1,
        ):
            raise AssertionError("All emails have come in, but the outbox does not know it.")
        emails = {visitor: self.emails_by_visitor()[visitor] for visitor in visitors}
        for one in emails.values():
            for copies in [one.sales, one.visitor]:
                assert len({copy.message_id for copy in copies}) == 1
        return emails

    def _count_unsent(self, visitors: list[str]) -> int:
        [[count]] = self.execute(
            "SELECT count(*) FROM leads_inquiry i JOIN leads_notification n ON n.inquiry_id = i.id"
            " JOIN mail_message m ON m.id = n.message_id"
            " WHERE i.email = ANY(%s) AND m.state <> 'sent'",
            visitors,
        )
        return count

    def states(self, recipient: str) -> list[str]:
        """The delivery state of each email to this address, the oldest first."""
        rows = self.execute('SELECT state FROM mail_message WHERE "to" = %s ORDER BY id', recipient)
        return [state for (state,) in rows]


def collect_static(folder: Path) -> Path:
    """Collect the static files once, compressed and with their manifest. Returns where they are."""
    environment = {**os.environ, "READ_DOT_ENV": "0", "SECRET_KEY": "any", "VAR_DIR": str(folder)}
    command = [PYTHON, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    return folder / "static"


def visitor() -> str:
    """An address that nobody else in this test run has."""
    return f"visitor-{os.getpid()}-{next(numbers)}@example.com"
