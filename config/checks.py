"""What is allowed for each variable and wrong together. Said by every start and `check`."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.checks import Error, Tags, Warning, register
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connections

from config import earlier_databases


def check_before_the_start() -> None:
    """As `manage.py` does, for those who run no checks: what is wrong ends the start, in words."""
    try:
        call_command("check", databases=["default"])
    except SystemCheckError as error:
        raise SystemExit(str(error)) from None
    finally:
        connections.close_all()  # processes that are forked from this one open their own


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
