"""One file with everything that cannot be made again. `web.backups` says what is in it."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from web.backups import BackupError, Manifest, archive, archives, database
from web.contributions import every


class Command(BaseCommand):
    help = "Saves the database and all uploads to one file, and deletes old ones of these."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", type=Path, metavar="FOLDER", help="instead of BACKUP_DIR")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = options["to"] or settings.BACKUP_DIR
        if not folder:
            raise CommandError("Where to? Set BACKUP_DIR, or say --to FOLDER.")
        try:
            database.go_past_the_pooler()
            folder.mkdir(parents=True, exist_ok=True)
            made = self._make(folder)
            for name in (name for one in every() for name in one.beside_backups):
                _add_lines(Path(settings.VAR_DIR) / name, folder / name)
        except BackupError as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(f"{folder} cannot be written to: {error.strerror}.") from None
        size = made.stat().st_size / 1024**2
        self.stdout.write(f"{made} ({size:,.1f} MiB)")
        for old in self._outdated(folder):
            old.unlink()
            self.stdout.write(f"Deleted {old.name}: older than {settings.BACKUP_DAYS} days.")

    def _make(self, folder: Path) -> Path:
        now = timezone.now()
        host = settings.SITE_HOST.strip("[]").replace(":", "-")
        to = folder / f"{host}-{now:%Y%m%d-%H%M%S}.tar"
        with TemporaryDirectory(prefix="backup-", dir=folder) as work:
            dumped = Path(work) / "database"
            migrations = database.applied_migrations()
            manifest = Manifest(
                product=settings.VERSION.number,
                vendor=settings.DATABASES["default"]["ENGINE"].rpartition(".")[2],
                made_at=now.isoformat(timespec="seconds"),
                migrations=migrations,
                tables=database.dump(dumped),
            )
            archive.write(to, manifest, dumped)
        return archive.seal(to, settings.BACKUP_KEY) if settings.BACKUP_KEY else to

    def _outdated(self, folder: Path) -> list[Path]:
        """All but the newest that are too old."""
        since = timezone.now().timestamp() - settings.BACKUP_DAYS * 86_400
        return [one for one in archives(folder)[:-1] if one.stat().st_mtime < since]


def _add_lines(own: Path, beside: Path) -> None:
    """What a restore needs as it is now, from wherever the archives are."""
    known = beside.read_text().splitlines() if beside.exists() else []
    lines = list(dict.fromkeys([*known, *(own.read_text().splitlines() if own.exists() else [])]))
    if lines == known:
        return
    part = beside.with_name(f"{beside.name}.part")
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as opened:
        opened.write("".join(f"{line}\n" for line in lines))
        opened.flush()
        os.fsync(opened.fileno())
    part.replace(beside)
