"""Where an installed site keeps what, and how its commands are run."""

import json
import os
import pwd
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from deploy.installed import ROOT, SETTINGS, USER, Stop, read_settings, value_of

LAST_LINES = 12


@dataclass(frozen=True)
class Place:
    """One site on this machine. All paths below `root` are the upgrade's own."""

    root: Path = ROOT
    settings: Path = SETTINGS
    log: Path = Path("/var/log/site-upgrade.log")
    user: str = USER
    control: str = "systemctl"  # or a program that takes the same words
    address: str = "http://127.0.0.1:8000"  # where the web processes listen
    patience: float = 120  # seconds for new processes to get ready
    settle: float = 5  # seconds in which a process that cannot work has ended
    python: str = "/usr/bin/python3"

    @property
    def releases(self) -> Path:
        return self.root / "releases"

    def release(self, version: str) -> Path:
        return self.releases / version

    @property
    def current(self) -> str:
        """The version that processes start from; empty if there is none."""
        return self._leads_to("current")

    @property
    def previous(self) -> str:
        return self._leads_to("previous")

    def _leads_to(self, name: str) -> str:
        link = self.root / name
        return link.resolve().name if link.is_symlink() and link.exists() else ""

    def point(self, name: str, version: str) -> None:
        """Have this link lead to that release: at every moment it leads to the one or the other."""
        new = self.root / f".{name}.new"
        new.unlink(missing_ok=True)
        new.symlink_to(Path("releases") / version)
        new.replace(self.root / name)
        _sync(self.root)

    # What an interrupted upgrade has to know

    @property
    def note(self) -> dict[str, str]:
        try:
            kept = json.loads((self.root / "upgrade.json").read_text())
        except (OSError, ValueError):
            return {}
        return kept if isinstance(kept, dict) else {}

    def write_note(self, note: Mapping[str, str]) -> None:
        self.write("upgrade.json", json.dumps(note))

    def write(self, name: str, text: str) -> None:
        """Have a file below `root` say this: at every moment it has all of it, or what it had."""
        new = self.root / f".{name}.new"
        with new.open("w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self.root / name)
        _sync(self.root)

    def forget_note(self) -> None:
        (self.root / "upgrade.json").unlink(missing_ok=True)

    # The site's settings and commands

    @cached_property
    def environment(self) -> dict[str, str]:
        """What the site's processes get from systemd."""
        try:
            return read_settings(self.settings)
        except (OSError, ValueError) as error:
            raise Stop(f"{self.settings} cannot be read ({error}). Put it right.") from None

    def said(self, name: str) -> str:
        """A setting of the site, also where it stands in a file."""
        return value_of(name, self.environment)

    def as_site(self, command: Sequence[str | Path]) -> list[str]:
        """The command, to be run as the site's user. Nobody but root can become another."""
        if os.geteuid() != 0 or not self.user:
            return [str(part) for part in command]
        try:
            group = pwd.getpwnam(self.user).pw_gid
        except KeyError:
            raise Stop(f"There is no user {self.user}: install the site first.") from None
        become = f"setpriv --reuid={self.user} --regid={group} --init-groups --"
        return [*become.split(), *(str(part) for part in command)]

    def process_environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
        home = str(self.root)
        if self.user:
            try:
                home = pwd.getpwnam(self.user).pw_dir
            except KeyError:
                home = str(self.root)
        return {**kept, "HOME": home, **self.environment}

    def manage(self, version: str, *arguments: str) -> str:
        """What a command of this release says. Raises what it said last if it fails."""
        command = [str(self.release(version) / "deploy" / "run"), "manage", *arguments]
        return self.run(self.as_site(command), env=self.process_environment())

    def run(self, command: Sequence[str | Path], **options: Any) -> str:
        """What it says, errors as well. Raises the end of that if it fails."""
        name = " ".join(map(str, command))
        self.write_log(f"$ {name}")
        try:
            done: subprocess.CompletedProcess[str] = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                cwd=self.root,
                **options,
            )
        except OSError as error:
            raise Stop(f"{command[0]} cannot be run: {error.strerror}.") from None
        self.write_log(done.stdout)
        if done.returncode:
            raise Failed(name, "\n".join(done.stdout.strip().splitlines()[-LAST_LINES:]))
        return done.stdout

    def write_log(self, text: str) -> None:
        try:
            with self.log.open("a") as file:
                file.write(f"{text.rstrip()}\n")
        except OSError:
            pass  # a full disk stops the upgrade at a step that says so


class Failed(Exception):
    """A command failed; the text is the end of what it said."""

    def __init__(self, command: str, said: str) -> None:
        super().__init__(said or f"{command} failed and said nothing.")


def _sync(folder: Path) -> None:
    """Have what was renamed in it survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
