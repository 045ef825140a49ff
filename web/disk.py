"""How much disk the site takes and by what, and when there will be none left.

A job writes it down once a day; a page and `/status` read that and ask only how much is free.
"""

import fnmatch
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from web import growth, media
from web.backups.places import places
from web.models import DiskUse
from web.retention import Rule

DATABASE, UPLOADS, BACKUPS, FILES = "Database", "Uploads", "Backups", "Other files"
BACKUPS_ELSEWHERE = "Backups in a bucket"
ALL_TABLES = "All tables"
HERE = ("", "localhost", "127.0.0.1", "::1")  # besides sockets: the database is on this machine

# By what happened in these days it is told when the disk will be full.
LOOKED_BACK = timedelta(days=28)
MIN_DAYS = 3
FAR = 3650  # days: nobody plans for later
WARN_DAYS = 30
MIN_FREE = 0.05
MIN_FREE_BYTES = 1024**3

RULE = Rule(
    "web.disk",
    "web.DiskUse",
    "How much disk the site took",
    "that day",
    days=730,
    at_least=730,
    at_most=730,
    due=lambda before: DiskUse.objects.filter(day__lt=timezone.localdate(before)),
)


class Part(NamedTuple):
    """What one kind of thing takes."""

    group: str
    name: str
    size: int


class Volume(NamedTuple):
    """The disk that VAR_DIR is on."""

    total: int
    free: int

    @property
    def used(self) -> int:
        return self.total - self.free

    @property
    def is_low(self) -> bool:
        return self.free < MIN_FREE_BYTES or self.free < self.total * MIN_FREE


def volume() -> Volume:
    """As it is now: a question to the kernel, not a count."""
    total, _, free = shutil.disk_usage(settings.VAR_DIR)
    return Volume(total, free)


def record() -> None:
    """Write down today’s measurements, unless that is done."""
    today = timezone.localdate()
    if DiskUse.objects.filter(day=today).exists():
        return
    now = volume()
    row = DiskUse(day=today, parts=[list(one) for one in measure()], total=now.total, free=now.free)
    DiskUse.objects.bulk_create(
        [row], ignore_conflicts=True
    )  # another worker may have been quicker


def measure() -> list[Part]:
    """Everything there is, counted now: it takes its time."""
    return [*_database(), *_uploads(), *_backups(), *_files()]


def _database() -> Iterator[Part]:
    found: dict[str, int] = {}
    names = {ALL_TABLES: ALL_TABLES, **growth.labels()}
    operation = str(apps.get_app_config("web").verbose_name)
    of_models = {
        model._meta.db_table: model._meta.app_label
        for model in apps.get_models(include_auto_created=True)
    }
    for table, size in _tables():
        # What has no model is a search index, and begins with the name of its app.
        label = of_models.get(table) or table.partition("_")[0]
        name = names.get(label, operation)
        found[name] = found.get(name, 0) + size
    for name, size in sorted(found.items()):
        yield Part(DATABASE, name, size)


def _tables() -> Iterable[tuple[str, int]]:
    """Each with its indexes, and with the long texts that PostgreSQL keeps beside it."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT relname, pg_total_relation_size(oid) FROM pg_class"
                " WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace"
            )
            return [(str(table), int(size)) for table, size in cursor.fetchall()]
        try:
            cursor.execute(
                "SELECT coalesce(schema.tbl_name, stat.name), sum(stat.pgsize) FROM dbstat stat"
                " LEFT JOIN sqlite_schema schema ON schema.name = stat.name GROUP BY 1"
            )
            return [(str(table), int(size)) for table, size in cursor.fetchall()]
        except DatabaseError:  # SQLite was built without `dbstat`
            return [(ALL_TABLES, Path(connection.settings_dict["NAME"]).stat().st_size)]


def _uploads() -> Iterator[Part]:
    for name, size in growth.sizes(list(media.files())).items():
        yield Part(UPLOADS, name, size)


def _backups() -> Iterator[Part]:
    for place in places():
        with suppress(OSError):  # /status says so
            size = sum(one.size for one in place.kept().archives)
            yield Part(BACKUPS if place.kind == "folder" else BACKUPS_ELSEWHERE, "Archives", size)


def _files() -> Iterator[Part]:
    """What lies in VAR_DIR besides: uploads and SQLite's file have been counted."""
    found: dict[str, int] = {}
    for folder in growth.folders():
        if not folder.is_counted_elsewhere:
            size = sum(_size(path) for path in _called(folder.name))
            found[folder.what] = found.get(folder.what, 0) + size
    for name, size in found.items():
        yield Part(FILES, name, size)


def _called(name: str) -> list[Path]:
    var = Path(settings.VAR_DIR)
    try:
        return [var / one for one in os.listdir(var) if fnmatch.fnmatch(one, name)]
    except FileNotFoundError:
        return []


def _size(path: Path) -> int:
    try:
        if path.is_symlink():
            return 0
        if not path.is_dir():
            return path.stat().st_size
        with os.scandir(path) as entries:
            return sum(_size(Path(one.path)) for one in entries)
    except FileNotFoundError:
        return 0  # gone meanwhile


def is_here(group: str) -> bool:
    """Whether it is on the disk of VAR_DIR, as far as one can tell from here."""
    if group == DATABASE:
        host = str(connection.settings_dict.get("HOST") or "")
        return connection.vendor == "sqlite" or host in HERE or host.startswith("/")
    if group == UPLOADS:
        return not media.is_elsewhere()
    if group == BACKUPS and settings.BACKUP_DIR and settings.BACKUP_DIR.exists():
        return settings.BACKUP_DIR.stat().st_dev == Path(settings.VAR_DIR).stat().st_dev
    return group != BACKUPS_ELSEWHERE


@dataclass(frozen=True)
class Outlook:
    """What the days so far say about those to come."""

    days: list[DiskUse]  # the earliest first
    now: Volume

    @cached_property
    def is_known(self) -> bool:
        return self.days_seen >= MIN_DAYS

    @property
    def days_seen(self) -> int:
        """How far back the days reach that it is told by."""
        return (self._recent[-1].day - self._recent[0].day).days if self._recent else 0

    @cached_property
    def _recent(self) -> list[DiskUse]:
        """Since the disk has had its present size."""
        if not self.days:
            return []
        since = self.days[-1].day - LOOKED_BACK
        return [one for one in self.days if one.day >= since and one.total == self.days[-1].total]

    @cached_property
    def a_day(self) -> float:
        """By how many bytes the disk fills each day: the slope of the straight line that is
        nearest to all days, by least squares.
        """
        xs = [(one.day - self._recent[0].day).days for one in self._recent]
        ys = [one.used for one in self._recent]
        x, y = sum(xs) / len(xs), sum(ys) / len(ys)
        spread = sum((one - x) ** 2 for one in xs)
        return sum((a - x) * (b - y) for a, b in zip(xs, ys, strict=True)) / spread

    @cached_property
    def days_left(self) -> int | None:
        """Until the disk is full; None if nobody can tell, or not within ten years."""
        if not self.is_known or self.a_day <= 0:
            return None
        left = self.now.free / self.a_day
        return int(left) if left < FAR else None

    @property
    def full_on(self) -> date | None:
        left = self.days_left
        return None if left is None else timezone.localdate() + timedelta(days=left)

    @property
    def trouble(self) -> str:
        """What someone has to do something about, in a sentence; empty if there is room."""
        if self.now.is_low:
            free, total = in_words(self.now.free), in_words(self.now.total)
            return f"Only {free} of {total} is free. Settings → Disk shows what takes up the space."
        if self.days_left is not None and self.days_left < WARN_DAYS:
            days = "1 day" if self.days_left == 1 else f"{self.days_left} days"
            return (
                f"The disk will be full in about {days}: it fills by {in_words(self.a_day)} a day."
                " Settings → Disk shows what takes up the space."
            )
        return ""


def outlook() -> Outlook:
    """One query, of the last year."""
    since = timezone.localdate() - timedelta(days=365)
    days = DiskUse.objects.filter(day__gte=since).order_by("day").defer("parts")
    return Outlook(list(days), volume())


def check() -> str:
    """Whether there is room on the disk, today and for the next month."""
    return outlook().trouble or "ok"


def in_words(size: float) -> str:
    """ "3.2 GB", "840 kB": in powers of ten, as disks are sold."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 999.5:
            is_short = size < 9.95 and unit != "bytes"
            return f"{size:,.1f} {unit}" if is_short else f"{size:,.0f} {unit}"
        size /= 1000
    return f"{size:,.1f} TB"
