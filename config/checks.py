"""What is allowed for each variable and wrong together. Said by every start and `check`."""

from typing import Any

from django.conf import settings
from django.core.checks import Error, Warning, register


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
    if settings.EMAIL_BACKEND == "mail.backends.EmlFileBackend":
        found.append(
            Warning(
                "EMAIL_URL is not set: every email is written to a file, and nobody receives it.",
                hint="Set EMAIL_URL=smtp+tls://user:password@host:587.",
                id="config.W001",
            )
        )
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        found.append(
            Warning(
                "DATABASE_URL is not set: the data is in a SQLite file on this machine.",
                hint="Set DATABASE_URL=postgres://user:password@host:5432/name.",
                id="config.W002",
            )
        )
    if not settings.REDIS_URL:
        found.append(
            Warning(
                "REDIS_URL is not set: the queue is a folder, for one machine and one worker.",
                hint="Set REDIS_URL=redis://host:6379/0.",
                id="config.W003",
            )
        )
    return found
