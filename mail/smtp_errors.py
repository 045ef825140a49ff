"""How a conversation with a mail server ends before it is over, and in which step."""

from enum import StrEnum


class Phase(StrEnum):
    """How far a conversation got. RFC 5321, section 3."""

    CONNECT = "connecting"
    GREETING = "greeting"
    EHLO = "EHLO"
    STARTTLS = "STARTTLS"
    AUTH = "AUTH"
    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"
    BODY = "sending the text"
    DOT = "final dot"


BEFORE_MAIL = (Phase.CONNECT, Phase.GREETING, Phase.EHLO, Phase.STARTTLS, Phase.AUTH)
SHUTTING_DOWN = 421  # RFC 5321, section 3.8: the answer to any command, before the server hangs up


class SmtpError(Exception):
    """The email was not sent, as far as we know."""

    def __init__(self, phase: Phase) -> None:
        super().__init__(phase)
        self.phase = phase

    @property
    def is_about_the_connection(self) -> bool:
        """Whether another connection may do better, at once and without making a copy."""
        return False


class RefusedError(SmtpError):
    """The server answered with a code in the 400s or 500s: it does not have the email."""

    def __init__(self, phase: Phase, code: int, reply: bytes) -> None:
        super().__init__(phase)
        self.code, self.reply = code, reply.decode("utf-8", "replace")

    @property
    def is_about_the_connection(self) -> bool:
        """The server wants no more emails over it; it has not looked at this one."""
        is_over = self.code == SHUTTING_DOWN and self.phase is not Phase.DOT
        return is_over or self.phase is Phase.MAIL


class BrokenError(SmtpError):
    """The conversation broke before the final dot. Why is the error's `__cause__`."""

    @property
    def is_about_the_connection(self) -> bool:
        return True


class UnconfirmedError(SmtpError):
    """The whole email went out and no answer came in: it may or may not be delivered.

    `is_silent`: the server had all of its time. Otherwise the connection ended before.
    """

    def __init__(self, *, is_silent: bool) -> None:
        super().__init__(Phase.DOT)
        self.is_silent = is_silent
