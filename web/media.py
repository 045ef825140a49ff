"""The store of uploads: a folder of this machine, or a bucket that all machines share.

Whoever stores or reads an upload asks Django's `default_storage`, and nobody asks for a path. What
goes wrong there is an `OSError`: `FileNotFoundError` for a name that is not there, `StoreAway` for
a store that does not answer.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple, TypeVar

from django.conf import settings
from django.core.files.storage import default_storage

STORE = "The store of uploads"
ATTEMPTS = 5
PAUSE = 6  # seconds: for five after a failure a store is not asked
Answer = TypeVar("Answer")


class StoreAway(OSError):
    """It does not answer, or answers that it cannot. Another time it may."""

    def __init__(self, store: str = STORE) -> None:
        super().__init__(f"{store} does not answer.")


class StoreRefused(OSError):
    """It answers that it will not: it does not know us, or we may not do this."""

    def __init__(self, code: str, store: str = STORE) -> None:
        super().__init__(f"{store} refuses us ({code}).")
        self.code = code


def patiently(ask: Callable[[], Answer]) -> Answer:
    """For commands, which have nobody waiting: a store that is asked a hundred thousand times has
    no answer to one of them, and is asked again, where a page would do without.
    """
    for _ in range(ATTEMPTS - 1):
        with suppress(StoreAway):
            return ask()
        time.sleep(PAUSE)
    return ask()


class Stored(NamedTuple):
    name: str
    size: int
    changed_at: datetime


def is_elsewhere() -> bool:
    """Whether uploads are in a bucket rather than in a folder."""
    return bool(settings.MEDIA_STORAGE)


def place() -> str:
    """Where uploads are, in words."""
    return str(default_storage) if is_elsewhere() else str(settings.MEDIA_ROOT)


def files() -> Iterator[Stored]:
    """Every stored upload, rendition and card. One that is deleted meanwhile may be left out."""
    if is_elsewhere():
        yield from default_storage.files()  # type: ignore[attr-defined]  # web.s3's
    else:
        yield from _below("")


def _below(folder: str) -> Iterator[Stored]:
    folders: list[str] = []
    names: list[str] = []
    with suppress(FileNotFoundError):
        folders, names = default_storage.listdir(folder)
    for name in sorted(names):
        whole = f"{folder}{name}"
        with suppress(FileNotFoundError):
            changed_at = default_storage.get_modified_time(whole)
            yield Stored(whole, default_storage.size(whole), changed_at)
    for name in sorted(folders):
        yield from _below(f"{folder}{name}/")
