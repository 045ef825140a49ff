"""A queue of files for one machine, safe against every state its files can be found in.

Kombu's own creates a message's file and then writes it, so a reader meets half a message and dies
of it (celery/kombu issue 1551). Here a message appears whole, by a rename, and whoever manages to
remove its file has it. Whatever else lies in the folder is set aside. Queues are bound in memory,
by each process for itself: there is no file of bindings that could be broken.
"""

import logging
import os
import stat
import time
import uuid
from collections import deque
from contextlib import suppress
from pathlib import Path
from queue import Empty
from typing import Any, ClassVar

from kombu.exceptions import ChannelError
from kombu.transport import virtual
from kombu.utils.json import dumps

from config.queue_messages import Unreadable, parse

logger = logging.getLogger(__name__)

MAX_BYTES = 1_000_000  # of one message; ours have a few hundred
MAX_SET_ASIDE = 100
SECONDS_TO_WRITE = 600  # after that, a message that is not whole never will be
UNFINISHED = ".part"


class Channel(virtual.Channel):
    """One folder of messages; what cannot be read goes to the folder `unreadable` beside it."""

    from_transport_options = (*virtual.Channel.from_transport_options, "data_folder_in")
    data_folder_in: str

    _reported: ClassVar[set[Path]] = set()  # what could not even be moved is reported once
    _last_tidied = float("-inf")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._seen: dict[str, deque[Path]] = {}  # listed, and not yet asked for

    @property
    def folder(self) -> Path:
        return Path(self.data_folder_in)

    @property
    def aside(self) -> Path:
        return self.folder.with_name("unreadable")

    def _put(self, queue: str, message: dict[str, Any], **options: Any) -> None:
        name = f"{time.time_ns():020d}_{uuid.uuid4()}.{queue}.msg"
        unfinished = self.folder / f"{name}{UNFINISHED}"
        try:
            self._make_folder()
            try:
                unfinished.write_bytes(dumps(message).encode())
                unfinished.rename(self.folder / name)
            except OSError:
                with suppress(OSError):
                    unfinished.unlink()
                raise
        except OSError as error:
            raise ChannelError(f"The queue's folder cannot be written to: {error}") from error

    def _get(self, queue: str, timeout: float | None = None) -> dict[str, Any]:
        seen = self._seen.setdefault(queue, deque())
        if not seen:  # to list the folder for each message would take a long queue hours
            self._tidy()
            seen.extend(self._waiting(queue))
        while seen:
            path = seen.popleft()
            try:
                message = parse(_read(path))
                path.unlink()  # of several readers one succeeds, and it alone has the message
            except FileNotFoundError:
                continue
            except (OSError, Unreadable) as error:
                self._set_aside(path, error)
            else:
                return message
        raise Empty

    def _size(self, queue: str) -> int:
        return len(self._waiting(queue))

    def _purge(self, queue: str) -> int:
        purged = 0
        for path in self._waiting(queue):
            with suppress(OSError):
                path.unlink()
                purged += 1
        return purged

    def _waiting(self, queue: str) -> list[Path]:
        """The oldest first, but without those that could not be moved away."""
        ending = f"{queue}.msg"
        ours = [path for path in self._listed() if path.name.partition(".")[2] == ending]
        return [path for path in ours if path not in self._reported]

    def _listed(self) -> list[Path]:
        try:
            names = sorted(os.listdir(self.folder))
        except FileNotFoundError:
            return []
        except OSError as error:
            self._tell_once(self.folder, f"The queue's folder cannot be read: {error}")
            return []
        self._reported.discard(self.folder)
        return [self.folder / name for name in names]

    def _make_folder(self) -> None:
        for folder in (self.folder.parent, self.folder):
            if folder.is_dir():
                continue
            if os.path.lexists(folder):  # a file, or a link to nowhere
                folder.replace(folder.with_name(f"{folder.name}.unreadable"))
                logger.error("Moved %s away: it is not a folder.", folder)
            folder.mkdir(parents=True, exist_ok=True)

    def _set_aside(self, path: Path, reason: object) -> None:
        try:
            self.aside.mkdir(parents=True, exist_ok=True)
            path.rename(self.aside / f"{time.time_ns():020d}_{path.name}")
        except FileNotFoundError:
            return  # another reader was quicker
        except OSError as error:
            self._tell_once(path, f"Skipped {path}, which cannot be read ({reason}): {error}")
            return
        logger.error("Set aside %s, which is not a message: %s", path.name, str(reason))
        with suppress(OSError):
            for oldest in sorted(self.aside.iterdir())[:-MAX_SET_ASIDE]:
                _remove(oldest)

    def _tell_once(self, path: Path, sentence: str) -> None:
        if path not in self._reported:
            self._reported.add(path)
            logger.error("%s", sentence)

    def _tidy(self) -> None:
        """Take away what writers that were killed have left, now and then."""
        if time.monotonic() - self._last_tidied < SECONDS_TO_WRITE:
            return
        type(self)._last_tidied = time.monotonic()
        for path in self._listed():
            with suppress(OSError):
                age = time.time() - path.lstat().st_mtime
                if path.name.endswith(UNFINISHED) and age > SECONDS_TO_WRITE:
                    _remove(path)


class Transport(virtual.Transport):
    Channel = Channel
    global_state = virtual.BrokerState()
    driver_type = driver_name = "filesystem"
    implements = virtual.Transport.implements.extend(
        asynchronous=False, exchange_type=frozenset(["direct", "topic"])
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.state = self.global_state  # what is bound once stays so for the whole process

    def driver_version(self) -> str:
        return "N/A"


def _read(path: Path) -> bytes:
    """The bytes of a plain file. Never waits for a pipe, never follows a link."""
    if not stat.S_ISREG(path.lstat().st_mode):
        raise Unreadable("it is not a file")
    with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise Unreadable(f"it has more than {MAX_BYTES:,} bytes")
    return content


def _remove(path: Path) -> None:
    """Remove a file, or a folder with all that is in it. A link goes, not what it leads to."""
    if path.is_dir() and not path.is_symlink():
        for inner in path.iterdir():
            _remove(inner)
        path.rmdir()
    else:
        path.unlink(missing_ok=True)
