"""From a row of the outbox to the bytes that are handed over. The same row gives the same bytes."""

import binascii
import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from mail.addresses import wire
from mail.headers import folded, mailbox, text_field, token_field

# As it was written: nothing is folded anew, which could change what it says.
AS_WRITTEN = policy.SMTP.clone(refold_source="none")
# An address as a mail server takes it, quoted before the @ or not. RFC 5321, section 4.1.2.
_LOCAL = r"""[!#-'*+./-9=?A-Z^-~-]+|"(?:[ !#-\[\]-~]|\\[ -~])*\""""
_ADDRESS = re.compile(rf"(?:{_LOCAL})@[\w.:\[\]-]+", re.ASCII)
_BLANK_AT_END = re.compile(rb"=(?:20|09)\r\n")
_TOO_LONG = re.compile(rb"(?m)^([^\r\n]{74})(=(?:20|09))(?=\r$)")
_NAMED = re.compile(r"(?P<name>.*)<(?P<address>[^<>]*)>\s*", re.DOTALL)


class SenderError(Exception):
    """DEFAULT_FROM_EMAIL names no address: a fault of the settings, and no email's own."""


class Email(EmailMultiAlternatives):
    """An email that is composed. `raw` is what goes over the wire, `sender` and `recipient` the
    envelope; every other attribute is for those who look at it before it leaves.
    """

    def __init__(self, *, raw: bytes, sender: str, recipient: str, **fields: Any) -> None:
        super().__init__(**fields)
        self.raw, self.sender, self.recipient = raw, sender, recipient

    def message(self, *, policy: Any = AS_WRITTEN) -> EmailMessage:
        return message_from_bytes(self.raw, policy=policy)


def compose(
    *,
    to: str,
    subject: str,
    text: str,
    html: str,
    sender_name: str,
    reply_to: str,
    reply_to_name: str,
    headers: Mapping[str, str],
    message_id: str,
    written_at: datetime,
) -> Email:
    """By the name that the operator gave in DEFAULT_FROM_EMAIL or, without one, by `sender_name`.

    Raises `SenderError` when the settings name no sender, and `ValueError` when these fields
    make no email, whatever the settings are.
    """
    default_name, sender = default_sender()
    recipient = ascii_address(to)
    answers = mailbox(ascii_address(reply_to), reply_to_name) if reply_to else []
    head = [
        folded("From", mailbox(sender, default_name or sender_name)),
        folded("To", mailbox(recipient)),
        *([folded("Reply-To", answers)] if answers else []),
        text_field("Subject", subject),
        token_field("Date", format_datetime(written_at)),
        token_field("Message-ID", message_id),
        *[token_field(name, value) for name, value in headers.items()],
    ]
    raw = "".join(head).encode("ascii") + _body(text, html, seed=message_id)
    email = Email(
        raw=raw,
        sender=sender,
        recipient=recipient,
        subject=subject,
        body=text,
        from_email=" ".join(mailbox(sender, default_name or sender_name)),
        to=[to],
        reply_to=[" ".join(answers)] if answers else None,
        headers={**headers, "Message-ID": message_id},
    )
    if html:
        email.attach_alternative(html, "text/html")
    return email


def default_sender() -> tuple[str, str]:
    """Name and address of DEFAULT_FROM_EMAIL; a name may hold any character, quoted or not."""
    named = _NAMED.fullmatch(settings.DEFAULT_FROM_EMAIL)
    name, address = (
        (named["name"], named["address"]) if named else ("", settings.DEFAULT_FROM_EMAIL)
    )
    name = " ".join(name.split())
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    try:
        return name, ascii_address(address.strip())
    except ValueError as error:
        raise SenderError("DEFAULT_FROM_EMAIL is not a valid sender address.") from error


def ascii_address(address: str) -> str:
    """The address as mail servers take it."""
    written = wire(address)
    if address.strip().endswith("@") or not _ADDRESS.fullmatch(written):
        raise ValueError("No mail server accepts this address.")
    return written


def _body(text: str, html: str, *, seed: str) -> bytes:
    """Quoted-printable: ASCII only, no line of more than 76 octets, whatever the text's own lines
    are and whatever is taken for a line break by those who read it. The standard library's takes
    ten times as long.
    """
    plain, said = _part("plain", text)
    if not html:
        return b"%sMIME-Version: 1.0\r\n\r\n%s" % (plain, said)
    # The same at every attempt. Quoted-printable never writes "=_": no line is like it.
    boundary = b"=_%s" % hashlib.sha256(seed.encode()).hexdigest()[:32].encode()
    head = b'MIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n boundary="%s"' % boundary
    between = b"\r\n--%s\r\n" % boundary
    parts = [b"%s\r\n%s" % part for part in ((plain, said), _part("html", html))]
    return b"%s\r\n%s%s\r\n--%s--\r\n" % (head, between, between.join(parts), boundary)


def _part(kind: str, text: str) -> tuple[bytes, bytes]:
    """The header of a part, and what it says."""
    lines = b"".join(line + b"\r\n" for line in text.encode().splitlines())
    said = binascii.b2a_qp(lines, istext=True)
    if _BLANK_AT_END.search(said):  # then it may be one octet too long
        said = _TOO_LONG.sub(rb"\1=\r\n\2", said)
    head = b'Content-Type: text/%s; charset="utf-8"\r\n' % kind.encode()
    return head + b"Content-Transfer-Encoding: quoted-printable\r\n", said
