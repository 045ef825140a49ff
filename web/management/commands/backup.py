"""One file with everything that cannot be made again. `web.backups` says what is in it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from web.backups import BackupError, Manifest, archive, database
from web.backups.places import Folder, Place, places, stem
from web.contributions import every
from web.media import StoreRefused


class Command(BaseCommand):
    help = "Saves the database and all uploads to one file, and deletes old ones of these."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--to", type=Path, metavar="FOLDER", help="instead of BACKUP_DIR and BACKUP_STORAGE_URL"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        to: list[Place] = places(is_patient=True)
        if options["to"]:
            to = [Folder(options["to"])]
        if not to:
            raise CommandError(
                "Where to? Set BACKUP_DIR or BACKUP_STORAGE_URL, or say --to FOLDER."
            )
        try:
            database.go_past_the_pooler()
        except BackupError as error:
            raise CommandError(str(error)) from None
        self.failed: list[str] = []
        kept = self._save(to)
        for place in kept:
            self._look_after(place)
        if self.failed:
            only = f" The archive is only in {kept[0]}." if 0 < len(kept) < len(to) else ""
            raise CommandError(f"{' '.join(dict.fromkeys(self.failed))}{only}")

    def _save(self, to: list[Place]) -> list[Place]:
        """Make an archive, where there is room, and put it into every place that takes it."""
        for number, first in enumerate(to):
            try:
                with first.workplace() as work:
                    return self._put(self._make(work), to[number:])
            except (BackupError, OSError) as error:
                self._fail(first, error)
        return []

    def _make(self, work: Path) -> Path:
        now = timezone.now()
        to, dumped = work / f"{stem(now)}.tar", work / "database"
        manifest = Manifest(
            product=settings.VERSION.number,
            vendor=settings.DATABASES["default"]["ENGINE"].rpartition(".")[2],
            made_at=now.isoformat(timespec="seconds"),
            migrations=database.applied_migrations(),
            tables=database.dump(dumped),
        )
        archive.write(to, manifest, dumped)
        dumped.unlink()
        return archive.seal(to, settings.BACKUP_KEY) if settings.BACKUP_KEY else to

    def _put(self, made: Path, to: list[Place]) -> list[Place]:
        kept = []
        for place in to:
            try:
                made = place.put(made)
            except (BackupError, OSError) as error:
                self._fail(place, error)
                continue
            kept.append(place)
            where = made if place.kind == "folder" else f"{made.name} in {place}"
            self.stdout.write(f"{where} ({made.stat().st_size / 1024**2:,.1f} MiB)")
        return kept

    def _look_after(self, place: Place) -> None:
        """Add what a restore needs as it is now; what is too old goes."""
        own = Folder(Path(settings.VAR_DIR))
        try:
            for name in (name for one in every() for name in one.beside_backups):
                place.add_lines(name, own.lines(name))
            self._delete_old(place)
        except OSError as error:
            self._fail(place, error)

    def _delete_old(self, place: Place) -> None:
        """All but the newest that are too old."""
        since = timezone.now() - timedelta(days=settings.BACKUP_DAYS)
        for old in place.kept().archives[:-1]:
            if old.changed_at < since:
                try:
                    place.delete(old.name)
                except StoreRefused as refused:  # as it should be, for whoever steals the key
                    self.stdout.write(
                        f"{refused} Old archives stay, unless a rule of the bucket deletes them."
                    )
                    return
                days = settings.BACKUP_DAYS
                self.stdout.write(f"Deleted {old.name} in {place}: older than {days} days.")

    def _fail(self, place: Place, error: BackupError | OSError) -> None:
        """Say it in the end: another place may do better."""
        self.failed.append(str(error) if isinstance(error, BackupError) else place.why_not(error))
