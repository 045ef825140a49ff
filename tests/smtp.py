"""A mail server for tests: real SMTP on the loopback address, with the faults of mail servers.

It speaks as much of RFC 5321 as a client needs to hand over an email, keeps each one it was given,
and behaves as a test asks.
"""

import socket
import ssl
import threading
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from enum import Enum, auto
from typing import Self

from devtools.processes import free_port, give_back


class Behavior(Enum):
    NORMAL = auto()
    SILENT = auto()  # takes connections and never answers
    BUSY_AT_RCPT = auto()  # "try again later" (RFC 5321, section 4.2.1: the 400s)
    BUSY_AT_DATA = auto()
    REFUSING = auto()  # "do not try again": the 500s


# Faults, by phase of the conversation. Anything else is sent as the reply, such as "550 no".
STALL = "stall"  # say nothing more
BREAK = "break"  # hang up
DRIP = "drip"  # begin a reply and never finish it
# "GREETING", a verb, or "DOT": the end of the text, which is kept before anything is said.


@dataclass(frozen=True)
class Received:
    """An email as it came in."""

    at: float  # by time.monotonic(): when its last byte was here
    sender: str
    recipients: tuple[str, ...]
    email: EmailMessage

    wire: bytes = b""  # its lines as they came in

    @property
    def message_id(self) -> str:
        return str(self.email["Message-ID"])


class MailServer:
    """Listens from the start. `emails` is what came in, the oldest first."""

    def __init__(self, address: str = "127.0.0.1", *, tls: ssl.SSLContext | None = None) -> None:
        self.address = address
        self.tls = tls  # with it, STARTTLS is offered
        self.faults: dict[str, str] = {}  # by phase: what goes wrong there
        self.is_stalling = False
        self.faults_for: set[str] = set()  # recipients: then only their emails meet the faults
        self.emails: list[Received] = []
        self.behavior = Behavior.NORMAL
        # Seconds between having an email and saying so: long enough to kill the sender.
        self.delay_before_reply = 0.0
        self.attempts = 0  # how many emails were offered, taken or not
        self.greeted = 0  # how many connections there were
        # How many emails each connection may carry, and what becomes of the next: a fault, at MAIL.
        self.limit, self.beyond_limit = 1_000_000, "421 4.7.0 enough for now"
        self.port = free_port()
        self._listener: socket.socket | None = None
        self.connections: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._is_closing = threading.Event()
        self.open()

    @property
    def url(self) -> str:
        return f"smtp://{self.address}:{self.port}"

    def open(self) -> None:
        """Listen, on the same port each time."""
        if self._listener is None:
            self._listener = socket.create_server((self.address, self.port))
            self._run(self._accept, self._listener)

    def refuse_connections(self) -> None:
        """Nobody listens until open()."""
        if self._listener is not None:
            with suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread in accept()
            self._listener.close()
            self._listener = None

    def reset(self) -> None:
        """As new: normal, open and empty."""
        self.behavior, self.delay_before_reply, self.attempts = Behavior.NORMAL, 0.0, 0
        self.limit, self.greeted = 1_000_000, 0
        self.faults, self.faults_for, self.is_stalling = {}, set(), False
        self._close_connections()
        self.emails.clear()
        self.open()

    def close(self) -> None:
        self._is_closing.set()
        self.refuse_connections()
        self._close_connections()
        for thread in self._threads:
            thread.join(timeout=5)
        give_back(self.port)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *details: object) -> None:
        self.close()

    def _run(self, work, *arguments) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return  # the listener was closed
            self.connections.add(connection)
            self.greeted += 1
            self._run(self._serve, connection)

    def _close_connections(self) -> None:
        for connection in list(self.connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _serve(self, connection: socket.socket) -> None:
        # The other side may vanish at any point; that is what some of the tests are about.
        conversation = _Conversation(self, connection)
        with suppress(OSError, _HungUp), closing(conversation):
            if self.behavior is Behavior.SILENT:
                conversation.lines.read()  # until the client gives up
            else:
                conversation.hold()
        self.connections.discard(connection)

    def pause(self) -> None:
        self._is_closing.wait(0.05)

    def take(self, received: Received) -> None:
        self.emails.append(received)
        self._is_closing.wait(self.delay_before_reply)


ANSWERS = {
    "HELO": (250, "mail.example"),
    "AUTH": (235, "welcome"),
    "MAIL": (250, "go on"),
    "RSET": (250, "ok"),
    "NOOP": (250, "ok"),
    "QUIT": (221, "good bye"),
}


class _HungUp(Exception):
    """The server ends the conversation without a reply."""


class _Conversation:
    def __init__(self, server: MailServer, connection: socket.socket) -> None:
        self.server, self.connection = server, connection
        self.lines = connection.makefile("rb")
        self.sender, self.recipients = "", []
        self.offered = 0

    def close(self) -> None:
        self.lines.close()
        self.connection.close()

    def hold(self) -> None:
        if not self.has_fault("GREETING"):
            self.say(220, "mail.example ready")
        while line := self.lines.readline():
            verb = [*line.decode("ascii", "replace").split(), ""][0].upper()
            if verb == "MAIL":
                self.server.attempts += 1
                self.offered += 1
                self.sender, self.recipients = _address(line), []
                if self.offered > self.server.limit:
                    self.meet(self.server.beyond_limit)
                    continue
            if self.has_fault(verb, _address(line)):
                continue
            self.answer(verb, line)
            if verb == "QUIT":
                return

    def answer(self, verb: str, line: bytes) -> None:
        match verb:
            case "EHLO":
                self.offer_extensions()
            case "STARTTLS":
                self.start_tls()
            case "RCPT":
                self.receive_recipient(_address(line))
            case "DATA":
                self.receive_text()
            case _:
                self.say(*ANSWERS.get(verb, (502, "not understood")))

    def offer_extensions(self) -> None:
        if self.server.tls and not isinstance(self.connection, ssl.SSLSocket):
            self.connection.sendall(b"250-mail.example\r\n250-AUTH PLAIN LOGIN\r\n250 STARTTLS\r\n")
        else:
            self.connection.sendall(b"250-mail.example\r\n250 AUTH PLAIN LOGIN\r\n")

    def start_tls(self) -> None:
        self.say(220, "go ahead")
        assert self.server.tls
        self.lines.close()
        self.connection = self.server.tls.wrap_socket(self.connection, server_side=True)
        self.lines = self.connection.makefile("rb")

    def receive_recipient(self, recipient: str) -> None:
        match self.server.behavior:
            case Behavior.BUSY_AT_RCPT:
                self.say(450, "4.2.1 mailbox is busy")
            case Behavior.REFUSING:
                self.say(550, "5.1.1 no such mailbox here")
            case _:
                self.recipients.append(recipient)
                self.say(250, "known here")

    def receive_text(self) -> None:
        if not self.recipients:
            self.say(503, "name a recipient first")
            return
        self.say(354, "send the text")
        raw = wire = b""
        while (line := self.lines.readline()) != b".\r\n":
            if not line:
                return  # cut off in the middle: there is no email
            wire += line
            raw += line.removeprefix(b".")  # section 4.5.2: a leading dot was doubled
        if self.server.behavior is Behavior.BUSY_AT_DATA:
            self.say(451, "4.3.0 out of space")
            return
        email = message_from_bytes(raw, policy=policy.default)
        assert isinstance(email, EmailMessage)
        received = Received(time.monotonic(), self.sender, tuple(self.recipients), email, wire)
        self.server.take(received)
        if not self.has_fault("DOT"):
            self.say(250, "taken")

    def has_fault(self, phase: str, recipient: str = "") -> bool:
        """Whether a fault is set for this phase; it has happened then."""
        if self.server.faults_for and self.server.faults_for.isdisjoint(
            {recipient, *self.recipients}
        ):
            return False
        if (fault := self.server.faults.get(phase)) is None:
            return False
        self.meet(fault)
        return True

    def meet(self, fault: str) -> None:
        match fault:
            case "stall":
                self.server.is_stalling = True
                self.lines.read()  # until the client gives up
                raise _HungUp
            case "break":
                self.connection.shutdown(socket.SHUT_RDWR)
                raise _HungUp
            case "drip":
                while True:
                    self.connection.sendall(b"2")
                    self.server.pause()
            case reply:
                self.connection.sendall(f"{reply}\r\n".encode())

    def say(self, code: int, words: str) -> None:
        self.connection.sendall(f"{code} {words}\r\n".encode())


def _address(line: bytes) -> str:
    return line.decode("utf-8", "replace").partition("<")[2].partition(">")[0]
