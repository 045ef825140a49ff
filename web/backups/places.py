"""Where archives are kept: in a folder (BACKUP_DIR), in a bucket (BACKUP_STORAGE_URL), or in both.

Whatever goes wrong in one of them is an `OSError`, whose text is a sentence where it is a bucket.
"""

import os
import shutil
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages

from web.backups import BackupError
from web.media import Stored

SUFFIXES = (".tar", ".tar.age", ".tar.gpg")
TRIED = "last-restore-test"  # a file that is as old as the last `restore --test`
UNFINISHED = ".unfinished-"
DAY = 86_400  # seconds


@dataclass(frozen=True)
class Kept:
    """The archives of a place, the oldest first, and when one was last restored to see whether it
    can be.
    """

    archives: list[Stored]
    tried_at: datetime | None


class Place(ABC):
    """`str()` says where that is."""

    kind: str  # "folder" or "bucket"

    def kept(self) -> Kept:
        files = list(self.files())
        archives = [one for one in files if one.name.endswith(SUFFIXES)]
        tried = [one.changed_at for one in files if one.name == TRIED]
        return Kept(sorted(archives, key=lambda one: one.changed_at), max(tried, default=None))

    def lines(self, name: str) -> list[str]:
        """Of a file of lines; none if it is not there."""
        try:
            with self.here(name) as file:
                return file.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []

    def add_lines(self, name: str, lines: Iterable[str]) -> None:
        """Those that the file of that name does not have yet."""
        known = self.lines(name)
        if new := [one for one in dict.fromkeys(lines) if one not in set(known)]:
            self.write(name, "".join(f"{line}\n" for line in [*known, *new]))

    @abstractmethod
    def files(self) -> Iterable[Stored]:
        """All that lies in it, and not in folders below."""

    @abstractmethod
    def workplace(self) -> AbstractContextManager[str]:
        """A folder of this machine to make an archive in, that is gone afterwards."""

    @abstractmethod
    def put(self, archive: Path) -> Path:
        """Keep what was made in the workplace, whole or not at all. Returns where this machine has
        it from then on.
        """

    @abstractmethod
    def here(self, name: str) -> AbstractContextManager[Path]:
        """That file on this machine, for as long as it is needed. Raises FileNotFoundError."""

    @abstractmethod
    def delete(self, name: str) -> None: ...

    @abstractmethod
    def write(self, name: str, text: str) -> None:
        """A small file, whatever it said before."""


class Folder(Place):
    kind = "folder"

    def __init__(self, path: Path) -> None:
        self.path = path

    def __str__(self) -> str:
        return str(self.path)

    def files(self) -> Iterator[Stored]:
        with suppress(FileNotFoundError):  # its disk is not mounted, perhaps
            for one in self.path.iterdir():
                with suppress(FileNotFoundError):  # it is just being deleted
                    if one.is_file():
                        stat = one.stat()
                        changed_at = datetime.fromtimestamp(stat.st_mtime, tz=UTC)
                        yield Stored(one.name, stat.st_size, changed_at)

    def workplace(self) -> TemporaryDirectory[str]:
        """On the same disk, so that an archive comes into the folder in one step."""
        self.path.mkdir(parents=True, exist_ok=True)
        for left in self.path.glob(f"{UNFINISHED}*"):  # by a backup that was killed
            if left.stat().st_mtime < time.time() - DAY:
                shutil.rmtree(left)
        return TemporaryDirectory(prefix=UNFINISHED, dir=self.path)

    def put(self, archive: Path) -> Path:
        return archive.replace(self.path / archive.name)

    @contextmanager
    def here(self, name: str) -> Iterator[Path]:
        path = self.path / name
        if not path.is_file():
            raise FileNotFoundError(path)
        yield path

    def delete(self, name: str) -> None:
        (self.path / name).unlink(missing_ok=True)

    def write(self, name: str, text: str) -> None:
        path = self.path / name
        part = path.with_name(f"{name}.part")
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)


class Bucket(Place):
    kind = "bucket"

    def __init__(self) -> None:
        self.store: Any = storages["backups"]  # a web.s3.S3Storage

    def __str__(self) -> str:
        return str(self.store)

    def files(self) -> Iterator[Stored]:
        return (one for one in self.store.files() if "/" not in one.name)

    def workplace(self) -> TemporaryDirectory[str]:
        return TemporaryDirectory(prefix="backup-")

    def put(self, archive: Path) -> Path:
        self.store.send(archive, archive.name)
        if self.store.size(archive.name) != archive.stat().st_size:
            raise BackupError(f"{self} has not kept all of {archive.name}. Run backup again.")
        return archive

    @contextmanager
    def here(self, name: str) -> Iterator[Path]:
        with TemporaryDirectory(prefix="backup-") as folder:
            self.store.bring(name, Path(folder, name))
            yield Path(folder, name)

    def delete(self, name: str) -> None:
        self.store.delete(name)

    def write(self, name: str, text: str) -> None:
        self.store.save(name, ContentFile(text.encode()))


def places() -> list[Place]:
    """Those that the settings name. Archives are made in the first one's workplace."""
    found: list[Place] = [Folder(settings.BACKUP_DIR)] if settings.BACKUP_DIR else []
    return [*found, Bucket()] if settings.BACKUP_STORAGE else found
