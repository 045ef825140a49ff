"""An archive of `backup`, back into an empty place; or only tried, beside the site."""

import secrets
from argparse import BooleanOptionalAction
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from web import media
from web.backups import BackupError, Manifest, Table, archive, database
from web.backups.places import TRIED, Bucket, Folder, Place, places
from web.contributions import every


class Command(BaseCommand):
    help = "Restores an archive into an empty database and an empty folder of uploads."
    requires_system_checks: list[str] = []  # there is no database yet

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "archive",
            type=Path,
            nargs="?",
            help="a file, or the name of one in BACKUP_STORAGE_URL; if left out, the newest",
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
        named: Path | None = options["archive"]
        try:
            database.go_past_the_pooler()
            found = [_named(named)] if named else list(_newest())
            if not found:
                raise BackupError(
                    "Which archive? Name a file, or set BACKUP_DIR or BACKUP_STORAGE_URL."
                )
            if options["test"]:
                for place, name in found:
                    self._try(place, name, options["identity"], noted_in=[] if named else [place])
                return
            lines = _lines_beside([found[0][0], *places()])
            self._restore(*found[0], options["identity"])
            own = Folder(Path(settings.VAR_DIR))
            for name, added in lines.items():
                own.add_lines(name, added)
        except (BackupError, media.StoreAway, media.StoreRefused) as error:
            raise CommandError(str(error)) from None
        if options["migrate"]:
            call_command("migrate", verbosity=0, stdout=self.stdout)
            self._follow_up()
            self.stdout.write("Restored. Start the site.")
        else:
            self.stdout.write(
                "Restored. Run manage.py migrate, then manage.py repeat_erasures, which erases"
                " whom the backup brought back. Then start the site."
            )

    def _follow_up(self) -> None:
        """Let each app see to what happened since the backup was made."""
        try:
            for one in every():
                for said in one.after_restore():
                    self.stdout.write(said)
        except (OSError, ValueError) as error:
            raise CommandError(f"Everything is restored, but {error}") from None

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

    def _restore(self, place: Place, name: str, identity: str) -> None:
        if not database.is_empty(connection):
            raise BackupError(
                "The database is not empty, and nothing in it is touched. Make an empty one, and"
                " set DATABASE_URL to it."
            )
        where = media.place()
        if any(media.files()):
            raise BackupError(f"{where} is not empty, and nothing in it is touched. Move it away.")
        with place.here(name) as found, archive.opened(found, identity) as plain:
            self._fill(plain, self._checked(plain), connection)
            count = archive.unpack_media(plain)
        self.stdout.write(f"{count} uploads are in {where}.")

    def _try(self, place: Place, name: str, identity: str, noted_in: list[Place]) -> None:
        """Note in these places, or in all, that one was restored."""
        self.stdout.write(f"{name}, in {place}:")
        with place.here(name) as found, archive.opened(found, identity) as plain:
            manifest = self._checked(plain)
            with database.scratch(f"restore_test_{secrets.token_hex(4)}") as other:
                self._fill(plain, manifest, other)
        self.stdout.write("It can be restored.")
        for one in noted_in or places():
            one.write(TRIED, f"{manifest.made_at}\n")

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


def _named(path: Path) -> tuple[Place, str]:
    """Where the archive is that someone names: a file here, or one in the bucket."""
    if path.is_file():
        return Folder(path.parent), path.name
    if not settings.BACKUP_STORAGE or path.name != str(path):
        raise BackupError(f"There is no file {path}.")
    bucket = Bucket()
    if path.name not in [one.name for one in bucket.kept().archives]:
        raise BackupError(f"There is no file {path} here, and none in {bucket}.")
    return bucket, path.name


def _newest() -> Iterator[tuple[Place, str]]:
    """Of each place that has an archive."""
    for place in places():
        if archives := place.kept().archives:
            yield place, archives[-1].name


def _lines_beside(found: list[Place]) -> dict[str, list[str]]:
    """What lies there beside the archives, by the names of these files. It is read before anything
    is touched, for a restore may not end without it.
    """
    names = [name for one in every() for name in one.beside_backups]
    try:
        return {name: [line for one in found for line in one.lines(name)] for name in names}
    except (media.StoreAway, media.StoreRefused) as error:
        raise BackupError(
            f"{error} It has the receipts of erasures: try again, or empty BACKUP_STORAGE_URL to"
            " restore without them."
        ) from None
