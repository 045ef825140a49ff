"""Where emails go: to a mail server or, on a machine without one, to a folder."""

import ipaddress
import re
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

_CRLF = re.compile(rb"\r?\n")


class SmtpBackend(smtp.EmailBackend):
    """Sends each email over its own connection, with a timeout for each step.

    Raises `mail.smtp.SmtpError`, which says in which step it went wrong.
    """

    def __init__(self, *args: Any, times: Times | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.times = times or Times()
        self._conversation: Conversation | None = None
        self._is_cut = False

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for email in email_messages:
            sender, recipients = _envelope(email)
            for recipient in recipients:
                self._conversation = Conversation(self._server(), self.times)
                if self._is_cut:
                    self._conversation.cut()
                self._conversation.hand_over(sender, recipient, _raw(email))
        return len(email_messages)

    def cut(self) -> None:
        """End the conversation, from another thread."""
        self._is_cut = True
        if self._conversation is not None:
            self._conversation.cut()

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
