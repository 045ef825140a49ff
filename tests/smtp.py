"""A mail server for tests: real SMTP on the loopback address, with the faults of mail servers.

It speaks as much of RFC 5321 as a client needs to hand over a letter, keeps each letter it was
given, and changes its mood when a test says so.
"""

import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from enum import Enum, auto
from typing import Self


class Mood(Enum):
    WELL = auto()
    MUTE = auto()  # takes connections and never says a word
    BUSY_AT_RCPT = auto()  # "try again later" (RFC 5321, section 4.2.1: the 400s)
    BUSY_AT_DATA = auto()
    UNWILLING = auto()  # "do not try again": the 500s


@dataclass(frozen=True)
class Received:
    """A letter as it came in."""

    at: float  # by time.monotonic(): when its last byte was here
    sender: str
    recipients: tuple[str, ...]
    email: EmailMessage

    @property
    def message_id(self) -> str:
        return str(self.email["Message-ID"])


class MailServer:
    """Listens from the start. `letters` is what came in, the oldest first."""

    def __init__(self) -> None:
        self.letters: list[Received] = []
        self.mood = Mood.WELL
        # Seconds between having a letter and saying so: long enough to kill who waits for it.
        self.pause_before_thanks = 0.0
        self.attempts = 0  # how many letters were offered, taken or not
        self.port = 0
        self._door: socket.socket | None = None
        self._guests: set[socket.socket] = set()
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
            self.port = self._door.getsockname()[1]
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
        self._send_guests_home()
        self.letters.clear()
        self.open()

    def close(self) -> None:
        self._is_leaving.set()
        self.refuse_connections()
        self._send_guests_home()
        for thread in self._threads:
            thread.join(timeout=5)

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
            self._guests.add(guest)
            self._run(self._serve, guest)

    def _send_guests_home(self) -> None:
        for guest in list(self._guests):
            with suppress(OSError):
                guest.shutdown(socket.SHUT_RDWR)

    def _serve(self, guest: socket.socket) -> None:
        # The other side may vanish at any point; that is what some of the tests are about.
        with suppress(OSError), guest, guest.makefile("rb") as lines:
            if self.mood is Mood.MUTE:
                lines.read()  # until the guest gives up
            else:
                _Conversation(self, guest, lines).hold()
        self._guests.discard(guest)

    def take(self, letter: Received) -> None:
        self.letters.append(letter)
        self._is_leaving.wait(self.pause_before_thanks)


class _Conversation:
    def __init__(self, server: MailServer, guest: socket.socket, lines) -> None:
        self.server, self.guest, self.lines = server, guest, lines
        self.sender, self.recipients = "", []

    def hold(self) -> None:
        self.say(220, "mail.example ready")
        while line := self.lines.readline():
            verb = line[:4].upper().strip().decode("ascii", "replace")
            match verb:
                case "EHLO" | "HELO":
                    self.say(250, "mail.example")
                case "MAIL":
                    self.server.attempts += 1
                    self.sender, self.recipients = _address(line), []
                    self.say(250, "go on")
                case "RCPT":
                    self.receive_recipient(_address(line))
                case "DATA":
                    self.receive_words()
                case "RSET" | "NOOP":
                    self.say(250, "as you like")
                case "QUIT":
                    self.say(221, "good bye")
                    return
                case _:
                    self.say(502, "not understood")

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
        raw = b""
        while (line := self.lines.readline()) != b".\r\n":
            if not line:
                return  # cut off in the middle: there is no letter
            raw += line.removeprefix(b".")  # section 4.5.2: a leading dot was doubled
        if self.server.mood is Mood.BUSY_AT_DATA:
            self.say(451, "4.3.0 out of paper")
            return
        email = message_from_bytes(raw, policy=policy.default)
        assert isinstance(email, EmailMessage)
        self.server.take(Received(time.monotonic(), self.sender, tuple(self.recipients), email))
        self.say(250, "taken")

    def say(self, code: int, words: str) -> None:
        self.guest.sendall(f"{code} {words}\r\n".encode())


def _address(line: bytes) -> str:
    return line.decode().partition("<")[2].partition(">")[0]
