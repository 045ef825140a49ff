"""Variables that say where a server is, and how we log in there: one address each."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

import environ
import idna

from config import buckets, sentinels
from config.reading import Reader

HOST = re.compile(r"\.?[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?\.?|\[[0-9a-f:.]+\]")
PARAMETERS = {
    "host": "HOST",
    "port": "PORT",
    "user": "USER",
    "password": "PASSWORD",
    "dbname": "NAME",
}
MAIL_PORTS = {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465, "smtps": 465}


class Servers(Reader):
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
        else:
            _read_as_libpq_does(parts, database)
        if not database.get("NAME"):
            self._refuse(name, f"names no database. {fix}")
        pool_mode = database.get("OPTIONS", {}).pop("pool_mode", "")
        if pool_mode not in ("", "session", "transaction"):
            self._refuse(
                name, "has a pool_mode that is not known. Write pool_mode=transaction or =session"
            )
        if pool_mode:
            database["POOL_MODE"] = pool_mode
        # A cursor of the server's would be asked for in another session than it was made in.
        if pool_mode == "transaction":
            database["DISABLE_SERVER_SIDE_CURSORS"] = True
        return database

    def direct_database(self, name: str) -> dict[str, Any]:
        """The same database without a pooler; nothing where there is none."""
        value = self(name, default="", may_be_empty=True)
        return self.database(name, default=Path()) if value else {}

    def redis(self, name: str) -> tuple[str, str]:
        """Where the cache and where the queue finds Redis: a socket is spelled in two ways."""
        value = self(name, default="", may_be_empty=True)
        if not value:
            return "", ""
        if value.startswith(("sentinel:", "sentinels:")):
            try:
                found = sentinels.Sentinels.read(value)
            except ValueError:
                self._refuse(name, f"cannot be read. {sentinels.FIX}")
            return value, found.broker_url
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

    def bucket(
        self, name: str, *, folder: str, apart_from: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Options of `web.s3.S3Storage`, below `folder` if the address names none; nothing where
        there is no bucket. It may not hold, or be in, the one that it has to be apart from.
        """
        value = self(name, default="", may_be_empty=True)
        if not value:
            return {}
        parts, _ = self._split(name, value, tuple(buckets.SCHEMES), buckets.FIX)
        try:
            options = buckets.options(parts, folder)
        except buckets.WrongBucket as wrong:
            self._refuse(name, f"{wrong}. {buckets.FIX}")
        if apart_from and buckets.overlap(options, apart_from):
            self._refuse(
                name,
                "names the folder of uploads, or one within the other, and uploads are shown to"
                " readers. Give each a folder of its own",
            )
        return options

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
        host = host_name(parts.hostname)
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

    def dsn(self, name: str) -> str:
        """Where a project of Sentry takes reports; empty when none are sent."""
        value = self(name, default="", may_be_empty=True)
        if value:
            fix = "Write it as https://key@host/number, as Sentry shows it under Client Keys"
            parts, _ = self._split(name, value, ("https", "http"), fix)
            if not parts.username or parts.query or not re.search(r"/[0-9]+/?$", parts.path):
                self._refuse(name, f"is no DSN. {fix}")
        return value

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


def _read_as_libpq_does(parts: SplitResult, database: dict[str, Any]) -> None:
    """What an address says of itself in libpq's ways becomes what Django names it: a socket's
    folder in the place of the host (`%2Frun%2Fpostgresql`), and parameters in the place of parts
    (PostgreSQL's manual, "Connection URIs"). Left among the options, nobody but libpq would find
    it: TLS would not be asked for, and pg_dump would look for the database elsewhere.
    """
    host = parts.netloc.rpartition("@")[2]
    if host.upper().startswith(("%2F", "%40")) and "," not in host:
        database["HOST"] = unquote(host.partition(":")[0])
    options = database.get("OPTIONS", {})
    given = parse_qs(parts.query.replace("+", "%2B"))  # no blank to libpq
    for parameter, key in PARAMETERS.items():
        if options.pop(parameter, None) is not None:
            database[key] = given[parameter][0]
    if "hostaddr" in options and not database["HOST"]:
        database["HOST"] = given["hostaddr"][0]


def host_name(name: str) -> str | None:
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
