"""The site's settings: made once, and changed only by another answer."""

import re
import secrets
import socket
from collections.abc import Mapping

from deploy.installed import SETTINGS, USER, Stop, read_settings, value_of
from deploy.installing.changes import write
from deploy.installing.place import ADMINISTRATOR, BACKUPS, STATIC, VAR


def settings() -> dict[str, str]:
    try:
        return read_settings(SETTINGS) if SETTINGS.exists() else {}
    except (OSError, ValueError) as error:
        raise Stop(
            f"{SETTINGS} cannot be read ({error}). Put it right, and run this again."
        ) from None


def settings_for(given: Mapping[str, str], twin: str) -> dict[str, str]:
    return {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ERASURE_KEY": secrets.token_urlsafe(50),
        "STATUS_TOKEN": secrets.token_urlsafe(32),
        "SITE_URL": f"https://{given['domain']}",
        "ALLOWED_HOSTS": twin,
        "DATABASE_URL": f"postgres://{USER}@//var/run/postgresql/{USER}",
        "REDIS_URL": "redis://127.0.0.1:6379/0",
        "EMAIL_URL": given["mail-server"],
        "DEFAULT_FROM_EMAIL": given["sender"],
        "TIME_ZONE": given["time-zone"],
        "VAR_DIR": str(VAR),
        "STATIC_ROOT": str(STATIC),
        "BACKUP_DIR": str(BACKUPS),
        "SERVE_MEDIA": "0",
        "READ_DOT_ENV": "0",
    }


def write_settings(given: Mapping[str, str], twin: str) -> None:
    """What stands there already stays. A secret is made once."""
    wanted = settings_for(given, twin)
    text = (
        SETTINGS.read_text("utf-8")
        if SETTINGS.exists()
        else (
            "# The settings of the site; .env.example explains each. After a change: site restart\n"
        )
    )
    known = settings()
    answered = {"SITE_URL", "EMAIL_URL", "DEFAULT_FROM_EMAIL", "TIME_ZONE"}  # said anew, they win
    for name, value in wanted.items():
        if in_file := known.get(f"{name}_FILE"):  # with a second one beside it nothing would start
            if name in answered and value != value_of(name, known):
                raise Stop(f"{name} stands in {in_file}. Change it there, then: site restart.")
        elif name not in known:
            if text and not text.endswith("\n"):
                text += "\n"
            text += f"{name}={_quoted(value)}\n"
        elif name in answered and known[name] != value:
            line = f"{name}={_quoted(value)}"
            text = re.sub(rf"(?m)^{name}=.*$", line.replace("\\", r"\\"), text)
    write(SETTINGS, text, mode=0o640, group=USER)
    write(ADMINISTRATOR, f"{given['email']}\n", mode=0o600)


def _quoted(value: str) -> str:
    if not re.search(r"[\s\"'\\]", value):
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def twin_of(name: str) -> str:
    """The name with or without www, if it leads to this site as well."""
    twin = name.removeprefix("www.") if name.startswith("www.") else f"www.{name}"
    ours, others = _addresses(name), _addresses(twin)
    return twin if ours and ours & others else ""


def _addresses(name: str) -> set[str]:
    try:
        return {str(found[4][0]) for found in socket.getaddrinfo(name, None)}
    except OSError:
        return set()
