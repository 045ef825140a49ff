"""The release in its folder, with the packages that it is locked to."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from deploy.installed import compiling, packages_of, version_of
from deploy.installing.changes import folder, output, progress, run, write
from deploy.installing.place import CURRENT, RELEASES, SOURCE, TREE


def place_release() -> Path:
    """The tree with the packages that it is locked to, below /opt/site/releases."""
    if CURRENT.exists() and version_of(CURRENT) != version_of(TREE):
        print(
            f"          Version {version_of(CURRENT)} is installed; another comes by: site upgrade"
        )
        return CURRENT.resolve()
    release = RELEASES / version_of(TREE)
    folder(RELEASES)
    folder(release)
    if release != TREE:
        _copy_tree(release)
    lock = (release / "requirements" / "run.txt").read_text("utf-8")
    mark = release / ".venv" / "installed.txt"  # written last: what it was made from
    if not mark.exists() or mark.read_text("utf-8") != lock:
        run([sys.executable, "-m", "venv", "--clear", f"{release}/.venv"], "No venv can be made")
        run(
            [*packages_of(release), "--no-cache-dir"],
            "The Python packages cannot be installed",
        )
        write(mark, lock)
    note_source()
    if not CURRENT.exists():
        new = CURRENT.with_name("current.new")
        new.unlink(missing_ok=True)
        new.symlink_to(release)
        new.replace(CURRENT)
        progress.change()
    return release


def _copy_tree(release: Path) -> None:
    before = progress.changes
    for source in _files_of_tree():
        target = release / source.relative_to(TREE)
        content = source.read_bytes()
        if target.exists() and target.read_bytes() == content:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        target.chmod(0o755 if os.access(source, os.X_OK) else 0o644)
        progress.change()
    if progress.changes > before:
        run(compiling(sys.executable, release), "The release cannot be compiled")


def _files_of_tree() -> Iterator[Path]:
    left_out = {".git", ".venv", "var", "__pycache__", ".env", "node_modules"}
    for place, folders, names in os.walk(TREE):
        folders[:] = [name for name in folders if name not in left_out]
        yield from (Path(place, name) for name in names if name not in left_out)


def note_source() -> None:
    """Where the next release comes from: what this one was cloned from."""
    url = output(["git", "-C", str(TREE), "remote", "get-url", "origin"]).strip()
    if url and (TREE / ".git").exists() and not SOURCE.exists():
        write(SOURCE, f"{url}\n")
