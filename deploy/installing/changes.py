"""How the machine is changed: each change is counted, and what programs say of it is logged."""

import contextlib
import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from deploy.installed import Stop
from deploy.installing.place import COMMAND, LOG


class Progress:
    """One line for each step: how long it took, and whether anything was changed."""

    def __init__(self) -> None:
        self.changes = 0
        self.started = time.monotonic()

    @contextlib.contextmanager
    def step(self, title: str) -> Iterator[None]:
        before, since = self.changes, time.monotonic()
        yield
        seconds = time.monotonic() - since
        state = "done" if self.changes > before else "as it was"
        print(f"{seconds:6.1f} s  {title}: {state}", flush=True)

    def change(self) -> None:
        self.changes += 1


progress = Progress()


def run(command: Sequence[str], trouble: str, *, user: str = "") -> str:
    """What the program prints; if it fails, one sentence of it, and all of it in the log."""
    if user:
        command = ["runuser", "-u", user, "--", *command]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=environment, cwd="/"
    )
    with LOG.open("a", encoding="utf-8") as log:
        LOG.chmod(0o600)
        shown = shlex.join(command)
        log.write(f"$ {shown}\n{done.stdout}{done.stderr}[{done.returncode}]\n")
    if done.returncode:
        said = _gist(done.stderr or done.stdout) or f"{command[0]} ended with {done.returncode}"
        raise Stop(
            f"{trouble}: {said.rstrip('.')}. All that was said is in {LOG}. Put it right, and"
            " run this again: it goes on from here."
        )
    return done.stdout


def _gist(output: str) -> str:
    """The first of Django's complaints; of other programs the last line."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    complaints = [line.removeprefix("?: ") for line in lines if line.startswith("?: (")]
    return (complaints or lines[-1:] or [""])[0]


def works(command: Sequence[str]) -> bool:
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True).returncode == 0


def output(command: Sequence[str]) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True).stdout
    except OSError:
        return ""


def write(path: Path, text: str, *, mode: int = 0o644, group: str = "root") -> bool:
    """Whether it had to be written."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    new.touch(mode=0o600)
    new.write_text(text, encoding="utf-8")
    shutil.chown(new, "root", group)
    new.chmod(mode)
    new.replace(path)
    progress.change()
    return True


def folder(path: Path, *, owner: str = "root", mode: int = 0o755) -> None:
    if path.is_dir() and (path.owner(), path.stat().st_mode & 0o777) == (owner, mode):
        return
    path.mkdir(parents=True, exist_ok=True)
    shutil.chown(path, owner, owner)
    path.chmod(mode)
    progress.change()


def site(*arguments: str, trouble: str) -> str:
    return run([str(COMMAND), *arguments], trouble)
