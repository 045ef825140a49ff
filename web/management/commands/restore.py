"""An archive of `backup`, back into an empty place; or only tried, beside the site."""

import secrets
from argparse import BooleanOptionalAction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from web import media
from web.backups import TRIED, BackupError, Manifest, Table, archive, archives, database
from web.contributions import every


class Command(BaseCommand):
    help = "Restores an archive into an empty database and an empty folder of uploads."
    requires_system_checks: list[str] = []  # there is no database yet

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "archive", type=Path, nargs="?", help="the newest in BACKUP_DIR if left out"
        )
        parser.add_argument("--identity", default="", metavar="FILE", help="the key, of age")
        parser.add_argument(
            "--test",
            action="store_true",
            help="restore into a database of its own, compare, and delete that again",
        )
        parser.add_argument(
            "--migrate",
            action=BooleanOptionalAction,
            default=True,
            help="bring an older database up to this version (default: yes)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        found = options["archive"] or self._newest()
        if not found.is_file():
            raise CommandError(f"There is no file {found}.")
        try:
            database.go_past_the_pooler()
            with archive.opened(found, options["identity"]) as plain:
                manifest = self._checked(plain)
                if options["test"]:
                    self._try(plain, manifest)
                    return
                self._restore(plain, manifest)
        except (BackupError, media.StoreAway, media.StoreRefused) as error:
            raise CommandError(str(error)) from None
        if options["migrate"]:
            call_command("migrate", verbosity=0, stdout=self.stdout)
            self._follow_up([Path(settings.VAR_DIR), found.resolve().parent])
            self.stdout.write("Restored. Start the site.")
        else:
            self.stdout.write(
                "Restored. Run manage.py migrate, then manage.py repeat_erasures, which erases"
                " whom the backup brought back. Then start the site."
            )

    def _follow_up(self, folders: list[Path]) -> None:
        """Let each app see to what happened since the backup was made."""
        if settings.BACKUP_DIR:  # where later backups were made than the one that was named
            folders.append(settings.BACKUP_DIR.resolve())
        try:
            for one in every():
                for said in one.after_restore(list(dict.fromkeys(folders))):
                    self.stdout.write(said)
        except (OSError, ValueError) as error:
            raise CommandError(f"Everything is restored, but {error}") from None

    def _newest(self) -> Path:
        found = archives(settings.BACKUP_DIR) if settings.BACKUP_DIR else []
        if not found:
            raise CommandError("Which archive? Name a file, or set BACKUP_DIR.")
        return found[-1]

    def _checked(self, plain: Path) -> Manifest:
        manifest = archive.check(plain)
        if manifest.vendor != connection.settings_dict["ENGINE"].rpartition(".")[2]:
            raise BackupError(
                f"The archive holds a {manifest.vendor} database, and DATABASE_URL leads to another"
                " kind. Set it to an empty database of that kind."
            )
        if unknown := set(manifest.migrations) - database.known_migrations():
            raise BackupError(
                f"The archive was made by version {manifest.product}, which has {len(unknown)}"
                " migrations that this one does not know. Install that version, or a later one."
            )
        files = len(manifest.files) - 1
        self.stdout.write(
            f"Of {manifest.made_at}, version {manifest.product}: {len(manifest.tables)} tables,"
            f" {files} uploads. All of it is there."
        )
        return manifest

    def _restore(self, plain: Path, manifest: Manifest) -> None:
        if not database.is_empty(connection):
            raise BackupError(
                "The database is not empty, and nothing in it is touched. Make an empty one, and"
                " set DATABASE_URL to it."
            )
        where = media.place()
        if any(media.files()):
            raise BackupError(f"{where} is not empty, and nothing in it is touched. Move it away.")
        self._fill(plain, manifest, connection)
        count = archive.unpack_media(plain)
        self.stdout.write(f"{count} uploads are in {where}.")

    def _try(self, plain: Path, manifest: Manifest) -> None:
        with database.scratch(f"restore_test_{secrets.token_hex(4)}") as other:
            self._fill(plain, manifest, other)
        if settings.BACKUP_DIR:
            (settings.BACKUP_DIR / TRIED).write_text(f"{manifest.made_at}\n")
        self.stdout.write("It can be restored.")

    def _fill(self, plain: Path, manifest: Manifest, into: BaseDatabaseWrapper) -> None:
        with TemporaryDirectory(prefix="restore-") as work:
            arrived = database.load(archive.unpack_database(plain, Path(work)), into)
        if wrong := _differences(manifest.tables, arrived):
            raise BackupError(
                f"Not all rows arrived: {', '.join(wrong)}. Do not use this database."
            )
        rows = sum(table.rows for table in arrived.values())
        self.stdout.write(f"{rows:,} rows are in the database, and are the same as were saved.")


def _differences(saved: dict[str, Table], arrived: dict[str, Table]) -> list[str]:
    names = saved.keys() | arrived.keys()
    return sorted(name for name in names if saved.get(name) != arrived.get(name))
