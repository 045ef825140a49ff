"""The conversation with a mail server, one step at a time, against a real one that misbehaves."""

import shutil
import smtplib
import socket
import ssl
import subprocess
import threading
import time

import pytest

from devtools.processes import free_port, wait_until
from mail.smtp import Conversation, Server, Times
from mail.smtp_errors import BrokenError, Phase, RefusedError, SmtpError, UnconfirmedError
from mail.tasks import deliver
from tests.services_report import skip_or_fail
from tests.smtp import BREAK, DRIP, STALL, MailServer

RAW = b"Subject: Hello\r\n\r\n.\r\n..\r\nGood day.\r\n"
PATIENT = Times(phase=60, before_dot=60, dot=60, goodbye=0.1)
HASTIER = [Times(phase=seconds, before_dot=10 * seconds, dot=60) for seconds in (1, 5, 25)]
HASTY_AT_THE_DOT = Times(phase=60, before_dot=60, dot=0.5)
BEFORE_THE_DOT = ["GREETING", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA"]


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """A key and a certificate for `localhost`, signed by itself."""
    if not shutil.which("openssl"):
        skip_or_fail("openssl")
    folder = tmp_path_factory.mktemp("certificate")
    key, cert = folder / "key.pem", folder / "cert.pem"
    command = [
        "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
        "-keyout", key, "-out", cert, "-subj", "/CN=localhost",
        "-addext", "subjectAltName=DNS:localhost",
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    return key, cert


@pytest.fixture
def sink(certificate):
    key, cert = certificate
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    with MailServer(tls=context) as server:
        yield server


@pytest.fixture
def trusting(certificate):
    return ssl.create_default_context(cafile=certificate[1])


def hand_over(sink, context, times=PATIENT, **fields):
    server = {
        "host": "localhost",
        "port": sink.port,
        "us": "us.example",
        "user": "web",
        "password": "secret",
        "starttls": True,
        "tls_context": context,
    }
    conversation = Conversation(Server(**{**server, **fields}), times)
    try:
        conversation.hand_over("us@a.example", "you@b.example", RAW)
    finally:
        conversation.end()


def test_an_email_arrives_as_it_was_written(sink, trusting):
    hand_over(sink, trusting)

    [received] = sink.emails
    assert received.sender == "us@a.example"
    assert received.recipients == ("you@b.example",)
    assert received.email.get_content() == ".\r\n..\r\nGood day.\r\n"
    assert b"\r\n..\r\n...\r\n" in received.wire


def test_the_times_are_those_of_the_standard():
    times = Times()

    assert times.phase == 15
    assert times.dot == 600
    assert times.before_dot + times.dot < deliver.soft_time_limit < deliver.time_limit


@pytest.mark.parametrize("how", [STALL, DRIP, BREAK, "what?", "600 none", "42", "250x"])
@pytest.mark.parametrize("phase", BEFORE_THE_DOT)
def test_trouble_before_the_final_dot_decides_nothing_and_soon_ends(sink, trusting, phase, how):
    sink.faults = {phase: how}

    for times in HASTIER if how in (STALL, DRIP) else [PATIENT]:
        with pytest.raises(BrokenError) as caught:
            hand_over(sink, trusting, times)
        if caught.value.phase.name == phase:
            break  # else a busy machine took as long for an earlier phase

    assert caught.value.phase.name == phase
    assert sink.emails == []


@pytest.mark.parametrize("code", [421, 450, 500, 535, 550, 554])
@pytest.mark.parametrize("phase", [*BEFORE_THE_DOT, "DOT"])
def test_a_refusal_says_in_which_step_it_came(sink, trusting, phase, code):
    sink.faults = {phase: f"{code} 5.7.1 no", "HELO": f"{code} 5.7.1 no"}

    with pytest.raises(RefusedError) as caught:
        hand_over(sink, trusting)

    assert (caught.value.phase.name, caught.value.code) == (phase, code)
    assert caught.value.reply == "5.7.1 no"


@pytest.mark.parametrize(
    ("how", "is_silent"),
    [(STALL, True), (DRIP, True), (BREAK, False), ("what?", False), ("354 go on", False)],
)
def test_without_a_word_after_the_final_dot_nobody_knows(sink, trusting, how, is_silent):
    sink.faults = {"DOT": how}

    with pytest.raises(UnconfirmedError) as caught:
        hand_over(sink, trusting, HASTY_AT_THE_DOT if is_silent else PATIENT)

    assert caught.value.is_silent == is_silent
    assert len(sink.emails) == 1


def test_a_late_confirmation_is_waited_for(sink, trusting):
    sink.delay_before_reply = 1

    hand_over(sink, trusting, Times(phase=0.9, before_dot=60, dot=60))

    assert len(sink.emails) == 1


def test_what_comes_after_the_confirmation_does_not_matter(sink, trusting):
    sink.faults = {"QUIT": STALL}

    hand_over(sink, trusting)

    assert len(sink.emails) == 1


def test_a_server_older_than_ehlo_is_greeted_its_way(sink):
    sink.faults = {"EHLO": "502 what?"}

    hand_over(sink, None, starttls=False, user="")

    assert len(sink.emails) == 1


@pytest.mark.parametrize(
    ("fields", "cause"),
    [
        ({"tls_context": None}, ssl.SSLCertVerificationError),  # signed by nobody we know
        ({"host": "127.0.0.1"}, ssl.SSLCertVerificationError),  # of another name
        ({"port": free_port()}, ConnectionRefusedError),
        ({"host": "nowhere.invalid"}, socket.gaierror),
        ({"host": "a" * 70 + ".example"}, UnicodeError),
        ({"password": "gehe\u1e2bm\ud800"}, UnicodeError),
        ({"us": "b\u00fccher.example"}, UnicodeError),
        ({"tls": True, "starttls": False}, ssl.SSLError),
    ],
)
def test_whatever_is_wrong_with_our_server_decides_nothing(sink, trusting, fields, cause):
    """Many of these are a `ValueError`, as is a fault of an email."""
    with pytest.raises(BrokenError) as caught:
        hand_over(sink, trusting, **fields)

    assert isinstance(caught.value.__cause__, cause)


@pytest.mark.parametrize(
    "error",
    [
        smtplib.SMTPServerDisconnected("gone"),
        smtplib.SMTPNotSupportedError("no AUTH"),
        smtplib.SMTPException("no way to log in"),
        smtplib.SMTPResponseException(-1, b"what?"),
        smtplib.SMTPAuthenticationError(-1, "what?"),
        ssl.SSLError(1, "bad"),
        ssl.SSLZeroReturnError(),
        ssl.SSLWantReadError(),
        ssl.SSLSyscallError(),
        ssl.SSLEOFError(),
        ssl.SSLCertVerificationError("expired"),
        ssl.CertificateError("mismatch"),
        socket.gaierror(-2, "unknown"),
        socket.herror(1, "unknown"),
        TimeoutError("late"),
        ConnectionRefusedError(111, "no"),
        ConnectionResetError(104, "no"),
        ConnectionAbortedError(103, "no"),
        BrokenPipeError(32, "no"),
        InterruptedError(4, "no"),
        PermissionError(13, "no"),
        FileNotFoundError(2, "no"),
        OSError(101, "Network is unreachable"),
        OSError(24, "Too many open files"),
        UnicodeEncodeError("ascii", "ü", 0, 1, "no"),
        UnicodeDecodeError("ascii", b"\xff", 0, 1, "no"),
        ValueError("no"),
        TypeError("no"),
        AttributeError("no"),
        RuntimeError("no"),
        MemoryError(),
    ],
    ids=repr,
)
@pytest.mark.parametrize("phase", [phase for phase in Phase if phase is not Phase.DOT])
def test_every_error_of_the_libraries_below_names_its_step_and_decides_nothing(phase, error):
    conversation = Conversation(Server("a.example", 25, "us.example"), PATIENT)
    conversation._dot_deadline = time.monotonic() + 10

    with pytest.raises(BrokenError) as caught, conversation._phase(phase):
        raise error

    assert caught.value.phase is phase


@pytest.mark.parametrize("code", [421, 454, 500, 534, 535, 554])
def test_a_refusal_raised_by_the_library_is_a_refusal(code):
    conversation = Conversation(Server("a.example", 25, "us.example"), PATIENT)
    conversation._dot_deadline = time.monotonic() + 10

    with pytest.raises(RefusedError) as caught, conversation._phase(Phase.AUTH):
        raise smtplib.SMTPAuthenticationError(code, b"5.7.8 no")

    assert (caught.value.code, caught.value.reply) == (code, "5.7.8 no")


@pytest.mark.parametrize(
    ("phase", "error"),
    [("GREETING", BrokenError), ("MAIL", BrokenError), ("DOT", UnconfirmedError)],
)
def test_a_conversation_can_be_cut_from_another_thread_at_any_time(sink, trusting, phase, error):
    sink.faults = {phase: STALL}
    conversation = Conversation(
        Server("localhost", sink.port, "us.example", starttls=True, tls_context=trusting), PATIENT
    )
    ended = []

    def talk():
        try:
            conversation.hand_over("us@a.example", "you@b.example", RAW)
        except SmtpError as caught:
            ended.append(type(caught))

    thread = threading.Thread(target=talk)
    thread.start()
    assert wait_until(lambda: sink.is_stalling, seconds=10)
    conversation.cut()
    thread.join(timeout=10)

    assert ended == [error]
