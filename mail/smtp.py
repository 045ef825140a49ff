"""Sends emails to a mail server step by step, and knows which step failed.

What an outcome means depends on the step: until the final dot nothing has been accepted, so another
try copies nothing; after it the server may have the email, whatever became of its answer.
"""

import re
import smtplib
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from mail.smtp_errors import (
    BEFORE_MAIL,
    SHUTTING_DOWN,
    BrokenError,
    Phase,
    RefusedError,
    SmtpError,
    UnconfirmedError,
)

MAX_REPLY = 65_536  # octets; what says more is no mail server
_REPLY_LINE = re.compile(rb"(\d{3})(?:([ -])(.*))?", re.DOTALL)


@dataclass(frozen=True)
class Times:
    """How many seconds a mail server has."""

    phase: float = 15
    before_dot: float = 100  # all phases up to the final dot together
    # RFC 5321, section 4.5.3.2.6: it may still be delivering, and whoever leaves gets copies made.
    dot: float = 600
    goodbye: float = 1


@dataclass(frozen=True)
class Server:
    """Where the mail server is and how it is spoken to. `us` is the name that we give."""

    host: str
    port: int
    us: str
    user: str = ""
    password: str = ""
    starttls: bool = False
    tls: bool = False
    tls_context: ssl.SSLContext | None = None


class Conversation(smtplib.SMTP):
    """One connection, for one email after another. `cut` may be called from another thread at any
    time.
    """

    def __init__(self, server: Server, times: Times) -> None:
        super().__init__(local_hostname=server.us)  # without a host it does not connect yet
        self.server, self.times = server, times
        self.count = 0  # of the emails that it was begun for
        self._unread = b""
        self._deadline = self._dot_deadline = 0.0
        self.is_cut = self._must_reset = False

    @property
    def is_open(self) -> bool:
        return self.sock is not None

    @property
    def is_in_step(self) -> bool:
        """Whether the next reply will be to the next command."""
        return self.is_open and not (self.is_cut or self._unread)

    def hand_over(
        self, sender: str, recipient: str, raw: bytes, *, until: float | None = None
    ) -> None:
        """Returns once the server has confirmed that it has the email; else raises `SmtpError`.

        The connection stays open for the next one, unless the trouble was with it. `until` is the
        moment by which the final dot is to be sent, if that is known already.
        """
        self.count += 1
        self._dot_deadline = until or time.monotonic() + self.times.before_dot
        try:
            if not self.is_open:
                self._introduce()
            elif self._must_reset:
                self._expect(Phase.MAIL, 250, "RSET")
                self._must_reset = False
            self._expect(Phase.MAIL, 250, "MAIL", f"FROM:<{sender}>")
            self._expect(Phase.RCPT, 250, "RCPT", f"TO:<{recipient}>")
            self._expect(Phase.DATA, 354, "DATA")
            with self._phase(Phase.BODY):
                # RFC 5321, section 4.5.2: a leading dot is doubled.
                self.send(re.sub(rb"(?m)^\.", b"..", raw))
                if not raw.endswith(b"\r\n"):
                    self.send(b"\r\n")  # the final dot stands on a line of its own
            self._finish()
        except RefusedError as error:
            self._must_reset = True
            if error.code == SHUTTING_DOWN or error.phase in BEFORE_MAIL:
                self.end()
            raise
        except BaseException:
            self.close()
            raise

    def end(self) -> None:
        """Say goodbye and close the connection."""
        self._deadline = time.monotonic() + self.times.goodbye
        with suppress(Exception):  # the emails are delivered, whatever comes now
            self.docmd("QUIT")
        self.close()

    def cut(self) -> None:
        """End the connection now. A pending read fails at once."""
        self.is_cut = True
        if self.sock is not None:
            with suppress(OSError):
                # The plain socket's own: an SSLSocket would forget its encryption under a reader.
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)

    def _introduce(self) -> None:
        with self._phase(Phase.CONNECT):
            self.sock = self._connect()
            if self.server.tls:
                self._encrypt()
        with self._phase(Phase.GREETING):
            _check(Phase.GREETING, *self.getreply(), expected=220)
        self._say_hello()
        if self.server.starttls:
            with self._phase(Phase.STARTTLS):
                _check(Phase.STARTTLS, *self.docmd("STARTTLS"), expected=220)
                self._unread = b""  # nothing said before the encryption counts after it
                self._encrypt()
            self._say_hello()
        if self.server.user:
            with self._phase(Phase.AUTH):
                self.login(self.server.user, self.server.password)

    def _say_hello(self) -> None:
        with self._phase(Phase.EHLO):
            code, reply = self.ehlo()
            if 500 <= code < 600:  # older than EHLO
                code, reply = self.helo()
            _check(Phase.EHLO, code, reply, expected=250)

    def _expect(self, phase: Phase, expected: int, command: str, arguments: str = "") -> None:
        with self._phase(phase):
            _check(phase, *self.docmd(command, arguments), expected=expected)

    def _finish(self) -> None:
        self._deadline = time.monotonic() + self.times.dot
        try:
            self.send(b".\r\n")
            code, reply = self.getreply()
        except Exception as error:
            raise UnconfirmedError(is_silent=isinstance(error, TimeoutError)) from error
        if 400 <= code < 600:
            raise RefusedError(Phase.DOT, code, reply)
        if not 200 <= code < 300:
            raise UnconfirmedError(is_silent=False)

    @contextmanager
    def _phase(self, phase: Phase) -> Iterator[None]:
        """Gives the phase its time, and makes every error inside one that names it."""
        self._deadline = min(time.monotonic() + self.times.phase, self._dot_deadline)
        try:
            if self.is_cut:
                raise ConnectionAbortedError("cut off")
            yield
        except SmtpError:
            raise
        except smtplib.SMTPResponseException as error:
            if 400 <= error.smtp_code < 600:
                reply = error.smtp_error
                reply = reply if isinstance(reply, bytes) else reply.encode()
                raise RefusedError(phase, error.smtp_code, reply) from error
            raise BrokenError(phase) from error
        except Exception as error:  # of sockets, encryption, names and smtplib: nothing is decided
            raise BrokenError(phase) from error

    def _connect(self) -> socket.socket:
        """To the first of its addresses that answers, all within the time of the phase."""
        found = socket.getaddrinfo(self.server.host, self.server.port, type=socket.SOCK_STREAM)
        trouble: OSError = ConnectionError("no address")
        for family, kind, protocol, _, address in found:
            sock = socket.socket(family, kind, protocol)
            try:
                # What ends the text must not wait until its beginning is acknowledged.
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                sock.settimeout(self._left())
                sock.connect(address)
            except OSError as error:
                sock.close()
                trouble = error
            else:
                return sock
        raise trouble

    def _encrypt(self) -> None:
        context = self.server.tls_context or ssl.create_default_context()
        assert self.sock is not None
        self.sock.settimeout(self._left())
        self.sock = context.wrap_socket(self.sock, server_hostname=self.server.host)

    def _left(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        return left

    # Below smtplib, which would give each piece of an answer the whole time anew.

    def send(self, s: Any) -> None:
        if self.sock is None:
            raise ConnectionAbortedError("not connected")
        self.sock.settimeout(self._left())
        self.sock.sendall(s.encode("ascii") if isinstance(s, str) else s)

    def getreply(self) -> tuple[int, bytes]:
        """RFC 5321, section 4.2.1. Anything that is not a reply counts as a broken connection."""
        said = []
        size = 0
        while True:
            line = self._read_line()
            size += len(line)
            match = _REPLY_LINE.fullmatch(line.rstrip(b"\r\n"))
            if not match or size > MAX_REPLY:
                raise ConnectionAbortedError("The server that answered is not a mail server.")
            said.append((match[3] or b"").strip())
            if match[2] != b"-":
                return int(match[1]), b"\n".join(said)

    def _read_line(self) -> bytes:
        while b"\n" not in self._unread:
            if len(self._unread) > MAX_REPLY:
                raise ConnectionAbortedError("The server that answered is not a mail server.")
            if self.sock is None:
                raise ConnectionAbortedError("not connected")
            self.sock.settimeout(self._left())
            if not (piece := self.sock.recv(4096)):
                raise ConnectionResetError("The mail server closed the connection.")
            self._unread += piece
        line, _, self._unread = self._unread.partition(b"\n")
        return line


def _check(phase: Phase, code: int, reply: bytes, *, expected: int) -> None:
    if 400 <= code < 600:
        raise RefusedError(phase, code, reply)
    if code // 100 != expected // 100:
        raise ConnectionAbortedError("The mail server sent an unexpected answer.")
