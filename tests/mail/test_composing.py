"""What goes over the wire shows what was typed, in lines that every mail server takes."""

import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.utils import parseaddr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail.composing import SenderError, compose, default_sender
from mail.header_text import one_line
from mail.headers import encoded_words, folded, mailbox, text_field

SEPARATORS = "\u2028\u2029\x85\x0b\x0c\x1c\x1d\x1e\r\n"
LOOK_ALIKES = [
    "=?utf-8?q?Boss?=",
    "=?utf-8?b?Qm9zcw==?=",
    "=?us-ascii*en?Q?a?=",
    "a =?utf-8?q?b?= c",
    "=?utf-8?q?=0D=0ABcc:_all=40example.com?=",
]
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=400)


def composed(**fields):
    defaults = {
        "to": "ada@example.com",
        "subject": "Hello",
        "text": "Good day.",
        "html": "",
        "sender_name": "",
        "reply_to": "",
        "reply_to_name": "",
        "headers": {},
        "message_id": "<1@us.example>",
        "written_at": datetime(2026, 1, 2, tzinfo=UTC),
    }
    return compose(**{**defaults, **fields})


def read(email):
    return message_from_bytes(email.raw, policy=policy.default)


def named_in(raw, field):
    """Name and address, by the old parser: the new one of Python 3.11 puts spaces into names."""
    display, address = parseaddr(message_from_bytes(raw)[field])
    return str(make_header(decode_header(display))), address


def lines_of(raw):
    return raw.split(b"\r\n")


def of_text(email, kind="plain"):
    return read(email).get_body([kind]).get_payload(decode=True).decode()


@pytest.mark.parametrize("separator", [*SEPARATORS, "\r\n", "\n\n", " ", ""])
@pytest.mark.parametrize("letter", ["x", "ж", "…", "Å", "😀", "."])
def test_no_line_is_too_long_whatever_separates_those_of_the_text(separator, letter):
    email = composed(text=separator.join([letter * 750] * 4), html=separator.join(["<b>"] * 900))

    assert max(map(len, lines_of(email.raw))) <= 78
    assert email.raw.isascii()
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n", email.raw)


@given(WORDS)
def test_the_text_is_read_as_it_was_typed(text):
    email = composed(text=text, html=text)

    typed = re.sub("\r\n|\r|\n", "\r\n", text)
    assert of_text(email).rstrip("\r\n") == typed.rstrip("\r\n")
    assert not text or of_text(email, "html").rstrip("\r\n") == typed.rstrip("\r\n")
    assert max(map(len, lines_of(email.raw))) <= 78


@given(st.one_of(WORDS, st.text('aж =?_"\\,;:<>@()😀\u200d', max_size=300)))
def test_a_subject_is_read_as_it_was_typed(subject):
    email = composed(subject=subject)

    assert read(email)["Subject"] == one_line(subject)
    assert_well_written(email)


@given(st.one_of(WORDS, st.text('aж =?_"\\,;:<>@()😀\u200d', min_size=1, max_size=300)))
def test_a_name_is_read_as_it_was_typed(name):
    field = folded("Reply-To", mailbox("ada@example.com", name))

    assert named_in(field.encode(), "Reply-To") == (one_line(name), "ada@example.com")
    assert max(map(len, field.split("\r\n"))) <= 78


@pytest.mark.parametrize("typed", LOOK_ALIKES)
def test_what_looks_like_an_encoded_word_is_not_decoded(typed, settings):
    settings.DEFAULT_FROM_EMAIL = f"{typed} <web@example.com>"

    email = composed(subject=typed)

    assert read(email)["Subject"] == typed
    assert named_in(email.raw, "From")[0] == typed
    assert typed.encode() not in email.raw


@pytest.mark.parametrize(
    "subject",
    [
        "Inquiry from Jørgen Sørensen-Østergaard, Københavns Ingeniørkontor",
        "x" * 250,
        "ж" * 250,
        "😀" * 120,
        "word " * 50,
        " leading, and  double",
        "",
    ],
)
def test_a_field_begins_on_the_line_of_its_name(subject):
    email = composed(subject=subject, to=f"{'a' * 64}@{'b' * 60}.example", reply_to="c@d.example")

    assert_well_written(email)


def test_zero_width_joiners_are_kept():
    assert read(composed(subject="می\u200cخواهم"))["Subject"] == "می\u200cخواهم"


def test_encoded_words_break_between_characters():
    for word in encoded_words("ж😀" * 40):
        assert len(word) <= 75
        assert "\ufffd" not in str(
            message_from_bytes(f"X: {word}".encode(), policy=policy.default)["X"]
        )


def test_a_subject_in_plain_words_stays_readable():
    assert text_field("Subject", "Inquiry from Ada, Ltd.") == "Subject: Inquiry from Ada, Ltd.\r\n"


def test_every_attempt_sends_the_same_bytes():
    assert composed(html="<p>é</p>").raw == composed(html="<p>é</p>").raw


@pytest.mark.parametrize(
    ("setting", "name", "address"),
    [
        ("web@example.com", "", "web@example.com"),
        ("Clean Systems <web@example.com>", "Clean Systems", "web@example.com"),
        ("Clean Systems, Inc. <web@example.com>", "Clean Systems, Inc.", "web@example.com"),
        ('"Clean Systems, Inc." <web@example.com>', "Clean Systems, Inc.", "web@example.com"),
        ("Clean: Sales <web@example.com>", "Clean: Sales", "web@example.com"),
        ("Clean [Web] (EU) <web@example.com>", "Clean [Web] (EU)", "web@example.com"),
        ('The "best"; <web@example.com>', 'The "best";', "web@example.com"),
        ("Jørgen & Søn <web@example.com>", "Jørgen & Søn", "web@example.com"),
        ("Web <web@bücher.example>", "Web", "web@xn--bcher-kva.example"),
    ],
)
def test_the_senders_name_may_hold_anything(settings, setting, name, address):
    settings.DEFAULT_FROM_EMAIL = setting

    [shown] = read(composed())["From"].addresses

    assert default_sender() == (name, address)
    assert (shown.display_name, shown.addr_spec) == (name, address)


@pytest.mark.parametrize(
    "setting",
    ["", "Clean Systems", "a@b@", "web@", "<>", "Web <web>", "web@exa mple.com", "a\n@b.c"],
)
def test_a_sender_that_is_none_is_no_fault_of_an_email(settings, setting):
    settings.DEFAULT_FROM_EMAIL = setting

    with pytest.raises(SenderError):
        composed()


@pytest.mark.parametrize(
    "fields",
    [
        {"to": "ada"},
        {"to": "jörg@example.com"},
        {"to": "ada@" + "ü" * 60 + ".example"},
        {"to": "ada@example.com>\r\nRCPT TO:<all@example.com"},
        {"reply_to": "a@b.example, c@d.example"},
        {"headers": {"References": "a\r\nBcc: all@example.com"}},
        {"headers": {"Bad Name": "a"}},
        {"headers": {"References": "x" * 999}},
        {"text": "\ud800"},
    ],
)
def test_what_makes_no_email_is_refused(fields):
    with pytest.raises(ValueError, match=r"."):
        composed(**fields)


def assert_well_written(email):
    head = email.raw.partition(b"\r\n\r\n")[0].decode("ascii")
    for line in head.split("\r\n"):
        assert len(line) <= 78 or "@" in line
        assert line.strip()
        if not line.startswith(" "):
            name, _, value = line.partition(": ")
            assert value.strip() or (name == "Subject" and not email.subject.strip())
