"""One file with everything that cannot be made again. `web.backups` says what is in it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from web.backups import BackupError, Manifest, archive, database
from web.backups.places import Folder, Place, places
from web.contributions import every
from web.media import StoreRefused


class Command(BaseCommand):
    help = "Saves the database and all uploads to one file, and deletes old ones of these."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--to", type=Path, metavar="FOLDER", help="instead of BACKUP_DIR and BACKUP_STORAGE_URL"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        to = [Folder(options["to"])] if options["to"] else places()
        if not to:
            raise CommandError(
                "Where to? Set BACKUP_DIR or BACKUP_STORAGE_URL, or say --to FOLDER."
            )
        failed = []
        try:
            database.go_past_the_pooler()
            with to[0].workplace() as work:
                made = self._make(Path(work))
                for place in to:
                    try:
                        made = self._keep(made, place)
                    except (BackupError, OSError) as error:  # another place may do better
                        failed.append(_sentence(place, error))
        except (BackupError, OSError) as error:
            raise CommandError(_sentence(to[0], error)) from None
        if failed:
            others = "" if len(failed) == len(to) else f" There is only {made}."
            raise CommandError(f"{' '.join(failed)}{others}")

    def _make(self, work: Path) -> Path:
        now = timezone.now()
        host = settings.SITE_HOST.strip("[]").replace(":", "-")
        to = work / f"{host}-{now:%Y%m%d-%H%M%S}.tar"
        dumped = work / "database"
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

    def _keep(self, made: Path, place: Place) -> Path:
        """There, with what a restore needs as it is now; what is too old goes."""
        kept_as = place.put(made)
        where = kept_as if place.kind == "folder" else f"{made.name} in {place}"
        self.stdout.write(f"{where} ({kept_as.stat().st_size / 1024**2:,.1f} MiB)")
        own = Folder(Path(settings.VAR_DIR))
        for name in (name for one in every() for name in one.beside_backups):
            place.add_lines(name, own.lines(name))
        self._delete_old(place)
        return kept_as

    def _delete_old(self, place: Place) -> None:
        """All but the newest that are too old."""
        since = timezone.now() - timedelta(days=settings.BACKUP_DAYS)
        for old in place.kept().archives[:-1]:
            if old.changed_at < since:
                try:
                    place.delete(old.name)
                except StoreRefused as refused:  # the key may only add: who breaks in as well
                    self.stdout.write(
                        f"{refused} Old archives stay, unless a rule of the bucket deletes them."
                    )
                    return
                days = settings.BACKUP_DAYS
                self.stdout.write(f"Deleted {old.name}: older than {days} days.")


def _sentence(place: Place, error: BackupError | OSError) -> str:
    reason = getattr(error, "strerror", None)
    if reason:
        return f"{place} cannot be written to: {reason}."
    return str(error) if isinstance(error, BackupError) else f"{error} Ask manage.py doctor."
