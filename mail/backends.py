"""Where emails go: to a mail server or, on a machine without one, to a folder."""

import ipaddress
import re
import time
from collections.abc import Sequence
from email.utils import getaddresses
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends import smtp
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from mail.composing import Email, ascii_address
from mail.smtp import Conversation, Server, Times
from mail.smtp_errors import SmtpError

# Many servers take no more than a hundred over one connection.
MAX_EMAILS = 50

_CRLF = re.compile(rb"\r?\n")


class SmtpBackend(smtp.EmailBackend):
    """Sends emails over one connection, with a timeout for each step.

    Raises `mail.smtp.SmtpError`, which says in which step it went wrong. Between `open` and
    `close`, or in a `with`, the connection is kept from one call to the next.
    """

    def __init__(self, *args: Any, times: Times | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.times = times or Times()
        self._conversation: Conversation | None = None
        self._is_kept = False

    def open(self) -> bool:
        """Nothing is connected before there is an email."""
        is_new, self._is_kept = not self._is_kept, True
        return is_new

    def close(self) -> None:
        self._is_kept = False
        if self._conversation and self._conversation.is_open:
            self._conversation.end()

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        is_new = self.open()
        try:
            for email in email_messages:
                sender, recipients = _envelope(email)
                for recipient in recipients:
                    self._hand_over(sender, recipient, _raw(email))
        finally:
            if is_new:
                self.close()
        return len(email_messages)

    def cut(self) -> None:
        """End the conversation, from another thread."""
        if self._conversation:
            self._conversation.cut()

    def _hand_over(self, sender: str, recipient: str, raw: bytes) -> None:
        """Servers end a connection after some time or some emails. That says nothing about the next
        email: it goes over a new connection, as if it had been the first. Until the final dot
        nothing was accepted, so nothing is copied.
        """
        until = time.monotonic() + self.times.before_dot
        used = self._conversation
        if used and used.is_open:
            if used.is_in_step and used.count < MAX_EMAILS:
                try:
                    used.hand_over(sender, recipient, raw, until=until)
                except SmtpError as error:
                    if not error.is_about_the_connection or used.is_cut:
                        raise
                else:
                    return
            if used.is_open:
                used.end()
        self._conversation = Conversation(self._server(), self.times)
        self._conversation.hand_over(sender, recipient, raw, until=until)

    def _server(self) -> Server:
        return Server(
            host=self.host,
            port=self.port,
            us=_our_name(),
            user=self.username,
            password=self.password,
            starttls=self.use_tls,
            tls=self.use_ssl,
            tls_context=self.ssl_context if self.use_tls or self.use_ssl else None,
        )


class EmlFileBackend(BaseEmailBackend):
    """Writes each email to EMAIL_FILE_PATH as an .eml file, which any mail program opens."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = Path(settings.EMAIL_FILE_PATH)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for email in email_messages:
            stem = f"{timezone.now():%Y%m%d-%H%M%S-%f}-{email.to[0].replace('/', '_')[:100]}"
            part = folder / f"{stem}.part"
            part.touch(mode=0o600)
            part.write_bytes(_raw(email))
            part.rename(folder / f"{stem}.eml")  # whoever watches the folder sees whole files
        return len(email_messages)


def _envelope(email: EmailMessage) -> tuple[str, list[str]]:
    if isinstance(email, Email):
        return email.sender, [email.recipient]
    named = [address for _, address in getaddresses(email.recipients())]
    [(_, sender)] = getaddresses([email.from_email])
    return ascii_address(sender), [ascii_address(address) for address in named]


def _raw(email: EmailMessage) -> bytes:
    """Ours as composed; one of Django's, such as that of `sendtestemail`, as Django writes it."""
    return email.raw if isinstance(email, Email) else _CRLF.sub(b"\r\n", email.message().as_bytes())


def _our_name() -> str:
    """What we call ourselves in EHLO. RFC 5321, section 4.1.3: an address stands in brackets."""
    try:
        address = ipaddress.ip_address(settings.SITE_HOST)
    except ValueError:
        return settings.SITE_HOST
    return f"[IPv6:{address}]" if address.version == 6 else f"[{address}]"
