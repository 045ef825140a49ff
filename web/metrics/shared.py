"""Numbers that every process of this machine adds to, and any of them can read.

Each process has a file of its own in VAR_DIR/metrics: first room for `SLOTS` numbers, mapped into
its memory, so that to count costs no more than an addition and another process sees it at once;
then a line for each number that is in use, with its name. A process holds a lock on its file for as
long as it lives, and a new one goes on in a file that nobody holds. So there are never more files
than there were processes at one time, no sum ever falls while the machine is up, and nothing has
to be cleared.

Hosts that share VAR_DIR each have a folder in it, so that none counts for another.
"""

import fcntl
import logging
import mmap
import os
import re
import socket
import threading
import time
from collections import defaultdict
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

from django.conf import settings

logger = logging.getLogger(__name__)

SLOTS = 16_384  # numbers that a process can count
BYTES = SLOTS * 8
MAX_PROCESSES = 1_000
DAYS_KEPT = 7  # what another host has left, by now under another name
NAME = re.compile(r"\w+(\{.*\})?")
Slot: TypeAlias = "memoryview[float]"  # of one number: `slot[0] += 1`


class Numbers:
    """The numbers of this process. What cannot be kept is counted nowhere: to count never fails."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file: int | None = None
        self._start()
        os.register_at_fork(after_in_child=self._start)  # which may not write into its parent's

    def _start(self) -> None:
        if self._file is not None:
            os.close(self._file)
        self._file = None
        self._lock = threading.Lock()
        self._slots: dict[str, Slot] = {}
        self.found: dict[object, tuple[Slot, ...]] = {}  # for those who look for the same ones
        self._room = memoryview(bytearray(BYTES)).cast("d")
        self._end = 0  # of the names in the file
        self._is_open = self._is_full = False

    def slot(self, name: str) -> Slot:
        """Where the number of this name is. The same each time."""
        found = self._slots.get(name)
        return self._new_slot(name) if found is None else found

    def _new_slot(self, name: str) -> Slot:
        with self._lock:
            if not self._is_open:
                self._is_open = True
                self._open()
            if name in self._slots:
                return self._slots[name]
            number = len(self._slots)
            if number >= SLOTS:
                if not self._is_full:
                    self._is_full = True
                    logger.warning("There is no room for more numbers: some are not counted.")
                return memoryview(bytearray(8)).cast("d")
            if self._file is not None and not self._note(self._file, name):
                return memoryview(bytearray(8)).cast("d")
            self._slots[name] = slot = self._room[number : number + 1]
            slot[0] = 0.0
            return slot

    def _note(self, file: int, name: str) -> bool:
        """Whether its name could be written in full: by its line it is told whose a number is."""
        line = f"{name}\n".encode()
        try:
            _write(file, line, self._end)
        except OSError:
            return False
        self._end += len(line)
        return True

    def _open(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            _remove_what_others_left(self.folder)
            for number in range(MAX_PROCESSES):
                path = self.folder / f"{number}.counts"
                file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    os.close(file)  # another process has it
                    continue
                try:
                    self._take(file)
                except OSError:
                    os.close(file)
                    raise
                return
        except OSError as error:
            logger.warning("Nothing is counted for /metrics: %s", error)

    def _take(self, file: int) -> None:
        """Go on where the last one stopped who had this file; or anew, if it is not one of ours."""
        with open(os.dup(file), "rb") as reading:
            reading.seek(0)
            content = reading.read()
        names = _names(content)
        if len(set(names)) < len(names) or not all(map(NAME.fullmatch, names)):
            names = []
        whole = BYTES + sum(len(name.encode()) + 1 for name in names)
        os.ftruncate(file, whole)  # without a name that was not written to its end
        # On a full disk this fails; to count in memory that stands for a hole in the file would
        # end the process (SIGBUS).
        _write(file, content[:BYTES].ljust(BYTES, b"\0"), 0)
        room = mmap.mmap(file, BYTES)
        self._file, self._room, self._end = file, memoryview(room).cast("d"), whole
        self._slots = {name: self._room[at : at + 1] for at, name in enumerate(names)}

    def total(self) -> dict[str, float]:
        """What all processes of this machine have counted, those that ended included."""
        sums: dict[str, float] = defaultdict(float)
        for path in self.folder.glob("*.counts"):
            with suppress(OSError):
                content = path.read_bytes()
                names = _names(content)
                if names:
                    values = memoryview(content[:BYTES]).cast("d")
                    for at, name in enumerate(names):
                        sums[name] += values[at]
        return dict(sums)


def _write(file: int, content: bytes, at: int) -> None:
    """All of it. Raises OSError."""
    while content:
        written = os.pwrite(file, content, at)
        content, at = content[written:], at + written


def _names(content: bytes) -> list[str]:
    """The names that are written to their end, in the order of their numbers."""
    *lines, _ = content[BYTES:].decode(errors="replace").split("\n")
    return lines[:SLOTS]


def _own_folder() -> Path:
    host = re.sub(r"[^\w.-]", "_", socket.gethostname()) or "host"
    return Path(settings.VAR_DIR) / "metrics" / host


def _remove_what_others_left(folder: Path) -> None:
    """Folders of hosts that are no more: a container has another name each time."""
    long_ago = time.time() - DAYS_KEPT * 86_400
    for other in folder.parent.glob("*"):
        files = list(other.glob("*.counts")) if other != folder else []
        with suppress(OSError):
            if files and max(one.stat().st_mtime for one in files) < long_ago:
                for one in files:
                    one.unlink()
                other.rmdir()


numbers = Numbers(_own_folder())
