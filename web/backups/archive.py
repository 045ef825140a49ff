"""Archives: how they are written and read, and how they are sealed."""

import hashlib
import io
import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from django.core.files import File
from django.core.files.storage import default_storage

from web import media
from web.backups import DATABASE, MANIFEST, MEDIA, BackupError, Manifest, work_folder

CHUNK = 1024 * 1024
ATTEMPTS = 5
PROGRAMS = {".age": "age", ".gpg": "gpg"}


def write(to: Path, manifest: Manifest, database: Path) -> None:
    """Whole or not at all: it has its name only once everything is in it. When an upload is deleted
    meanwhile, it begins anew: what is deleted is not saved.
    """
    for _ in range(ATTEMPTS):
        with suppress(FileNotFoundError):
            _write(to, manifest, database)
            return
    raise BackupError("Uploads are being deleted just now. Run manage.py backup again.")


def _write(to: Path, manifest: Manifest, database: Path) -> None:
    manifest.files.clear()
    with database.open("rb") as dumped:
        manifest.files[DATABASE] = _digest_of(dumped)
    part = to.with_name(f"{to.name}.part")
    try:
        with part.open("wb") as file:
            os.chmod(part, 0o600)
            uploads = {}
            for upload in media.patiently(lambda: list(media.files())):
                try:
                    with _open(upload.name) as content:
                        manifest.files[f"{MEDIA}{upload.name}"] = _digest_of(content)
                        # One that is being written was smaller when it was listed.
                        uploads[upload.name] = upload._replace(size=content.tell())
                except FileNotFoundError:
                    continue  # deleted since
            with tarfile.open(fileobj=file, mode="w|") as tar:
                _add(tar, MANIFEST, manifest.to_json())
                tar.add(database, DATABASE)
                for name, upload in uploads.items():
                    member = tarfile.TarInfo(f"{MEDIA}{name}")
                    member.size, member.mode = upload.size, 0o600
                    member.mtime = int(upload.changed_at.timestamp())
                    with _open(name) as content:
                        tar.addfile(member, content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(to)
    except (media.StoreAway, media.StoreRefused) as error:
        raise BackupError(f"{error} Without the uploads there is no backup; try again.") from error
    finally:
        part.unlink(missing_ok=True)


def check(archive: Path) -> Manifest:
    """Read all of it, and compare each member with what the manifest says of it."""
    found: dict[str, str] = {}
    try:
        with tarfile.open(archive, mode="r:") as tar:
            first = tar.next()
            if first is None or first.name != MANIFEST:
                raise BackupError(f"{archive.name} is not an archive of ours.")
            manifest = Manifest.from_json(_content(tar, first).read())
            for member in tar:
                if member.name != MANIFEST:
                    found[member.name] = _digest_of(_content(tar, member))
    except (tarfile.TarError, EOFError, OSError) as error:
        raise BackupError(f"{archive.name} is cut short or damaged ({error}).") from error
    missing = manifest.files.keys() - found.keys()
    if missing:
        raise BackupError(f"{archive.name} is cut short: {len(missing)} files are not in it.")
    wrong = [name for name, digest in manifest.files.items() if found[name] != digest]
    if wrong:
        raise BackupError(f"{archive.name} is damaged: {wrong[0]} is not what was saved.")
    return manifest


def unpack_database(archive: Path, folder: Path) -> Path:
    # Not by extract(): its safe filter is not in Debian 12's Python, 3.11.2.
    with tarfile.open(archive, mode="r:") as tar, (folder / DATABASE).open("xb") as to:
        shutil.copyfileobj(_content(tar, tar.getmember(DATABASE)), to)
    return folder / DATABASE


def unpack_media(archive: Path) -> int:
    """Each upload into the store; returns how many."""
    count = 0
    with tarfile.open(archive, mode="r:") as tar:
        for member in tar:
            if member.name.startswith(MEDIA) and member.isfile():
                name = member.name.removeprefix(MEDIA)
                content = File(_content(tar, member), name)
                try:
                    _save(name, content)
                except (media.StoreAway, media.StoreRefused) as error:
                    raise BackupError(
                        f"{error} The database is restored, and {count} of the uploads. Empty both,"
                        " and restore again."
                    ) from error
                count += 1
    return count


# The store of uploads


def _open(name: str) -> File[bytes]:
    return media.patiently(lambda: default_storage.open(name))


def _save(name: str, content: File[bytes]) -> None:
    saved_as = media.patiently(lambda: default_storage.save(name, content))
    if saved_as != name:  # it had arrived, and the answer had not
        media.patiently(lambda: default_storage.delete(saved_as))


# Sealing


def suffix_for(key: str) -> str:
    if not key:
        return ""
    return ".age" if key.startswith("age1") else ".gpg"


def seal(archive: Path, key: str) -> Path:
    """Encrypt it to that age recipient, or that key of gpg's; the open one is deleted."""
    sealed = archive.with_name(f"{archive.name}{suffix_for(key)}")
    command = {
        ".age": ["age", "--encrypt", "--recipient", key, "--output", str(sealed), str(archive)],
        ".gpg": [
            *("gpg", "--batch", "--yes", "--trust-model", "always", "--encrypt"),
            *("--recipient", key, "--output", str(sealed), str(archive)),
        ],
    }[suffix_for(key)]
    try:
        _call(command)
    except BaseException:
        sealed.unlink(missing_ok=True)
        raise
    finally:
        archive.unlink()
    return sealed


@contextmanager
def opened(archive: Path, identity: str) -> Iterator[Path]:
    """The archive as a tar; if it is sealed, for as long as it is needed."""
    if archive.suffix not in PROGRAMS:
        yield archive
        return
    with work_folder() as folder:
        plain = folder / archive.stem
        if archive.suffix == ".age":
            if not identity:
                raise BackupError("Say which file has the key of age: --identity FILE.")
            _call(["age", "--decrypt", "--identity", identity, "--output", plain, archive])
        else:
            _call(["gpg", "--batch", "--yes", "--decrypt", "--output", plain, archive])
        yield plain


def _call(command: Sequence[str | Path]) -> None:
    program = str(command[0])
    if not shutil.which(program):
        raise BackupError(f"There is no {program} here. Install it.")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["it said nothing"]
        raise BackupError(f"{program} failed: {lines[-1]}")


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), 0o600
    tar.addfile(member, io.BytesIO(content))


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    content = tar.extractfile(member)
    if content is None:
        raise BackupError(f"The archive has {member.name}, which is no file.")
    return content


def _digest_of(file: IO[bytes] | File[bytes]) -> str:
    digest = hashlib.sha256()
    while chunk := file.read(CHUNK):
        digest.update(chunk)
    return digest.hexdigest()
