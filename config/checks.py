"""What is allowed for each variable and wrong together. Said by every start and `check`."""

import logging
import re
from collections.abc import Iterable, Iterator
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Error, Info, Tags, Warning, register, run_checks
from django.db import connections

from config import earlier_databases
from config.sentinels import Sentinels

logger = logging.getLogger(__name__)
UNVERIFIED = re.compile(r"(?i)ssl_cert_reqs=(?!(cert_)?required)|ssl_check_hostname=false")


def check_before_the_start() -> None:
    """As `manage.py` does, for those who run no checks: what is wrong ends the start, in words.
    What is not that wrong is a line of the log.
    """
    try:
        found = [one for one in run_checks(databases=["default"]) if not one.is_silenced()]
    finally:
        connections.close_all()  # processes that are forked from this one open their own
    if wrong := [str(one) for one in found if one.is_serious()]:
        raise SystemExit("\n\n".join(wrong))
    for one in found:
        logger.log(one.level, "%s: %s %s", one.id, one.msg, one.hint or "")


@register()
def variables(app_configs: Any, **options: Any) -> list[Error | Warning]:
    found: list[Error | Warning] = []
    if settings.SECURE_HSTS_PRELOAD and not settings.SECURE_HSTS_INCLUDE_SUBDOMAINS:
        found.append(
            Error(
                "HSTS_PRELOAD needs HSTS_SUBDOMAINS.",
                hint="Set HSTS_SUBDOMAINS=1 or HSTS_PRELOAD=0.",
                id="config.E001",
            )
        )
    if not settings.IS_HTTPS:
        return found
    if settings.DEBUG:
        found.append(
            Error(
                "DEBUG shows code and settings to every visitor of this site.",
                hint="Set DEBUG=0, or, for development, a SITE_URL that begins with http://.",
                id="config.E002",
            )
        )
    for name, (is_missing, consequence, fix) in _servers().items():
        if name in settings.NOT_SET:
            found.append(Error(f"{name} is not set: {consequence}", hint=fix, id="config.E003"))
        elif is_missing:
            found.append(
                Warning(f"{name} names no server: {consequence}", hint=fix, id="config.W001")
            )
    if not settings.TRUSTED_PROXIES:
        found.append(
            Warning(
                "TRUSTED_PROXIES is empty: visitors are not limited by address, because all would"
                " count as one.",
                hint="Set it to the address of the proxy in front, as TRUSTED_PROXIES=10.0.0.7.",
                id="config.W002",
            )
        )
    return found


def _servers() -> dict[str, tuple[bool, str, str]]:
    """What visitors' data and emails stand on: whether it is missing, what follows, and the fix.

    A site for visitors does without it only where someone says so.
    """
    return {
        "EMAIL_URL": (
            settings.EMAIL_BACKEND == "mail.backends.EmlFileBackend",
            "every email is written to a file, and nobody receives it.",
            "Set EMAIL_URL=smtp+tls://user:password@host:587, or EMAIL_URL= to write files.",
        ),
        "DATABASE_URL": (
            settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"),
            "the data is in a SQLite file on this machine.",
            "Set DATABASE_URL=postgres://user:password@host:5432/name, or"
            " DATABASE_URL=sqlite:////path/to/file to keep a file.",
        ),
        "REDIS_URL": (
            not settings.REDIS_URL,
            "the queue is a folder, for one machine and one worker.",
            "Set REDIS_URL=redis://host:6379/0, or REDIS_URL= to keep the folder.",
        ),
    }


@register()
def misspelt(app_configs: Any, **options: Any) -> list[Warning]:
    return [
        Warning(
            f"{name} is set, and nothing asks for it.",
            hint=f"Did you mean {meant}?" if meant else "Remove it; .env.example has all names.",
            id="config.W003",
        )
        for name, meant in sorted(settings.UNKNOWN_VARIABLES.items())
    ]


@register()
def tls(app_configs: Any, **options: Any) -> list[Error | Info]:
    """A site for visitors sends their data over networks encrypted, and only to whom it means to:
    OWASP ASVS 5, 12.3.1 and 12.3.2.

    What never leaves this machine needs no TLS. The operator may waive it for a server, with a
    reason, which each start repeats.
    """
    if not settings.IS_HTTPS:
        return []
    found: list[Error | Info] = []
    for server, variable, fix in _without_tls():
        if reason := settings.TLS_WAIVED.get(server):
            said = (
                f"{variable}: {server} is reached without verified TLS. TLS_WAIVED gives the"
                f" reason: {reason}"
            )
            found.append(Info(said, id="config.I001"))
        else:
            found.append(
                Error(
                    f"{variable} names a server on another machine without verified TLS: others"
                    " on the network could read passwords and visitors' data.",
                    hint=f"{fix} If the network between is safe, say why:"
                    f" TLS_WAIVED={server}: the reason.",
                    id="config.E005",
                )
            )
    return found


def _without_tls() -> Iterator[tuple[str, str, str]]:
    """Servers that are spoken to in the clear over a network, with their variable and the fix."""
    yield from _databases_without_tls()
    if settings.REDIS_URL.startswith("sentinel"):
        sentinels = Sentinels.read(settings.REDIS_URL)
        if not sentinels.has_tls and not all(_is_here(host) for host, _ in sentinels.hosts):
            yield "redis", "REDIS_URL", "Write sentinels:// in the place of sentinel://."
    redis = urlsplit(settings.REDIS_URL)
    is_verified = redis.scheme == "rediss" and not UNVERIFIED.search(redis.query)
    if redis.scheme.startswith("redis") and not is_verified and not _is_here(redis.hostname or ""):
        yield "redis", "REDIS_URL", "Write rediss:// in the place of redis://."
    is_smtp = settings.EMAIL_BACKEND == "mail.backends.SmtpBackend"
    is_encrypted = settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL
    if is_smtp and not is_encrypted and not _is_here(settings.EMAIL_HOST):
        yield "smtp", "EMAIL_URL", "Write smtp+tls:// or smtps:// in the place of smtp://."
    buckets = {
        "MEDIA_STORAGE_URL": settings.MEDIA_STORAGE,
        "BACKUP_STORAGE_URL": settings.BACKUP_STORAGE,
    }
    for variable, bucket in buckets.items():
        if _is_plain_http(bucket.get("endpoint_url", "")):
            yield "s3", variable, "Write s3:// in the place of s3+http://."
    if _is_plain_http(settings.SENTRY_DSN):
        yield "sentry", "SENTRY_DSN", "Write https:// in the place of http://."


def _databases_without_tls() -> Iterator[tuple[str, str, str]]:
    databases = {
        "DATABASE_URL": settings.DATABASES["default"],
        "DATABASE_DIRECT_URL": settings.DATABASE_DIRECT or {"ENGINE": ""},
    }
    for variable, database in databases.items():
        options = database.get("OPTIONS", {})
        # Several may be named; an address wins over the name that it belongs to.
        hosts = str(options.get("hostaddr") or database.get("HOST", "")).split(",")
        is_remote = "postgresql" in database["ENGINE"] and not all(map(_is_here, hosts))
        mode = options.get("sslmode")
        # Of libpq's modes these alone look whose certificate it is.
        if is_remote and mode not in ("verify-ca", "verify-full"):
            fix = "Add ?sslmode=verify-full to it, and &sslrootcert= with the server's authority."
            yield "postgresql", variable, fix


def _is_plain_http(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme == "http" and not _is_here(parts.hostname or "")


def _is_here(host: str) -> bool:
    """Whether it is on this machine: a socket, or a loopback address (RFC 1122, RFC 4291)."""
    if not host or host.startswith(("/", "@")) or host.rstrip(".").lower() == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


@register(Tags.database)
def database(
    app_configs: Any, databases: Iterable[str] | None = None, **options: Any
) -> list[Error]:
    """Asked by each `migrate`, each start, and `check --database default`."""
    return [
        Error(
            "This database was made by a commit before version 0.2.0. Its migrations no longer"
            " exist, so it cannot be used or migrated.",
            hint="Start with an empty database, or go back to the commit that made this one.",
            id="config.E004",
        )
        for alias in databases or []
        if earlier_databases.is_one(connections[alias])
    ]
