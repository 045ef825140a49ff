"""Where archives are kept: in a folder (BACKUP_DIR), in a bucket (BACKUP_STORAGE_URL), or in both.

Ours are told by their names: the host of the site, and the second in UTC at which they were made.
"""

import os
import re
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages

from web import media
from web.backups import BackupError, work_folder
from web.media import Stored

SUFFIXES = (".tar", ".tar.age", ".tar.gpg")
TRIED = "last-restore-test"  # a file that is as old as the last `restore --test`


def host() -> str:
    """As names of archives say it."""
    return str(settings.SITE_HOST).strip("[]").replace(":", "-")


def stem(at: datetime) -> str:
    """Of the name of an archive that was made then."""
    return f"{host()}-{at:%Y%m%d-%H%M%S}"


def is_ours(name: str) -> bool:
    suffixes = "|".join(map(re.escape, SUFFIXES))
    return bool(re.fullmatch(f"{re.escape(host())}-[0-9]{{8}}-[0-9]{{6}}({suffixes})", name))


@dataclass(frozen=True)
class Kept:
    """The archives of this site in a place, the oldest first, and when one was last restored to see
    whether it can be.
    """

    archives: list[Stored]
    tried_at: datetime | None


class Place(ABC):
    """`str()` says where that is."""

    kind: str  # "folder" or "bucket"

    def kept(self) -> Kept:
        files = list(self.files())
        archives = sorted(one for one in files if is_ours(one.name))  # by the time in the name
        tried = [one.changed_at for one in files if one.name == TRIED]
        return Kept(archives, max(tried, default=None))

    def lines(self, name: str) -> list[str]:
        """Of a file of lines, whatever they say; none if it is not there."""
        try:
            return self.read(name).decode(errors="surrogateescape").splitlines()
        except FileNotFoundError:
            return []

    def add_lines(self, name: str, lines: Iterable[str]) -> None:
        """Those that the file of that name does not have yet."""
        known = self.lines(name)
        if (all_of_them := list(dict.fromkeys([*known, *lines]))) != known:
            self.write(name, "".join(f"{line}\n" for line in all_of_them))

    @abstractmethod
    def files(self) -> Iterable[Stored]:
        """All that lies in it, and not in folders below."""

    @abstractmethod
    def workplace(self) -> AbstractContextManager[Path]:
        """A folder of this machine to make an archive in, that is gone afterwards."""

    @abstractmethod
    def why_not(self, error: OSError) -> str:
        """In a sentence, why it could not be worked with."""

    @abstractmethod
    def put(self, archive: Path) -> Path:
        """Keep what was made in a workplace, whole or not at all. Returns where this machine has it
        from then on.
        """

    @abstractmethod
    def here(self, name: str) -> AbstractContextManager[Path]:
        """That file on this machine, for as long as it is needed. Raises FileNotFoundError."""

    @abstractmethod
    def delete(self, name: str) -> None: ...

    @abstractmethod
    def read(self, name: str) -> bytes:
        """A small file. Raises FileNotFoundError if the place has none, and for nothing else:
        whoever takes it for empty will write over it.
        """

    @abstractmethod
    def write(self, name: str, text: str) -> None:
        """A small file, whatever it said before."""


@dataclass(frozen=True)
class Folder(Place):
    path: Path
    kind = "folder"

    def __str__(self) -> str:
        return str(self.path)

    def files(self) -> Iterator[Stored]:
        with suppress(FileNotFoundError, NotADirectoryError):  # its disk is not mounted, perhaps
            for one in self.path.iterdir():
                with suppress(FileNotFoundError):  # it is just being deleted
                    if one.is_file():
                        stat = one.stat()
                        changed_at = datetime.fromtimestamp(stat.st_mtime, tz=UTC)
                        yield Stored(one.name, stat.st_size, changed_at)

    @contextmanager
    def workplace(self) -> Iterator[Path]:
        """On the same disk, so that an archive comes into the folder in one step."""
        self.path.mkdir(parents=True, exist_ok=True)
        with work_folder(self.path) as folder:
            yield folder

    def why_not(self, error: OSError) -> str:
        return f"{self} cannot be used: {error.strerror or error}."

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

    def read(self, name: str) -> bytes:
        return (self.path / name).read_bytes()

    def write(self, name: str, text: str) -> None:
        with work_folder(self.path) as folder:  # another may write it, too
            part = folder / name
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT, 0o600)
            with open(descriptor, "w", encoding="utf-8", errors="surrogateescape") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            part.replace(self.path / name)


@dataclass(frozen=True)
class Bucket(Place):
    is_patient: bool = False  # for commands: a request that gets lost is made again
    kind = "bucket"

    def __str__(self) -> str:
        return str(self._store)

    def files(self) -> list[Stored]:
        found = self._ask(lambda: list(self._store.files()))
        return [one for one in found if "/" not in one.name]

    def workplace(self) -> AbstractContextManager[Path]:
        return work_folder()

    def why_not(self, error: OSError) -> str:
        if error.strerror:  # of this machine
            return f"{tempfile.gettempdir()} cannot be used: {error.strerror}."
        return f"{error} Ask manage.py doctor."

    def put(self, archive: Path) -> Path:
        self._store.send(archive, archive.name)
        try:
            size = self._ask(lambda: self._store.size(archive.name))
        except FileNotFoundError:
            size = None
        if size != archive.stat().st_size:
            raise BackupError(f"{self} has not kept all of {archive.name}.")
        return archive

    @contextmanager
    def here(self, name: str) -> Iterator[Path]:
        with work_folder() as folder:
            self._ask(lambda: self._store.bring(name, folder / name))
            yield folder / name

    def delete(self, name: str) -> None:
        self._ask(lambda: self._store.delete(name))

    def read(self, name: str) -> bytes:
        """In memory: that this machine has no room must not look as if the bucket had no file."""
        content: bytes = self._ask(lambda: self._store.open(name).read())
        return content

    def write(self, name: str, text: str) -> None:
        content = ContentFile(text.encode(errors="surrogateescape"))
        self._ask(lambda: self._store.save(name, content))

    @property
    def _store(self) -> Any:
        return storages["backups"]  # a web.s3.S3Storage

    def _ask(self, ask: Any) -> Any:
        return media.patiently(ask) if self.is_patient else ask()


def places(*, is_patient: bool = False) -> list[Place]:
    """Those that the settings name."""
    found: list[Place] = [Folder(settings.BACKUP_DIR)] if settings.BACKUP_DIR else []
    return [*found, Bucket(is_patient)] if settings.BACKUP_STORAGE else found
