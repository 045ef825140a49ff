"""A release made ready to run beside the one that runs: its files, its packages, its bytecode."""

import os
import re
import shutil
from pathlib import Path

from deploy.installed import Stop, compiling, numbers, packages_of, version_of
from deploy.upgrading.place import Failed, Place

TAG = re.compile(r"refs/tags/v(\d+\.\d+\.\d+)$")
ASKED = re.compile(r"v?(\d+\.\d+\.\d+)$")
# What a working tree has beside its files; none of it is part of a release.
NOT_COPIED = (".git", ".venv", ".env", "var", "node_modules", "__pycache__", ".*_cache")
KEPT = 3
MARGIN = 500 * 1024**2
MIB = 1024**2


def wanted_version(place: Place, asked: str, source: str) -> str:
    """The version that is asked for; the newest that the source has, if none is."""
    if asked:
        found = ASKED.match(asked)
        if not found:
            raise Stop(f"{asked} is no release. Write it as v0.4.0.")
        return found[1]
    if _is_repository(source):
        tags = _tags(place, source)
        if not tags:
            raise Stop(f"{source} has no tag like v0.4.0.")
        return max(tags, key=numbers)
    if Path(source).is_dir():
        return version_of(Path(source))
    raise Stop("Say which release it is: site upgrade v0.4.0 --from FILE.")


def fetch(place: Place, version: str, source: str) -> None:
    """Have the files of this release in its folder, all of them or none."""
    into = place.release(version)
    if into.exists():
        return
    half = place.releases / f".{version}.part"
    shutil.rmtree(half, ignore_errors=True)
    place.releases.mkdir(parents=True, exist_ok=True)
    try:
        if _is_repository(source):
            _clone(place, version, source, half)
        elif Path(source).is_dir():
            shutil.copytree(source, half, symlinks=True, ignore=shutil.ignore_patterns(*NOT_COPIED))
        elif Path(source).is_file():
            half.mkdir()
            # tar refuses names that lead out of the folder; owners and rights are ours.
            flags = ["--no-same-owner", "--no-same-permissions", "--strip-components=1"]
            place.run(["tar", "--extract", "--file", source, "--directory", str(half), *flags])
        else:
            raise Stop(f"{source} is no git repository, folder or tar file.")
        found = version_of(half)
        if found != version:
            raise Stop(f"What is called {version} says in its CHANGELOG.md that it is {found}.")
        # The site's user reads it, however it was kept where it comes from.
        place.run(["chmod", "--recursive", "u=rwX,go=rX", str(half)])
        _flush()
        half.replace(into)
    except (Failed, OSError, shutil.Error) as error:
        raise Stop(f"Release {version} could not be fetched from {source}:\n{error}") from None
    finally:
        shutil.rmtree(half, ignore_errors=True)


def install(place: Place, version: str, venv: str = "") -> None:
    """Have its packages, by hash from its lock file, or take an environment that is there."""
    release = place.release(version)
    lock, own = release / "requirements" / "run.txt", release / ".venv"
    installed = own / "installed.txt"  # written last: packages are complete if it is there
    if venv:
        own.unlink(missing_ok=True) if own.is_symlink() else shutil.rmtree(own, ignore_errors=True)
        own.symlink_to(Path(venv).resolve())
        return
    if own.is_symlink() or (installed.exists() and installed.read_text() == lock.read_text()):
        return
    shutil.rmtree(own, ignore_errors=True)
    try:
        place.run([place.python, "-m", "venv", str(own)])
        place.run(packages_of(release))
        place.run(compiling(f"{own}/bin/python", release))
        _flush()
        shutil.copyfile(lock, installed)
    except (Failed, OSError) as error:
        raise Stop(f"The packages of {version} could not be installed:\n{error}") from None


def check_space(place: Place, version: str) -> None:
    """Whether there is room for the release and a backup."""
    needed: dict[int, list[tuple[Path, int]]] = {}
    if not (place.release(version) / ".venv" / "installed.txt").exists():
        _add(needed, place.root, _size(place.release(place.current)) if place.current else 0)
    else:
        _add(needed, place.root, 0)
    backups = place.said("BACKUP_DIR")
    if backups and Path(backups).is_dir():
        archives = sorted(Path(backups).glob("*.tar*"), key=lambda one: one.stat().st_mtime)
        _add(needed, Path(backups), int(archives[-1].stat().st_size * 1.5) if archives else 0)
    for on_one_disk in needed.values():
        folder = on_one_disk[0][0]
        wanted = sum(size for _, size in on_one_disk) + MARGIN
        free = shutil.disk_usage(folder).free
        if free < wanted:
            raise Stop(
                f"The disk of {folder} has {free // MIB:,} MiB free, and the upgrade needs"
                f" {wanted // MIB:,}. Make room, and start it again."
            )


def _add(needed: dict[int, list[tuple[Path, int]]], folder: Path, size: int) -> None:
    needed.setdefault(folder.stat().st_dev, []).append((folder, size))


def prune(place: Place) -> list[str]:
    """Delete old releases but the newest three and those that links lead to. Returns which."""
    kept = {place.current, place.previous, place.note.get("to", "")}
    versions = [one.name for one in place.releases.iterdir() if ASKED.match(one.name)]
    oldest_first = sorted(versions, key=numbers)
    gone = [one for one in oldest_first[:-KEPT] if one not in kept]
    for version in gone:
        half = place.releases / f".{version}.part"  # swept up by the next fetch if we are killed
        place.release(version).replace(half)
        shutil.rmtree(half, ignore_errors=True)
    return gone


def _is_repository(source: str) -> bool:
    path = Path(source)
    if path.is_dir():
        return (path / ".git").exists() or (path / "HEAD").is_file()
    return not path.exists() and (
        "://" in source or re.match(r"[\w.-]+@[\w.-]+:", source) is not None
    )


def _git(place: Place, *arguments: str) -> str:
    # It asks for no password, and takes no settings of whoever runs this for its own.
    quiet = {**os.environ, "GIT_TERMINAL_PROMPT": "0"}
    trusting = ["-c", "safe.directory=*", "-c", "advice.detachedHead=false"]
    return place.run(["git", *trusting, *arguments], env=quiet)


def _tags(place: Place, source: str) -> list[str]:
    try:
        lines = _git(place, "ls-remote", "--tags", source).splitlines()
    except Failed as error:
        raise Stop(f"{source} does not answer:\n{error}") from None
    return [found[1] for line in lines if (found := TAG.search(line))]


def _clone(place: Place, version: str, source: str, half: Path) -> None:
    tags = _tags(place, source)
    if version not in tags:
        newest = f" The newest is v{max(tags, key=numbers)}." if tags else ""
        raise Stop(f"{source} has no tag v{version}.{newest}")
    url = f"file://{Path(source).resolve()}" if Path(source).is_dir() else source
    _git(place, "clone", "--quiet", "--depth", "1", "--branch", f"v{version}", url, str(half))
    shutil.rmtree(half / ".git")


def _size(folder: Path) -> int:
    total = 0
    for path, _, files in os.walk(folder):
        for name in files:
            try:
                total += os.lstat(os.path.join(path, name)).st_blocks * 512
            except OSError:
                continue
    return total


def _flush() -> None:
    os.sync()  # what is renamed into its place is whole there, also after a power cut
