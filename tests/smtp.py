"""A mail server for tests: real SMTP on the loopback address, with the faults of mail servers.

It speaks as much of RFC 5321 as a client needs to hand over an email, keeps each one it was given,
and changes its mood when a test says so.
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


class Mood(Enum):
    WELL = auto()
    MUTE = auto()  # takes connections and never says a word
    BUSY_AT_RCPT = auto()  # "try again later" (RFC 5321, section 4.2.1: the 400s)
    BUSY_AT_DATA = auto()
    UNWILLING = auto()  # "do not try again": the 500s


# What it may do in one phase, instead of its duty; anything else is a reply, such as "550 no".
STALL = "stall"  # say nothing more
BREAK = "break"  # hang up
DRIP = "drip"  # begin a reply and never come to its end
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

    def __init__(self, *, tls: ssl.SSLContext | None = None) -> None:
        self.tls = tls  # with it, STARTTLS is offered
        self.odd: dict[str, str] = {}  # by phase: what it does there
        self.is_stalling = False
        self.odd_for: set[str] = set()  # recipients: then only their emails meet with what is odd
        self.emails: list[Received] = []
        self.mood = Mood.WELL
        # Seconds between having an email and saying so: long enough to kill who waits for it.
        self.pause_before_thanks = 0.0
        self.attempts = 0  # how many emails were offered, taken or not
        self.port = free_port()
        self._door: socket.socket | None = None
        self.guests: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._is_leaving = threading.Event()
        self.open()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def open(self) -> None:
        """Listen, on the same port each time."""
        if self._door is None:
            self._door = socket.create_server(("127.0.0.1", self.port))
            self._run(self._welcome, self._door)

    def refuse_connections(self) -> None:
        """Nobody listens until open()."""
        if self._door is not None:
            with suppress(OSError):
                self._door.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits for guests
            self._door.close()
            self._door = None

    def reset(self) -> None:
        """As new: well, open and empty."""
        self.mood, self.pause_before_thanks, self.attempts = Mood.WELL, 0.0, 0
        self.odd, self.odd_for, self.is_stalling = {}, set(), False
        self._send_guests_home()
        self.emails.clear()
        self.open()

    def close(self) -> None:
        self._is_leaving.set()
        self.refuse_connections()
        self._send_guests_home()
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

    def _welcome(self, door: socket.socket) -> None:
        while True:
            try:
                guest, _ = door.accept()
            except OSError:
                return  # the door was closed
            self.guests.add(guest)
            self._run(self._serve, guest)

    def _send_guests_home(self) -> None:
        for guest in list(self.guests):
            with suppress(OSError):
                guest.shutdown(socket.SHUT_RDWR)

    def _serve(self, guest: socket.socket) -> None:
        # The other side may vanish at any point; that is what some of the tests are about.
        conversation = _Conversation(self, guest)
        with suppress(OSError, _Rude), closing(conversation):
            if self.mood is Mood.MUTE:
                conversation.lines.read()  # until the guest gives up
            else:
                conversation.hold()
        self.guests.discard(guest)

    def pause(self) -> None:
        self._is_leaving.wait(0.05)

    def take(self, received: Received) -> None:
        self.emails.append(received)
        self._is_leaving.wait(self.pause_before_thanks)


ANSWERS = {
    "HELO": (250, "mail.example"),
    "AUTH": (235, "welcome"),
    "MAIL": (250, "go on"),
    "RSET": (250, "as you like"),
    "NOOP": (250, "as you like"),
    "QUIT": (221, "good bye"),
}


class _Rude(Exception):
    """The server ends the conversation without a word."""


class _Conversation:
    def __init__(self, server: MailServer, guest: socket.socket) -> None:
        self.server, self.guest = server, guest
        self.lines = guest.makefile("rb")
        self.sender, self.recipients = "", []

    def close(self) -> None:
        self.lines.close()
        self.guest.close()

    def hold(self) -> None:
        if not self.is_odd("GREETING"):
            self.say(220, "mail.example ready")
        while line := self.lines.readline():
            verb = [*line.decode("ascii", "replace").split(), ""][0].upper()
            if verb == "MAIL":
                self.server.attempts += 1
                self.sender, self.recipients = _address(line), []
            if self.is_odd(verb, _address(line)):
                continue
            self.answer(verb, line)
            if verb == "QUIT":
                return

    def answer(self, verb: str, line: bytes) -> None:
        match verb:
            case "EHLO":
                self.say_what_it_can()
            case "STARTTLS":
                self.start_tls()
            case "RCPT":
                self.receive_recipient(_address(line))
            case "DATA":
                self.receive_words()
            case _:
                self.say(*ANSWERS.get(verb, (502, "not understood")))

    def say_what_it_can(self) -> None:
        if self.server.tls and not isinstance(self.guest, ssl.SSLSocket):
            self.guest.sendall(b"250-mail.example\r\n250-AUTH PLAIN LOGIN\r\n250 STARTTLS\r\n")
        else:
            self.guest.sendall(b"250-mail.example\r\n250 AUTH PLAIN LOGIN\r\n")

    def start_tls(self) -> None:
        self.say(220, "go ahead")
        assert self.server.tls
        self.lines.close()
        self.guest = self.server.tls.wrap_socket(self.guest, server_side=True)
        self.lines = self.guest.makefile("rb")

    def receive_recipient(self, recipient: str) -> None:
        match self.server.mood:
            case Mood.BUSY_AT_RCPT:
                self.say(450, "4.2.1 mailbox is busy")
            case Mood.UNWILLING:
                self.say(550, "5.1.1 no such mailbox here")
            case _:
                self.recipients.append(recipient)
                self.say(250, "known here")

    def receive_words(self) -> None:
        if not self.recipients:
            self.say(503, "name a recipient first")
            return
        self.say(354, "speak")
        raw = wire = b""
        while (line := self.lines.readline()) != b".\r\n":
            if not line:
                return  # cut off in the middle: there is no email
            wire += line
            raw += line.removeprefix(b".")  # section 4.5.2: a leading dot was doubled
        if self.server.mood is Mood.BUSY_AT_DATA:
            self.say(451, "4.3.0 out of paper")
            return
        email = message_from_bytes(raw, policy=policy.default)
        assert isinstance(email, EmailMessage)
        received = Received(time.monotonic(), self.sender, tuple(self.recipients), email, wire)
        self.server.take(received)
        if not self.is_odd("DOT"):
            self.say(250, "taken")

    def is_odd(self, phase: str, recipient: str = "") -> bool:
        """Whether it does something else here than its duty, which it has done then."""
        if self.server.odd_for and self.server.odd_for.isdisjoint({recipient, *self.recipients}):
            return False
        match self.server.odd.get(phase):
            case None:
                return False
            case "stall":
                self.server.is_stalling = True
                self.lines.read()  # until the guest gives up
                raise _Rude
            case "break":
                self.guest.shutdown(socket.SHUT_RDWR)
                raise _Rude
            case "drip":
                while True:
                    self.guest.sendall(b"2")
                    self.server.pause()
            case reply:
                self.guest.sendall(f"{reply}\r\n".encode())
        return True

    def say(self, code: int, words: str) -> None:
        self.guest.sendall(f"{code} {words}\r\n".encode())


def _address(line: bytes) -> str:
    return line.decode("utf-8", "replace").partition("<")[2].partition(">")[0]
