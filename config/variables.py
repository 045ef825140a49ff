"""Reads the variables of the environment. One that is wrong ends the start with one sentence.

The sentence names the variable and the fix. It quotes no value that may hold a password.
"""

import ipaddress
import os
import re
import zoneinfo
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

import environ
import idna

from config.reading import Reader

FLAGS = dict.fromkeys(("1", "true", "yes", "on"), True) | dict.fromkeys(
    ("0", "false", "no", "off"), False
)
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
HOST = re.compile(r"\.?[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?\.?|\[[0-9a-f:.]+\]")
MAIL_PORTS = {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465, "smtps": 465}
RECIPIENT = re.compile(r"age1[a-z0-9]{58,}|[0-9A-Fa-f]{16,40}|[A-Za-z0-9][^\s<>]*@[^\s<>@]+")
NAMES_TO_QUOTE = re.compile(r'[(),.:;<>@\[\]"\\]')


class Variables(Reader):
    def flag(self, name: str, *, default: bool) -> bool:
        value = self(name, default="1" if default else "0").lower()
        if value not in FLAGS:
            self._refuse(name, f"is {value!r}. Set it to 1 or 0")
        return FLAGS[value]

    def number(self, name: str, *, default: int, largest: int, smallest: int = 0) -> int:
        value = self(name, default=str(default))
        if not re.fullmatch(r"[0-9]{1,9}", value) or not smallest <= int(value) <= largest:
            wanted = f"a whole number from {smallest:,} to {largest:,}"
            self._refuse(name, f"is {value!r}. Set it to {wanted}")
        return int(value)

    def days(self, name: str, *, default: int | None) -> int | None:
        """A number of days; None for "off"."""
        value = self(name, default="off" if default is None else str(default)).lower()
        if value == "off":
            return None
        if not re.fullmatch(r"[0-9]{1,3}", value):
            self._refuse(name, f"is {value!r}. Set it to a number of days, or to off")
        return int(value)

    def token(self, name: str) -> str:
        """What a program proves with who it is; empty when there is none."""
        value = self(name, default="", may_be_empty=True)
        if value and not re.fullmatch(r"[!-~]{16,}", value):  # it stands in a header, as one word
            self._refuse(name, "cannot be used. Write at least 16 letters and digits, no spaces")
        return value

    def recipient(self, name: str) -> str:
        """For whom something is encrypted; empty when it is not."""
        value = self(name, default="", may_be_empty=True)
        if re.fullmatch(r"[0-9A-Fa-f ]{16,}", value):
            value = value.replace(" ", "")  # as gpg shows a fingerprint
        if value and not RECIPIENT.fullmatch(value):
            self._refuse(
                name,
                "is no recipient. Write the public key of age (age1…), or the email address or the"
                " fingerprint of a key that gpg has",
            )
        return value

    def choice(self, name: str, choices: tuple[str, ...], *, default: str) -> str:
        value = self(name, default=default).upper()
        if value not in choices:
            self._refuse(name, f"is {value!r}. Set it to one of {', '.join(choices)}")
        return value

    def time_zone(self, name: str, *, default: str) -> str:
        value = self(name, default=default)
        try:
            zoneinfo.ZoneInfo(value)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            self._refuse(name, f"is {value!r}, which is not a time zone. Write it as Europe/Berlin")
        return value

    def folder(self, name: str, *, default: Path) -> Path:
        return self._usable(name, self(name, default=str(default)))

    def folder_if_any(self, name: str) -> Path | None:
        value = self(name, default="", may_be_empty=True)
        return self._usable(name, value) if value else None

    def folder_to_read(self, name: str, *, default: Path) -> Path:
        """A folder that another user may fill, or an image: we need not write to it."""
        path = self._folder(name, self(name, default=str(default)))
        if not os.access(path, os.R_OK | os.X_OK):
            self._refuse(name, "is a folder that we cannot read. Name one that we can")
        return path

    def _usable(self, name: str, value: str) -> Path:
        path = self._folder(name, value)
        if not os.access(path, os.W_OK | os.X_OK):
            self._refuse(name, "is a folder that we cannot write to. Name one that we can")
        return path

    def _folder(self, name: str, value: str) -> Path:
        path = Path(value).expanduser()
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            reason = error.strerror or error
            self._refuse(name, f"cannot be used as a folder ({reason}). Name one we can write to")
        return path

    def hosts(self, name: str) -> list[str]:
        words = [word.strip() for word in self(name, default="", may_be_empty=True).split(",")]
        hosts = []
        for word in filter(None, words):
            host = _host(word)
            if word != "*" and host is None:
                self._refuse(
                    name,
                    f"contains {word!r}. Write host names without scheme, port or path, as"
                    " www.example.com, with commas between them",
                )
            hosts.append(host or word)
        return hosts

    def networks(
        self, name: str, *, default: str
    ) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
        """Addresses, and networks as `10.0.0.0/8`, with commas between them."""
        networks = []
        words = [word.strip() for word in self(name, default=default, may_be_empty=True).split(",")]
        for word in filter(None, words):
            try:
                networks.append(ipaddress.ip_network(word))
            except ValueError:
                self._refuse(
                    name,
                    f"contains {word!r}. Write addresses or networks, as 127.0.0.1 or 10.0.0.0/8,"
                    " with commas between them",
                )
        return networks

    def site_url(self, name: str, *, default: str) -> str:
        """The origin of the site, its host as browsers resolve it."""
        value = self(name, default=default)
        fix = "Write it as https://www.example.com"
        parts, port = self._split(name, value, ("http", "https"), fix)
        host = _host(f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname)
        if host is None or host.startswith("."):
            self._refuse(name, f"has no valid host name. {fix}")
        if parts.path.strip("/") or "?" in value or "#" in value:
            self._refuse(name, f"contains a path. The site needs a host of its own. {fix}")
        if "@" in parts.netloc:
            self._refuse(name, f"contains a user name. {fix}")
        is_usual = port in (None, {"http": 80, "https": 443}[parts.scheme])
        return f"{parts.scheme}://{host}" if is_usual else f"{parts.scheme}://{host}:{port}"

    def database(self, name: str, *, default: Path) -> dict[str, Any]:
        """What Django calls a database. Our own path is never written as a URL and read again."""
        value = self(name, default="")
        if not value:
            return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(default)}
        fix = "Write it as postgres://user:password@host:5432/name, with %2F for / in a password"
        schemes = ("postgres", "postgresql", "psql", "pgsql", "sqlite")
        parts, _ = self._split(name, value, schemes, fix, needs_host=False)
        try:
            database: dict[str, Any] = environ.Env.db_url_config(value)
        except Exception:
            self._refuse(name, f"cannot be read. {fix}")
        if parts.scheme == "sqlite":
            database["NAME"] = unquote(parts.path.removeprefix("/"))
        if not database.get("NAME"):
            self._refuse(name, f"names no database. {fix}")
        return database

    def redis(self, name: str) -> tuple[str, str]:
        """Where the cache and where the queue finds Redis: a socket is spelled in two ways."""
        value = self(name, default="", may_be_empty=True)
        if not value:
            return "", ""
        fix = "Write it as redis://host:6379/0, rediss://… with TLS, or unix:///path?db=0"
        schemes = ("redis", "rediss", "unix", "redis+socket")
        is_socket = value.startswith(("unix:", "redis+socket:"))
        parts, _ = self._split(name, value, schemes, fix, needs_host=not is_socket)
        query = parse_qs(parts.query)
        if is_socket:
            number = query.get("db", query.get("virtual_host", ["0"]))[0].strip("/") or "0"
        else:
            number = parts.path.strip("/") or "0"
        if not re.fullmatch(r"[0-9]{1,4}", number) or (is_socket and len(parts.path) < 2):
            self._refuse(name, f"does not name a Redis database by its number. {fix}")
        if not is_socket:
            # Kombu, unlike the cache's client, asks for no certificate unless it is told to.
            is_trusting = parts.scheme == "rediss" and "ssl_cert_reqs" not in query
            more = f"{'&' if parts.query else '?'}ssl_cert_reqs=required" if is_trusting else ""
            return value, f"{value}{more}"
        user = f"{parts.netloc}" if parts.netloc else ""
        return (
            f"unix://{user}{parts.path}?db={number}",
            f"redis+socket://{user}{parts.path}?virtual_host={number}",
        )

    def mail_server(self, name: str) -> dict[str, Any]:
        """Django's settings of that server; nothing when there is none."""
        value = self(name, default="", may_be_empty=True)
        if not value:
            return {}
        fix = (
            "Write it as smtp+tls://user:password@host:587, or smtps://user:password@host:465,"
            " with %40 for @ in a user name"
        )
        parts, port = self._split(name, value, tuple(MAIL_PORTS), fix)
        host = _host(parts.hostname)
        if host is None or parts.path.strip("/"):
            self._refuse(name, f"has no valid host name. {fix}")
        return {
            "EMAIL_BACKEND": "mail.backends.SmtpBackend",
            "EMAIL_HOST": host,
            "EMAIL_PORT": port or MAIL_PORTS[parts.scheme],
            "EMAIL_HOST_USER": unquote(parts.username or ""),
            "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
            "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
            "EMAIL_USE_SSL": parts.scheme in ("smtps", "smtp+ssl"),
        }

    def sender(self, name: str, *, default: str) -> str:
        """A name and an address; the name may hold what a header would have to quote."""
        value = self(name, default=default)
        found = re.fullmatch(r"(?s)(.*?)\s*<([^<>]*)>", value)
        shown, address = found.groups() if found else ("", value)
        local, _, domain = address.strip().rpartition("@")
        host = _host(domain)
        if not re.fullmatch(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+", local) or host is None:
            self._refuse(
                name, "is not an email address. Write it as Clean Systems <website@example.com>"
            )
        if shown.startswith('"') and shown.endswith('"'):
            shown = parseaddr(f"{shown} <a@example.com>")[0]
        if NAMES_TO_QUOTE.search(shown):
            escaped = shown.replace("\\", "\\\\").replace('"', '\\"')
            shown = f'"{escaped}"'
        return f"{shown} <{local}@{host}>" if shown else f"{local}@{host}"

    def _split(
        self,
        name: str,
        value: str,
        schemes: tuple[str, ...],
        fix: str,
        *,
        needs_host: bool = True,
    ) -> tuple[Any, int | None]:
        try:
            parts: SplitResult = urlsplit(value)
            port = parts.port
        except ValueError:
            self._refuse(name, f"cannot be read as an address. {fix}")
        if parts.scheme not in schemes or "://" not in value:
            begins = " or ".join(f"{scheme}://" for scheme in schemes)
            self._refuse(name, f"does not begin with {begins}. {fix}")
        if (needs_host and not parts.hostname) or " " in value:
            self._refuse(name, f"has no valid host name. {fix}")
        return parts, port


def _host(name: str) -> str | None:
    """A host name in lower case and A-labels (UTS #46, as browsers resolve it), or None."""
    name = name.lower()
    if not name.isascii():
        try:
            dot = "." if name.startswith(".") else ""
            name = dot + idna.encode(name.removeprefix("."), uts46=True).decode()
        except (idna.IDNAError, UnicodeError):
            return None
    if ".." in name or len(name) > 253:
        return None
    return name if HOST.fullmatch(name) else None
