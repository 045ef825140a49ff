"""One variable of the environment, or what stands in the file that it names.

A secret may stand in a file that NAME_FILE names, as secrets of Docker and credentials of systemd
do: the environment of a process is shown by more tools than a file that its owner alone may read.
"""

import re
import stat
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import NoReturn

SECRETS = (
    "SECRET_KEY", "SECRET_KEY_FALLBACKS", "DATABASE_URL", "REDIS_URL", "EMAIL_URL", "STATUS_TOKEN",
    "ERASURE_KEY", "MEDIA_STORAGE_URL", "BACKUP_STORAGE_URL", "DATABASE_DIRECT_URL",
    "SENTRY_DSN",
)  # fmt: skip
MAX_SECRET_BYTES = 64_000
NAME = re.compile(r"^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=", re.MULTILINE)
ALIKE = 0.85  # of 1: two letters exchanged, one too many, one missing
SERVERS_WITH_TLS = ("postgresql", "redis", "smtp", "s3", "sentry")


class WrongVariable(SystemExit):
    """Printed as it is, without a traceback, whatever is starting."""


class Reader:
    def __init__(self, given: Mapping[str, str]) -> None:
        self._given = given
        self._asked: set[str] = set()

    def __call__(self, name: str, *, default: str | None = None, may_be_empty: bool = False) -> str:
        self._asked |= {name, f"{name}_FILE"} if name in SECRETS else {name}
        value, said_by = self._given.get(name), name
        if name in SECRETS and f"{name}_FILE" in self._given:
            if value is not None:
                self._refuse(name, f"is set, and so is {name}_FILE. Remove one of the two")
            value, said_by = self._in_file(f"{name}_FILE"), f"{name}_FILE"
        if value is None:
            if default is None:
                self._refuse(name, "is not set. Give it a value; .env.example explains it")
            return default
        if not value.strip() and not may_be_empty:
            self._refuse(name, "is empty. Give it a value or remove it")
        if any(ord(letter) < 32 or ord(letter) == 127 for letter in value):
            found = "contains" if said_by == name else "names a file that contains"
            self._refuse(said_by, f"{found} a line break or another control character. Remove it")
        return value.strip()

    def _in_file(self, name: str) -> str:
        """What the file says that this variable names, without the line break at its end."""
        path = Path(self._given[name].strip())
        fix = "Write the whole path of a file that holds the value"
        if not path.is_absolute():
            self._refuse(name, f"is not a path from the root. {fix}, as /run/secrets/name")
        try:
            if not stat.S_ISREG(path.stat().st_mode):
                self._refuse(name, f"does not name a file. {fix}")
            with path.open("rb") as file:
                content = file.read(MAX_SECRET_BYTES + 1)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "not a path"
            self._refuse(name, f"names a file that cannot be read ({reason}). {fix}")
        if len(content) > MAX_SECRET_BYTES:
            self._refuse(name, f"names a file of more than {MAX_SECRET_BYTES:,} bytes. {fix}")
        try:
            value = content.decode().rstrip("\r\n")
        except UnicodeDecodeError:
            self._refuse(name, "names a file that is not text in UTF-8. Write the value as text")
        if not value.strip():
            self._refuse(name, "names an empty file. Write the value into it, or remove both")
        return value

    def not_set(self, *names: str) -> list[str]:
        return [name for name in names if not {name, f"{name}_FILE"} & self._given.keys()]

    def unknown(self, dot_env: Path) -> dict[str, str]:
        """Names that nothing has asked for, each with the one that was probably meant, or "".

        In the file, all of them. Of the environment, which many programs share, those alone that
        are almost one of ours, where ours is not set.
        """
        written = NAME.findall(dot_env.read_text(errors="replace")) if dot_env.is_file() else []
        found = {name: self._meant(name) for name in written if name not in self._asked}
        for name in self._given.keys() - self._asked - found.keys():
            meant = self._meant(name)
            if meant and meant not in self._given:
                found[name] = meant
        return found

    def _meant(self, name: str) -> str:
        return next(iter(get_close_matches(name, sorted(self._asked), n=1, cutoff=ALIKE)), "")

    def former_keys(self, name: str, *, present: str) -> list[str]:
        """Keys that signed before the present one, and whose signatures are still good."""
        words = self(name, default="", may_be_empty=True).split(",")
        keys = [word.strip() for word in words if word.strip()]
        if any(len(key) < 16 for key in keys):
            self._refuse(
                name,
                "contains a key of less than 16 characters, or one with a comma in it. Write whole"
                " keys with commas between them",
            )
        if present in keys:
            self._refuse(name, "contains SECRET_KEY itself. Remove that one, or set a new key")
        return keys

    def waivers(self, name: str) -> dict[str, str]:
        """Servers that are spoken to without TLS over a network, and why that may be."""
        fix = "Write it as postgresql: why that is safe; redis: why that is safe"
        reasons: dict[str, str] = {}
        for word in self(name, default="", may_be_empty=True).split(";"):
            if not word.strip():
                continue
            server, _, reason = (part.strip() for part in word.partition(":"))
            if server.lower() not in SERVERS_WITH_TLS or server.lower() in reasons:
                known = ", ".join(SERVERS_WITH_TLS)
                self._refuse(name, f"has to say each of {known} at most once. {fix}")
            if len(reason) < 10:
                self._refuse(name, f"gives no reason for {server.lower()}. {fix}")
            reasons[server.lower()] = reason
        return reasons

    def _refuse(self, name: str, fault: str) -> NoReturn:
        raise WrongVariable(f"{name} {fault}.")
