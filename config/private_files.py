"""What lies below VAR_DIR is its owner's alone, but for pictures and static files."""

import os
from contextlib import suppress
from pathlib import Path

PRIVATE_UMASK = 0o077
# By name: VAR_DIR may be a folder that holds other things, which are not ours to change.
FOLDERS = ("log", "mail", "queue")
FILES = ("db.sqlite3", "demo-logins.json", "run.lock", "migrated", "seeded", "collected")


def create_privately() -> None:
    """From now on, files that this process makes are its owner's alone."""
    os.umask(PRIVATE_UMASK)


def close(var: Path) -> None:
    """Close what is there to everyone else, also what was left open by an earlier version."""
    for name in FOLDERS:
        folder = var / name
        with suppress(FileExistsError):  # a file in its place: whoever needs the folder says so
            folder.mkdir(mode=0o700, exist_ok=True)
        if _close(folder, 0o700):  # else it was closed before, and all that came later is
            for path in folder.rglob("*"):
                _close(path, 0o700 if path.is_dir() else 0o600)
    (var / "db.sqlite3").touch(mode=0o600)  # SQLite gives its -wal and -shm the same mode
    for name in FILES:
        for path in var.glob(f"{name}*"):
            _close(path, 0o600)


def _close(path: Path, mode: int) -> bool:
    """Whether there was something to close. What is not ours stays as it is."""
    try:
        if path.is_symlink() or path.stat().st_mode & 0o777 == mode:
            return False
        path.chmod(mode)
    except OSError:
        return False  # gone meanwhile, or another user's
    return True
