"""This machine and what stands on it: settings, disk, files, people."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core import checks

from web import media
from web.diagnosis import Finding, ill, well

MIN_FREE = 0.1  # of the disk
MIN_FREE_BYTES = 2 * 1024**3
GIB = 1024**3


def variables() -> Iterator[Finding]:
    """All checks of the code and the settings, those of `check --deploy` where visitors come."""
    found = checks.run_checks(include_deployment_checks=settings.IS_HTTPS, databases=["default"])
    told = [one for one in found if not one.is_silenced() and one.level >= checks.WARNING]
    for one in told:
        yield ill(str(one.msg), str(one.hint or "See the message."))
    if not told:
        yield well("Settings: every variable is known and allowed")


def disk() -> Iterator[Finding]:
    folders = {"VAR_DIR": settings.VAR_DIR}
    if not media.is_elsewhere():
        folders["media"] = Path(settings.MEDIA_ROOT)
    if settings.BACKUP_DIR:
        folders["BACKUP_DIR"] = settings.BACKUP_DIR
    for name, folder in folders.items():
        there = next(one for one in [folder, *folder.parents] if one.exists())
        total, _, free = shutil.disk_usage(there)
        said = f"Disk of {name}: {free / GIB:.1f} GiB of {total / GIB:.0f} free"
        if free < MIN_FREE_BYTES or free < MIN_FREE * total:
            yield ill(said, f"Make room, or move {name} to a larger disk.")
        else:
            yield well(said)


def static_files() -> Iterator[Finding]:
    if missing := missing_static_files():
        yield ill(missing, "Run manage.py collectstatic --noinput.")
    else:
        yield well("Static files: collected")


def missing_static_files() -> str:
    """Why pages would have no stylesheet, or an empty text."""
    if not getattr(staticfiles_storage, "manifest_strict", False):
        return ""  # in development they are served from where they are
    if not getattr(staticfiles_storage, "hashed_files", None):
        return "Static files have not been collected."
    return ""


def people() -> Iterator[Finding]:
    model = get_user_model()
    right = f"{model._meta.app_label}.change_{model._meta.model_name}"
    staff = model._default_manager.filter(is_active=True, is_staff=True)
    if any(one.has_perm(right) for one in staff):
        yield well("Administrators: there is at least one")
    else:
        yield ill(
            "Nobody can administer the site.",
            "Run manage.py invite with the email address of whoever is to do it.",
        )
