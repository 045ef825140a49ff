"""What an answer means, and what staff and the log are shown of it."""

import socket
import ssl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail.smtp_errors import BrokenError, Phase, RefusedError
from mail.verdicts import MAX_REASON, Verdict, judge, readable, refusal, trouble

RETRY, HOUR, FINAL = Verdict.RETRY, Verdict.RETRY_FOR_AN_HOUR, Verdict.FINAL
OURS = [Phase.EHLO, Phase.AUTH, Phase.MAIL]
THEIRS = [Phase.RCPT, Phase.DATA, Phase.DOT]


def judged(phase, codes, replies):
    return {(code, reply): judge(phase, code, reply) for code in codes for reply in replies}


@pytest.mark.parametrize("phase", Phase)
def test_a_refusal_for_now_is_never_final(phase):
    verdicts = judged(
        phase,
        codes=[421, 450, 451, 452, 455, 499],
        replies=["no", "4.7.1 no", "5.1.1 no", "5.7.1 no", "4.2.2 full", ""],
    )

    assert verdicts == dict.fromkeys(verdicts, RETRY)


@pytest.mark.parametrize("subject", ["3", "4", "7"])
@pytest.mark.parametrize("phase", Phase)
def test_system_network_and_policy_are_about_us_in_every_phase(phase, subject):
    details = ["0", "1", "5", "26", "501"]
    verdicts = judged(
        phase,
        codes=[550, 552, 554, 571],
        replies=[f"5.{subject}.{detail} no" for detail in details],
    )

    assert verdicts == dict.fromkeys(verdicts, HOUR)


@pytest.mark.parametrize("phase", THEIRS)
def test_a_refusal_of_the_recipient_or_the_email_is_final(phase):
    verdicts = judged(
        phase,
        codes=[501, 510, 550, 551, 552, 553, 554, 556],
        replies=["no", "5.0.0 no", "5.1.1 no", "5.2.2 full", "5.6.1 no", ""],
    )

    assert verdicts == dict.fromkeys(verdicts, FINAL)


@pytest.mark.parametrize("phase", OURS)
def test_before_a_recipient_is_named_a_refusal_is_about_us(phase):
    verdicts = judged(
        phase,
        codes=[500, 501, 502, 503, 504, 530, 535, 550, 553, 554],
        replies=["no", "5.0.0 no", "5.1.8 no", "5.1.0 no", "5.5.4 no"],
    )

    assert verdicts == dict.fromkeys(verdicts, HOUR)


@pytest.mark.parametrize(
    ("code", "reply"),
    [
        (550, "5.1.7 bad sender"),
        (550, "5.1.8 bad sender's domain"),
        (503, "5.5.1 bad sequence"),
        (503, "bad sequence"),
        (502, "not implemented"),
        (530, "Authentication required"),
    ],
)
@pytest.mark.parametrize("phase", THEIRS)
def test_what_is_about_sender_protocol_or_login_is_about_us_wherever_it_comes(phase, code, reply):
    assert judge(phase, code, reply) is HOUR


@pytest.mark.parametrize("code", [521, 554])
@pytest.mark.parametrize("phase", [Phase.CONNECT, Phase.GREETING, Phase.STARTTLS])
def test_a_server_that_serves_nobody_is_waited_for(phase, code):
    assert judge(phase, code, "no service") is RETRY
    assert judge(phase, code, "5.7.1 not from your address") is HOUR


HIDE = ["ada.byron+x@private.example", "ada.byron+x@private.example"]


@pytest.mark.parametrize(
    "said",
    [
        "5.1.1 <ada.byron+x@private.example>: no such user",
        "5.1.1 ADA.BYRON+X@PRIVATE.EXAMPLE unknown",
        "unknown user: ada.byron+x",
        "unknown user ada.byron in private.example",
        "rfc822;ada.byron+x@private.example rejected",
        "https://help.example/?e=ada.byron%2Bx%40private.example",
        "bounce+ada.byron=private.example@relay.example",
        '"ada.byron"@private.example',
        "ada.byron＠private.example",
        "see grace@other.example",
        "<grace@other.example>",
    ],
)
def test_nobodys_address_is_shown(said):
    shown = readable(said, hide=HIDE)

    for part in ["ada", "byron", "private", "grace", "@", "＠"]:
        assert part not in shown.lower()


@pytest.mark.parametrize(
    "said",
    [
        "5.1.1 no\r\n2026-01-01 ERROR forged: line",
        "5.1.1 no\n250 forged",
        "a\u2028b\u2029c\x85d\x0be\x0cf",
        "\x1b[31mred\x1b[0m",
        "\x1b]0;title\x07rest",
        "\x9b31mred",
        "\x1b]8;;https://evil.example\x1b\\link\x1b]8;;\x1b\\",
        "\x1bcreset",
        "back\x08\x08\x08\x7f",
        "turned \u202egnp.exe",
        "nul \x00",
    ],
)
def test_it_is_one_line_and_does_nothing_to_a_terminal(said):
    shown = readable(said)

    assert shown.isprintable()
    assert "[31m" not in shown
    assert "evil" not in shown


@given(st.text())
def test_whatever_is_said_is_one_short_line(said):
    shown = readable(said, hide=[said[:20]])

    assert len(shown.splitlines()) <= 1
    assert len(shown) <= MAX_REASON


def test_a_very_long_reply_is_read_in_no_time():
    assert len(readable("x" * 65_000 + "@")) <= MAX_REASON
    assert len(readable('"' * 65_000)) <= MAX_REASON


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (
            RefusedError(Phase.RCPT, 550, b"5.1.1 No such user"),
            "The mail server refused the address: 550 5.1.1 No such user",
        ),
        (
            RefusedError(Phase.AUTH, 535, b"5.7.8 Wrong"),
            "The mail server refused our login: 535 5.7.8 Wrong",
        ),
        (
            RefusedError(Phase.DOT, 554, b"\xff"),
            "The mail server refused the email: 554 \ufffd",
        ),
        (
            RefusedError(Phase.RCPT, 450, b"4.2.1 busy\ntoday"),
            "The mail server asks us to try again later (RCPT): 450 4.2.1 busy today",
        ),
    ],
)
def test_staff_read_what_the_server_said(error, shown):
    assert refusal(error) == shown


def broken(cause, phase=Phase.CONNECT):
    error = BrokenError(phase)
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (
            broken(ConnectionRefusedError(111, "Connection refused")),
            "The mail server could not be reached: connection refused (connecting).",
        ),
        (broken(TimeoutError(), Phase.MAIL), "The mail server did not answer in time (MAIL)."),
        (
            broken(socket.gaierror(-2, "Name or service not known")),
            "The host name of the mail server was not found (connecting).",
        ),
        (
            broken(OSError(101, "Network is unreachable")),
            "The connection to the mail server broke: Network is unreachable (connecting).",
        ),
        (
            RuntimeError("about ada@example.com\nand more"),
            "The connection to the mail server broke: RuntimeError: about … and more.",
        ),
    ],
)
def test_staff_read_what_went_wrong(error, shown):
    assert trouble(error) == shown


def test_staff_read_what_is_wrong_with_a_certificate():
    expired = ssl.SSLCertVerificationError(1, "certificate verify failed")
    expired.verify_message = "certificate has expired"

    assert trouble(broken(expired, Phase.STARTTLS)) == (
        "The mail server's certificate is not valid: certificate has expired (STARTTLS)."
    )
