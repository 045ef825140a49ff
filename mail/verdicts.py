"""What a mail server's reply means for the email, and how one line explains it to staff."""

import re
import socket
import ssl
from collections.abc import Collection
from enum import StrEnum

from mail.header_text import one_line
from mail.smtp_errors import BrokenError, Phase, RefusedError

MAX_READ = 2_000
MAX_REASON = 300

# About the command or the login, whatever the phase: RFC 5321, section 4.2.3; RFC 4954, section 6.
_ABOUT_US = {500, 502, 503, 504, 530, 534, 535, 538}
_ENHANCED = re.compile(r"[245]\.(\d{1,3})\.(\d{1,3})(?=\s|$)")


class Verdict(StrEnum):
    RETRY = "retry"  # until the patience for every email is at its end
    RETRY_FOR_AN_HOUR = "retry for an hour"
    FINAL = "final"


def judge(phase: Phase, code: int, reply: str = "") -> Verdict:
    """Whether to try again.

    RFC 5321, section 4.2.1: the 400s are for now, the 500s for good. RFC 3463, section 4, says whom
    the latter are about: addresses (1), mailboxes (2) and content (6) are the email's own; the mail
    system (3), the network (4), the protocol (5) and policy (7) are between the server and us, and
    so is our own address as sender (1.7, 1.8). Without such a number, the phase says it.
    """
    if not 500 <= code < 600:
        return Verdict.RETRY
    enhanced = _ENHANCED.match(reply)
    subject, detail = (int(enhanced[1]), int(enhanced[2])) if enhanced else (0, 0)
    match subject, detail:
        case (3 | 4 | 7, _) | (1, 7 | 8):
            return Verdict.RETRY_FOR_AN_HOUR
        case (5, other) if other:
            return Verdict.RETRY_FOR_AN_HOUR
    if phase in (Phase.RCPT, Phase.DATA, Phase.BODY, Phase.DOT):
        if code in _ABOUT_US and not enhanced:
            return Verdict.RETRY_FOR_AN_HOUR
        return Verdict.FINAL
    if phase in (Phase.MAIL, Phase.EHLO, Phase.AUTH) or enhanced:
        return Verdict.RETRY_FOR_AN_HOUR
    return Verdict.RETRY  # it serves nobody at present: it greets nobody, or cannot encrypt


_REFUSED = {
    Phase.GREETING: "the connection",
    Phase.EHLO: "our greeting",
    Phase.STARTTLS: "to encrypt",
    Phase.AUTH: "our login",
    Phase.MAIL: "our address as sender",
    Phase.RCPT: "the address",
}


def refusal(error: RefusedError, *, hide: Collection[str] = ()) -> str:
    """How staff see a refusal."""
    said = readable(error.reply, hide=hide)
    if error.code < 500:
        return f"The mail server asks us to try again later ({error.phase}): {error.code} {said}"
    return f"The mail server refused {_REFUSED.get(error.phase, 'the email')}: {error.code} {said}"


def trouble(error: Exception, *, hide: Collection[str] = ()) -> str:
    """How staff see a failure without a reply that decides anything."""
    where = f" ({error.phase})" if isinstance(error, BrokenError) else ""
    match cause := error.__cause__ if isinstance(error, BrokenError) else error:
        case ssl.SSLCertVerificationError(verify_message=said):
            why = f"The mail server's certificate is not valid: {said}"
        case ssl.SSLError(reason=said):
            why = f"TLS with the mail server failed: {said}"
        case socket.gaierror():
            why = "The host name of the mail server was not found"
        case TimeoutError():
            why = "The mail server did not answer in time"
        case ConnectionRefusedError():
            why = "The mail server could not be reached: connection refused"
        case OSError(strerror=str(said)):
            why = f"The connection to the mail server broke: {said}"
        case _:
            why = f"The connection to the mail server broke: {type(cause).__name__}: {cause}"
    return f"{readable(why, hide=hide).rstrip('.')}{where}."


# An escape sequence of a terminal, whole: without its first character the rest would be text.
_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?|(?:\x1b\]|\x9d)[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?|\x1b."
)
_ADDRESS_LIKE = re.compile(r"(?:\"[^\"]*\"|[^\s<>\"]+)?(?:@|＠|﹫|%40|=40)[^\s<>]+", re.IGNORECASE)


def readable(said: str, *, hide: Collection[str] = ()) -> str:
    """What a server said in one line, without anyone's address, fit for a log and a terminal.

    `hide` are addresses that may stand in it in parts: some servers name only the mailbox.
    """
    line = one_line(_ESCAPES.sub(" ", said[:MAX_READ]))
    line = _ADDRESS_LIKE.sub("…", line)
    for address in hide:
        local, _, domain = address.rpartition("@")
        for part in {local, local.strip('"'), local.partition("+")[0], domain} - {""}:
            alone = rf"(?<![\w.-]){re.escape(part)}(?![\w-])"
            line = re.sub(alone, "…", line, flags=re.IGNORECASE)
    return f"{line[: MAX_REASON - 1]}…" if len(line) > MAX_REASON else line
