"""What others see of the site or must know of it: its certificate, its mail server, the DNS records
of its sender.
"""

import socket
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from smtplib import SMTPException
from urllib.parse import urlsplit

import dns.exception
import dns.resolver
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.utils import timezone

from web.diagnosis import Finding, ill, well

PATIENCE = 5  # seconds
SOON = timedelta(days=14)
STRAIGHT = "django.core.mail.backends.smtp.EmailBackend"  # past the outbox, to hear the answer


def certificate() -> Iterator[Finding]:
    """As a browser would check it."""
    if not settings.IS_HTTPS:
        return
    address = urlsplit(settings.SITE_URL)
    host, port = address.hostname or "", address.port or 443
    try:
        with (
            socket.create_connection((host, port), timeout=PATIENCE) as plain,
            ssl.create_default_context().wrap_socket(plain, server_hostname=host) as secure,
        ):
            ends = ssl.cert_time_to_seconds(str((secure.getpeercert() or {})["notAfter"]))
    except ssl.SSLCertVerificationError as error:
        yield ill(
            f"Browsers refuse the certificate of {host}: {error.verify_message}.",
            "Renew it, with the whole chain in the file that nginx reads.",
        )
        return
    except OSError as error:
        yield ill(
            f"{host} does not answer on port {port} ({error.strerror or type(error).__name__}).",
            "Does its name lead here, and is the web server running?",
        )
        return
    until = datetime.fromtimestamp(ends, tz=UTC)
    if until - timezone.now() < SOON:
        yield ill(
            f"The certificate of {host} ends on {until:%-d %B}.",
            "Run certbot renew, and see why its timer has not.",
        )
    else:
        yield well(f"Certificate: good until {until:%-d %B %Y}")


def mail_server() -> Iterator[Finding]:
    """Up to signing in. Nothing is sent."""
    if not _has_server():
        yield well("Mail: written to files; nobody receives it")
        return
    server = get_connection(STRAIGHT, timeout=PATIENCE)
    try:
        server.open()
        server.close()
    except (OSError, SMTPException) as error:
        yield ill(
            f"The mail server {settings.EMAIL_HOST} cannot be used: {_in_words(error)}.",
            "Check EMAIL_URL: host, port, smtp+tls:// or smtps://, user and password.",
        )
    else:
        yield well(f"Mail: {settings.EMAIL_HOST} lets us in")


def sentry() -> Iterator[Finding]:
    """Whether reports would get there. None is sent."""
    if not settings.SENTRY_DSN:
        return
    address = urlsplit(settings.SENTRY_DSN)
    host, is_tls = address.hostname or "", address.scheme == "https"
    port = address.port or (443 if is_tls else 80)
    try:
        with socket.create_connection((host, port), timeout=PATIENCE) as plain:
            if is_tls:
                ssl.create_default_context().wrap_socket(plain, server_hostname=host).close()
    except OSError as error:
        yield ill(
            f"Sentry at {host} cannot be reached: {_in_words(error)}.",
            "Check SENTRY_DSN, and whether this machine may connect there.",
        )
    else:
        yield well(f"Errors: reported to {host}")


def test_email(to: str) -> Iterator[Finding]:
    """One email, straight to the mail server: what its answer is, is the finding."""
    if not _has_server():
        yield ill("There is no mail server to send a test email with.", "Set EMAIL_URL.")
        return
    message = EmailMessage(
        subject=f"Test email from {settings.SITE_HOST}",
        body=f"If you can read this, {settings.SITE_URL} can send email.\n",
        to=[to],
        connection=get_connection(STRAIGHT, timeout=PATIENCE),
    )
    try:
        message.send()
    except (OSError, SMTPException) as error:
        yield ill(f"The test email was refused: {_in_words(error)}.", "See the lines about mail.")
    else:
        yield well(f"Test email: taken for {to}. See whether it arrives, and in which folder")


def sender_records(selector: str = "", nameserver: str = "") -> Iterator[Finding]:
    """What makes other mail servers believe that our email is ours: SPF (RFC 7208), DKIM (RFC 6376)
    and DMARC (RFC 7489). `nameserver` is an address, or an address and a port as `127.0.0.1:53`.
    """
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    if not settings.IS_HTTPS:
        yield well("DNS: not asked, for this site is not for visitors yet")
        return
    ask = _asking(nameserver)
    try:
        spf = [one for one in ask(domain) if one.lower().startswith("v=spf1")]
        dmarc = [one for one in ask(f"_dmarc.{domain}") if one.lower().startswith("v=dmarc1")]
        key = ask(f"{selector}._domainkey.{domain}") if selector else []
    except dns.exception.DNSException as error:
        yield ill(
            f"DNS cannot be asked about {domain} ({type(error).__name__}).",
            "Has this machine a name server? Ask again later.",
        )
        return
    if len(spf) != 1:
        yield ill(
            f"{domain} has {len(spf) or 'no'} SPF {'records' if spf else 'record'}.",
            f"Have exactly one TXT record at {domain}: v=spf1 include:<your mail provider> ~all",
        )
    else:
        yield well(f"SPF: {domain} says who may send for it")
    if not selector:
        yield well("DKIM: not asked. Add --dkim-selector NAME, as your mail provider calls it")
    elif not any("p=" in one for one in key):
        yield ill(
            f"{selector}._domainkey.{domain} has no DKIM key.",
            "Publish the TXT record that your mail provider shows for this selector.",
        )
    else:
        yield well(f"DKIM: the key {selector} is published")
    if not dmarc:
        yield ill(
            f"{domain} has no DMARC record.",
            f"Add a TXT record at _dmarc.{domain}: v=DMARC1; p=none; rua=mailto:you@{domain}",
        )
    else:
        yield well(f"DMARC: {domain} says what to do with email that is not from it")


def _has_server() -> bool:
    return bool(settings.EMAIL_BACKEND == "mail.backends.SmtpBackend")


def _asking(nameserver: str) -> Callable[[str], list[str]]:
    """Asks for the TXT records of a name; none are an empty list."""
    resolver = dns.resolver.Resolver(configure=not nameserver)
    if nameserver:
        host, _, port = nameserver.rpartition(":") if ":" in nameserver else (nameserver, "", "53")
        resolver.nameservers, resolver.port = [host], int(port)
    resolver.lifetime = PATIENCE

    def texts(name: str) -> list[str]:
        try:
            return [b"".join(one.strings).decode() for one in resolver.resolve(name, "TXT")]
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []

    return texts


def _in_words(error: Exception) -> str:
    """Without what a server may quote of a password or an address."""
    code = getattr(error, "smtp_code", None)
    if code:
        return f"it answers {code}"
    return getattr(error, "strerror", None) or type(error).__name__
