"""The whole product as real processes: web, worker and beat, on PostgreSQL, Redis and real SMTP.

Everything is started here, belongs to one test run, listens on the loopback address on a port of
its own, and may be stopped, frozen or killed by a test. Nothing here imports Django: what a test
learns it learns from outside, as visitors, the mail server and the database do.
"""

import http.client
import json
import math
import os
import secrets
import subprocess
import time
from collections import defaultdict
from collections.abc import Iterable
from contextlib import ExitStack, closing
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
# Of the demo, the one on duty gets what is new.
STAFF = {SALES, "sales@cleansystems.example"}
SECONDS_TO_GET_READY = 240  # two whole runs at once, each with four of these, on two cores
WEB_WORKERS = 2
FOR_EMAILS = 60  # seconds, where nothing is out of order: the machine may be busy
DATABASE, PREPARED = "site", "prepared"  # the latter is what the former was made as
# What runs in the shell that stays open: each line that comes in is a text to be run.
SHELL = """
import contextlib, io, json, sys, traceback
from django.db import close_old_connections
known = dict(globals())
for line in sys.stdin:
    close_old_connections()
    said, is_done = io.StringIO(), True
    with contextlib.redirect_stdout(said):
        try:
            exec(json.loads(line), dict(known))
        except Exception:
            is_done = False
            print(traceback.format_exc())
    print(json.dumps([is_done, said.getvalue()]), flush=True)
"""
SECRET = "secret-key"
STATUS_TOKEN = "a-token-of-these-tests"
COPIED = ["postgres", "var", SECRET]
STILL_TO_CUT = "SELECT count(*) FROM images_image WHERE renditions_due_at IS NOT NULL"

numbers = count(1)
addresses = (f"2001:db8:{n // 65536:x}:{n % 65536:x}::1" for n in count(1))


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

    `static` is a folder that `collect_static` has filled, for those who start several. `like` is
    one that `prepare` has filled: the stack begins with a copy of its database and its files.
    """

    def __init__(
        self, folder: Path, *, static: Path | None = None, like: Path | None = None
    ) -> None:
        self.folder = folder
        self.static = static
        self.like = like
        self.children: dict[str, Child] = {}
        self._open_shell: subprocess.Popen[str] | None = None
        self._log_starts: dict[str, int] = {}  # where the log of the latest run begins
        self._cleanup = ExitStack()

    def __enter__(self) -> Self:
        try:
            self.start_servers()
            self.start("web", "worker", "beat")
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *details: object) -> None:
        self.close()

    def close(self) -> None:
        self._cleanup.close()

    def start_servers(self) -> None:
        """What the product stands on, and a database that is migrated."""
        if self.like:
            copied = [self.like / name for name in COPIED]
            subprocess.run(["cp", "-a", *copied, self.folder], check=True)
        self.mail = self._cleanup.enter_context(MailServer())
        self.postgres: Server = self._cleanup.enter_context(start_postgres(self.folder))
        self.redis: Server = self._cleanup.enter_context(start_redis(self.folder))
        self._cleanup.callback(self._end_processes)
        self.ports = {"web": free_port()}
        self.address = f"http://127.0.0.1:{self.port}"
        self.var = self.folder / "var"
        self.environment = {
            **{name: os.environ[name] for name in ["PATH", "HOME"] if name in os.environ},
            "DEMO": "on",
            "READ_DOT_ENV": "0",
            "SECRET_KEY": self._secret_key(),
            "VAR_DIR": str(self.var),
            "SITE_URL": self.address,
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis.url,
            "EMAIL_URL": self.mail.url,
            "TRUSTED_PROXIES": "127.0.0.1",
            "STATUS_TOKEN": STATUS_TOKEN,
        }
        if self.like:
            return
        self.var.mkdir()
        self.var.chmod(0o711)  # whatever our umask is: nginx passes through to the pictures
        if self.static:
            (self.var / "static").symlink_to(self.static)
        else:
            self.manage("collectstatic", "--noinput", "--verbosity", "0")
        self._rule(f"CREATE DATABASE {DATABASE}")
        self.manage("migrate", "--verbosity", "0")
        self.execute("INSERT INTO leads_recipient (email, is_active) VALUES (%s, true)", SALES)

    def _secret_key(self) -> str:
        file = self.folder / SECRET
        if not file.exists():
            file.write_text(secrets.token_urlsafe(50))
        return file.read_text()

    @property
    def port(self) -> int:
        return self.ports["web"]

    # Processes

    def start(self, *names: str) -> None:
        """Start them side by side, and return when all are ready for work.

        The first word of a name is the kind, so "worker 2" is a second worker. Each web server
        has a port of its own, in `ports`.
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
                if name not in self.ports:
                    self.ports[name] = free_port()
                command = [VENV / "bin" / "granian", "--interface", "wsgi"]
                command += ["config.wsgi:application", "--log-level", "info"]
                command += ["--host", "127.0.0.1", "--port", str(self.ports[name])]
                command += ["--workers", str(WEB_WORKERS), "--blocking-threads", "4"]
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
                # Each of them: one that still starts ends all when its database is exchanged.
                of_workers = [f"Started worker-{number + 1}" for number in range(WEB_WORKERS)]
                have_started = all(said in self.latest_log(name) for said in of_workers)
                is_answering = self._request("GET", "/healthz", port=self.ports[name], timeout=30)
                return have_started and is_answering.status == 200
            case "worker" | "office" | "sender":
                return " ready." in self.latest_log(name)
        return "beat: Starting..." in self.latest_log(name)

    def latest_log(self, name: str) -> str:
        return self._log(name)[self._log_starts[name] :]

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
        if self._open_shell is None or self._open_shell.poll() is not None:
            self._open_shell = subprocess.Popen(
                [PYTHON, "manage.py", "shell", "--verbosity", "0", "--command", SHELL],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            self._cleanup.callback(self._open_shell.communicate)  # it ends with its input
        assert self._open_shell.stdin and self._open_shell.stdout
        print(json.dumps(code), file=self._open_shell.stdin, flush=True)
        is_done, said = json.loads(self._open_shell.stdout.readline())
        assert is_done, said
        return str(said)

    # The database

    @property
    def database_url(self) -> str:
        return f"{self.postgres.url.rpartition('/')[0]}/{DATABASE}"

    def execute(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.database_url, autocommit=True, connect_timeout=5) as connection:
            cursor = connection.execute(statement.encode(), values or None)
            return cursor.fetchall() if cursor.description else []

    def _rule(self, *statements: str) -> None:
        """About databases, from outside of ours."""
        with psycopg.connect(self.postgres.url, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def keep_as_prepared(self) -> None:
        self._rule(f"CREATE DATABASE {PREPARED} TEMPLATE {DATABASE}")

    def renew(self) -> None:
        """As it was prepared, whatever tests have written, and with everything running. When each
        periodic job last ran stays: of one that this web server has never seen, it says it is late.
        """
        assert self.like
        ran = self.execute("SELECT task, last_ran_at FROM web_jobrun")
        self._rule(
            f"DROP DATABASE {DATABASE} WITH (FORCE)",
            f"CREATE DATABASE {DATABASE} TEMPLATE {PREPARED}",
        )
        for run in ran:
            self.execute(
                "INSERT INTO web_jobrun (task, last_ran_at) VALUES (%s, %s) ON CONFLICT DO NOTHING",
                *run,
            )
        subprocess.run(["cp", "-a", self.like / "var" / "media", self.var], check=True)
        self.start(*(name for name, child in self.children.items() if not child.running))

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
        self,
        path: str,
        *,
        headers: dict[str, str] | None = None,
        timeout: float = 30,
        port: int = 0,
    ) -> Answer:
        """`port`: of another web server, or of what stands before them."""
        return self._request("GET", path, headers=headers, timeout=timeout, port=port)

    def post(
        self,
        path: str,
        fields: dict[str, str],
        *,
        headers: dict[str, str] | None = None,
        timeout: float = 30,
        port: int = 0,
    ) -> Answer:
        body = urlencode(fields)
        return self._request("POST", path, body=body, headers=headers, timeout=timeout, port=port)

    def send_inquiry(
        self, email: str, *, timeout: float = 30, port: int = 0, **fields: str
    ) -> Answer:
        """Send the message form, as a browser without script does."""
        defaults = {
            "name": "Ada Byron",
            "company": "Analytical Engines",
            "message": f"We need a ledger that {email} can read.",
            "page": "/contact/",
        }
        fields = {"email": email, **defaults, **fields}
        return self.post("/contact/", fields, timeout=timeout, port=port)

    def _request(
        self,
        method: str,
        path: str,
        *,
        body: str = "",
        headers: dict[str, str] | None = None,
        timeout: float,
        port: int = 0,
    ) -> Answer:
        began = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=timeout)
        sent = {"X-Forwarded-For": next(addresses)}  # each request is another visitor's
        if body:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, body or None, sent | (headers or {}))
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
            if recipient in STAFF and received.email["Reply-To"] is None:
                continue  # the daily email about suspected spam, of nobody in particular
            if recipient in STAFF:
                emails[received.email["Reply-To"].addresses[0].addr_spec].sales.append(received)
            else:
                emails[recipient].visitor.append(received)
        return emails

    def expect_emails(
        self, visitors: Iterable[str], *, within: float = FOR_EMAILS, copies: int = 1
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


class Sessions:
    """Of people who have signed in once, for their next browsers: to check a password takes long,
    on purpose. Each gets a session of its own, as it was after signing in. After some minutes they
    sign in anew, as after ten the admin asks for the password before it does certain things.
    """

    SECONDS = 300

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.contents: dict[str, tuple[str, int]] = {}
        self.remembered_at: dict[str, float] = {}

    def remember(self, email: str, key: str) -> None:
        self.remembered_at[email] = time.monotonic()
        [self.contents[email]] = self.stack.execute(
            "SELECT session_data, user_id FROM accounts_session WHERE session_key = %s", key
        )

    def new(self, email: str) -> str | None:
        """The key of a new one; None for someone who has not signed in lately."""
        if time.monotonic() - self.remembered_at.get(email, -math.inf) > self.SECONDS:
            return None
        key = secrets.token_hex(16)
        self.stack.execute(
            "INSERT INTO accounts_session (session_key, session_data, user_id, browser,"
            " began_at, seen_at, expire_date)"
            " VALUES (%s, %s, %s, '', now(), now(), now() + interval '2 hours')",
            key,
            *self.contents[email],
        )
        return key


def prepare(folder: Path, *, static: Path) -> None:
    """Have stacks that are made like `folder` begin with an empty, migrated database."""
    stack = Stack(folder, static=static)
    with closing(stack):
        stack.start_servers()


def prepare_demo(folder: Path, *, static: Path, like: Path) -> None:
    """Have them begin with the demo, whose pictures are all cut."""
    stack = Stack(folder, static=static, like=like)
    with closing(stack):
        stack.start_servers()
        stack.start("worker")
        stack.manage("seed")
        is_cut = wait_until(lambda: stack.execute(STILL_TO_CUT) == [(0,)], seconds=600, pause=0.2)
        assert is_cut, stack.log_tails()
        stack.stop("worker")
        stack.keep_as_prepared()


def collect_static(folder: Path) -> Path:
    """Collect the static files once, compressed and with their manifest. Returns where they are."""
    environment = {**os.environ, "READ_DOT_ENV": "0", "SECRET_KEY": "any", "VAR_DIR": str(folder)}
    command = [PYTHON, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    return folder / "static"


def visitor() -> str:
    """An address that nobody else in this test run has."""
    return f"visitor-{os.getpid()}-{next(numbers)}@example.com"
