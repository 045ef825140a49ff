"""What is asked, and what is wrong with an answer."""

import argparse
import contextlib
import os
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from deploy.installed import Stop, value_of
from deploy.installing.place import ADMINISTRATOR
from deploy.installing.settings import settings

LOOPBACK = ("127.0.0.1", "localhost", "[::1]", "::1")


def domain(value: str) -> str:
    if "://" in value:
        raise Stop(f"{value} is a whole address. Write the domain alone, as www.example.com.")
    name = value.rstrip(".").lower()
    if not name.isascii():
        with contextlib.suppress(UnicodeError):
            name = name.encode("idna").decode()
    label = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
    if not re.fullmatch(rf"({label}\.)+[a-z][a-z0-9-]*[a-z0-9]", name) or len(name) > 253:
        raise Stop(f"{value!r} is no domain. Write it as www.example.com, without path or port.")
    return name


def email(value: str) -> str:
    local, _, host = value.strip().rpartition("@")
    try:
        if not re.fullmatch(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+", local):
            raise Stop
        return f"{local}@{domain(host)}"
    except Stop:
        raise Stop(f"{value!r} is no email address. Write it as ida@example.com.") from None


def mail_server(value: str) -> str:
    fix = "Write it as smtp+tls://user:password@mail.example.com:587, with %40 for @ in the name."
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise Stop(f"The mail server's URL cannot be read. {fix}") from None
    if parts.scheme not in ("smtp+tls", "smtps", "smtp"):
        raise Stop(f"The mail server's URL does not begin with smtp+tls:// or smtps://. {fix}")
    if not parts.hostname or parts.path.strip("/") or " " in value or port == 0:
        raise Stop(f"The mail server's URL names no host. {fix}")
    if parts.netloc.count("@") > 1:
        raise Stop(f"The mail server's URL has an @ too many. {fix}")
    if parts.scheme == "smtp" and parts.hostname not in LOOPBACK:
        raise Stop(f"smtp:// has no TLS, and the mail server is on another machine. {fix}")
    return value


def sender(value: str) -> str:
    found = re.fullmatch(r"\s*([^<>]*?)\s*<([^<>]*)>\s*", value)
    if not found:
        return email(value)
    shown, address = found.groups()
    return f"{shown} <{email(address)}>" if shown else email(address)


def time_zone(value: str) -> str:
    # The machine may have no list of zones yet. What has the form of one is checked by the site.
    if not re.fullmatch(r"UTC|[A-Za-z_]+(/[A-Za-z0-9_+-]+){1,2}", value):
        raise Stop(f"{value!r} is no time zone. Write it as Europe/Berlin.")
    return value


@dataclass(frozen=True)
class Asked:
    name: str  # of the option, and INSTALL_… in the environment
    question: str
    check: Callable[[str], str]
    default: Callable[[Mapping[str, str]], str] | None = None
    secret: bool = False


QUESTIONS = [
    Asked("domain", "Domain of the site, as www.example.com", domain),
    Asked("email", "Email address of the first administrator", email),
    Asked(
        "mail-server",
        "Mail server, as smtp+tls://user:password@mail.example.com:587",
        mail_server,
    ),
    Asked(
        "sender",
        "Sender of the site's emails",
        sender,
        lambda given: f"website@{given['domain'].removeprefix('www.')}",
    ),
    Asked("time-zone", "Time zone of the office", time_zone, lambda given: machine_zone()),
]


def machine_zone() -> str:
    with contextlib.suppress(OSError):
        zone = Path("/etc/timezone").read_text().strip()
        return "UTC" if zone in ("", "Etc/UTC") else zone
    return "UTC"


def answers(options: argparse.Namespace, known: Mapping[str, str]) -> dict[str, str]:
    """By option, from the environment, from an earlier run, or asked for."""
    given: dict[str, str] = {}
    is_talking = sys.stdin.isatty() and not options.unattended
    for one in QUESTIONS:
        variable = f"INSTALL_{one.name.upper().replace('-', '_')}"
        said = getattr(options, one.name.replace("-", "_")) or os.environ.get(variable)
        if said:
            given[one.name] = one.check(said)
        elif known.get(one.name):
            given[one.name] = known[one.name]
        elif is_talking:
            given[one.name] = _asked(one, given)
        elif one.default:
            given[one.name] = one.default(given)
        else:
            raise Stop(f"Nobody is here to ask. Say --{one.name}, or set {variable}.")
    return given


def _asked(one: Asked, given: Mapping[str, str]) -> str:
    default = one.default(given) if one.default else ""
    while True:
        said = input(f"{one.question}{f' [{default}]' if default else ''}: ").strip() or default
        try:
            return one.check(said)
        except Stop as wrong:
            print(wrong)


def earlier_answers() -> dict[str, str]:
    known = settings()
    if not known:
        return {}
    host = urlsplit(known.get("SITE_URL", "")).hostname or ""
    admin = ADMINISTRATOR.read_text().strip() if ADMINISTRATOR.exists() else ""
    return {
        "domain": host,
        "email": admin,
        "mail-server": value_of("EMAIL_URL", known),
        "sender": known.get("DEFAULT_FROM_EMAIL", ""),
        "time-zone": known.get("TIME_ZONE", ""),
    }
