"""One file with everything that cannot be made again: the database and the uploads.

An archive is a tar: `manifest.json` first, then `database`, then `media/…`. The manifest says which
version made it, which migrations it has, how many rows each table had with a digest of them, and
the SHA-256 of every other member, so that `restore` knows before it begins whether all of it is
there, and afterwards whether all of it arrived.
"""

import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self

MANIFEST, DATABASE, MEDIA = "manifest.json", "database", "media/"
FORMAT = 1
UNFINISHED = ".site-backup-"
DAY = 86_400  # seconds


class BackupError(Exception):
    """Why there is no archive, or why one cannot be used: a sentence that names the fix."""


@dataclass(frozen=True)
class Table:
    """`digest` is the same for the same rows, in whatever order."""

    rows: int
    digest: str


@dataclass(frozen=True)
class Manifest:
    product: str  # "0.3.0"
    vendor: str  # "postgresql"
    made_at: str  # ISO 8601, in UTC
    migrations: list[str]  # "leads.0001_initial"
    tables: dict[str, Table]
    files: dict[str, str] = field(default_factory=dict)  # member: SHA-256
    format: int = FORMAT

    def to_json(self) -> bytes:
        return json.dumps(asdict(self), indent=1).encode()

    @classmethod
    def from_json(cls, text: bytes) -> Self:
        try:
            said = json.loads(text)
            if said["format"] != FORMAT:
                raise BackupError("This archive was made by a newer version. Install that first.")
            tables = {name: Table(**table) for name, table in said.pop("tables").items()}
            return cls(tables=tables, **said)
        except (ValueError, KeyError, TypeError) as error:
            raise BackupError("The archive's manifest cannot be read: it is damaged.") from error


@contextmanager
def work_folder(parent: Path | None = None) -> Iterator[Path]:
    """For as long as it is needed, in TMPDIR if nowhere else. What was left there, by one that was
    killed more than a day ago, is deleted: it has all of the database.
    """
    parent = parent or Path(tempfile.gettempdir())
    for left in parent.glob(f"{UNFINISHED}*"):
        with suppress(FileNotFoundError):  # another's, which is gone by now
            if left.lstat().st_mtime < time.time() - DAY:
                shutil.rmtree(left, ignore_errors=True)  # another user's stays
    with tempfile.TemporaryDirectory(prefix=UNFINISHED, dir=parent) as folder:
        yield Path(folder)
