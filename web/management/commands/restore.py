"""An archive of `backup`, back into an empty place; or only tried, beside the site."""

import secrets
import tempfile
from argparse import BooleanOptionalAction
from collections.abc import Iterable
from functools import partial
from operator import itemgetter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from web import media
from web.backups import BackupError, Manifest, Table, archive, database, work_folder
from web.backups.places import TRIED, Bucket, Folder, Place, host, places
from web.contributions import every

NOT_NAMED = "Which archive? Name a file, or set BACKUP_DIR or BACKUP_STORAGE_URL."


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
            if options["test"]:
                self._try_each(named, options["identity"])
                return
            place, name = _named(named) if named else _newest()
            self._refuse_what_is_there()
            own = Folder(Path(settings.VAR_DIR))
            beside = dict.fromkeys([place, *places(is_patient=True)])
            for file, lines in _lines_beside(beside).items():
                own.add_lines(file, lines)
            with place.here(name) as found, archive.opened(found, options["identity"]) as plain:
                self._restore(plain)
        except BackupError as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(_sentence(error)) from None
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

    def _refuse_what_is_there(self) -> None:
        if not database.is_empty(connection):
            raise BackupError(
                "The database is not empty, and nothing in it is touched. Make an empty one, and"
                " set DATABASE_URL to it."
            )
        if any(media.files()):
            raise BackupError(
                f"{media.place()} is not empty, and nothing in it is touched. Move it away."
            )

    def _restore(self, plain: Path) -> None:
        self._fill(plain, self._checked(plain), connection)
        count = archive.unpack_media(plain)
        self.stdout.write(f"{count} uploads are in {media.place()}.")

    def _try_each(self, named: Path | None, identity: str) -> None:
        """The one that is named, or the newest of each place. It is noted once all have come back:
        a good one is not to hide a bad one.
        """
        own = places(is_patient=True)
        asked = [partial(_named, named)] if named else [partial(_newest, one) for one in own]
        failed, tried = [], []
        for ask in asked:
            try:
                place, name = ask()
                self.stdout.write(f"{name} in {place}:")
                with place.here(name) as found, archive.opened(found, identity) as plain:
                    tried.append((place, self._try(plain)))
            except BackupError as error:
                failed.append(str(error))
            except OSError as error:
                failed.append(_sentence(error))
        if failed or not asked:
            raise BackupError(" ".join(failed) or NOT_NAMED)
        for place, made_at in tried:
            # A copy that lies elsewhere stands for its archive.
            for one in [place] if place in own else own:
                one.write(TRIED, f"{made_at}\n")

    def _try(self, plain: Path) -> str:
        """Returns when it was made."""
        manifest = self._checked(plain)
        with database.scratch(f"restore_test_{secrets.token_hex(4)}") as other:
            self._fill(plain, manifest, other)
        self.stdout.write("It can be restored.")
        return manifest.made_at

    def _fill(self, plain: Path, manifest: Manifest, into: BaseDatabaseWrapper) -> None:
        with work_folder() as work:
            arrived = database.load(archive.unpack_database(plain, work), into)
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
        path = path.resolve()  # receipts lie beside it, and not beside a link to it
        return Folder(path.parent), path.name
    if not settings.BACKUP_STORAGE or path.name != str(path):
        raise BackupError(f"There is no file {path}.")
    bucket = Bucket(is_patient=True)
    if path.name not in [one.name for one in bucket.files()]:
        raise BackupError(f"There is no file {path} here, and none in {bucket}.")
    return bucket, path.name


def _newest(*among: Place) -> tuple[Place, str]:
    """Of these places, or of all; the first has it, if several do."""
    found = [(place, place.kept().archives) for place in among or places(is_patient=True)]
    newest = [(place, archives[-1].name) for place, archives in found if archives]
    if not newest:
        where = " and ".join(str(place) for place, _ in found)
        raise BackupError(
            f"There is no archive of {host()} in {where}. Name one." if found else NOT_NAMED
        )
    return max(newest, key=itemgetter(1))


def _lines_beside(found: Iterable[Place]) -> dict[str, list[str]]:
    """What lies there beside the archives, by the names of these files. It is read before anything
    is restored, which may not end without it.
    """
    names = [name for one in every() for name in one.beside_backups]
    try:
        return {name: [line for one in found for line in one.lines(name)] for name in names}
    except (media.StoreAway, media.StoreRefused) as error:
        raise BackupError(
            f"{error} It has the receipts of erasures: try again, or empty BACKUP_STORAGE_URL to"
            " restore without them."
        ) from None


def _sentence(error: OSError) -> str:
    if not error.strerror:
        return str(error)
    return f"{error.filename or tempfile.gettempdir()} cannot be used: {error.strerror}."
