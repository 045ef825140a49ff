"""Reads the variables of the environment. One that is wrong ends the start with one sentence.

The sentence names the variable and the fix. It quotes no value that may hold a password.
"""

import ipaddress
import os
import re
import zoneinfo
from email.utils import parseaddr
from pathlib import Path

from config.servers import Servers, host_name

FLAGS = dict.fromkeys(("1", "true", "yes", "on"), True) | dict.fromkeys(
    ("0", "false", "no", "off"), False
)
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
RECIPIENT = re.compile(r"age1[a-z0-9]{58,}|[0-9A-Fa-f]{16,40}|[A-Za-z0-9][^\s<>]*@[^\s<>@]+")
NAMES_TO_QUOTE = re.compile(r'[(),.:;<>@\[\]"\\]')


class Variables(Servers):
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
        return self._readable(name, value) if value else None

    def folder_to_read(self, name: str, *, default: Path) -> Path:
        return self._readable(name, self(name, default=str(default)))

    def _readable(self, name: str, value: str) -> Path:
        """A folder that another user or command fills, or an image: we need not write to it."""
        path = self._folder(name, value)
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
            host = host_name(word)
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
        host = host_name(f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname)
        if host is None or host.startswith("."):
            self._refuse(name, f"has no valid host name. {fix}")
        if parts.path.strip("/") or "?" in value or "#" in value:
            self._refuse(name, f"contains a path. The site needs a host of its own. {fix}")
        if "@" in parts.netloc:
            self._refuse(name, f"contains a user name. {fix}")
        is_usual = port in (None, {"http": 80, "https": 443}[parts.scheme])
        return f"{parts.scheme}://{host}" if is_usual else f"{parts.scheme}://{host}:{port}"

    def sender(self, name: str, *, default: str) -> str:
        """A name and an address; the name may hold what a header would have to quote."""
        value = self(name, default=default)
        found = re.fullmatch(r"(?s)(.*?)\s*<([^<>]*)>", value)
        shown, address = found.groups() if found else ("", value)
        local, _, domain = address.strip().rpartition("@")
        host = host_name(domain)
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
