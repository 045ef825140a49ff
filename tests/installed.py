"""A site as it is installed on a server: releases, a link to the one that runs, settings in a file.

What systemd does there is done here by a thread of the test, which takes the same words from a
program of its own: `start`, `stop`, `restart`, `is-active`, `enable`, `disable`. The processes are
the test's children, and end with it.
"""

import json
import shlex
import socketserver
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Self

from devtools.environment import ROOT
from devtools.processes import Child, stop_all

SYSTEM_PYTHON = sys.executable
PATIENCE = 35  # seconds, as the units say
OURS = [path.parent.name for path in ROOT.glob("*/__init__.py") if path.parent.name != "devtools"]
OURS += [
    "deploy",
    "static",
    "templates",
    "requirements",
    "manage.py",
    "CHANGELOG.md",
    "pyproject.toml",
]
CLIENT = """\
#!{python}
import json, socket, sys
with socket.socket(socket.AF_UNIX) as server:
    server.connect({address!r})
    server.sendall(json.dumps(sys.argv[1:]).encode() + b"\\n")
    sys.exit(int(server.makefile().readline() or 1))
"""


class Services:
    """Units by name. `web` is how the web processes are started after `deploy/run`."""

    def __init__(self, folder: Path, root: Path, settings: Path, web: list[str]) -> None:
        self.folder, self.root, self.settings, self.web = folder, root, settings, web
        self.children: dict[str, Child] = {}
        self.enabled: set[str] = set()
        self.before: Callable[[str, str], None] = lambda verb, name: None  # for tests that break it
        address = str(folder / "control.socket")
        services = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                words = [word for word in json.loads(self.rfile.readline()) if word != "--quiet"]
                self.wfile.write(f"{services.take(*words)}\n".encode())

        self._server = socketserver.ThreadingUnixStreamServer(address, Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.program = folder / "control"
        self.program.write_text(CLIENT.format(python=SYSTEM_PYTHON, address=address))
        self.program.chmod(0o755)

    def take(self, verb: str, *names: str) -> int:
        """0 if it is done, or if it is so, as systemctl says it."""
        for name in names:
            self.before(verb, name)
        match verb:
            case "is-active":
                return 0 if all(self.is_running(name) for name in names) else 3
            case "enable":
                self.enabled |= set(names)
            case "disable":
                self.enabled -= set(names)
            case "start":
                self._start(*names)
            case "stop":
                self._stop(*names)
            case "restart":
                self._stop(*names)
                self._start(*names)
            case _:
                return 1
        return 0

    def is_running(self, name: str) -> bool:
        return name in self.children and self.children[name].running

    def _start(self, *names: str) -> None:
        for name in names:
            if self.is_running(name):
                continue
            kind = name.removeprefix("site-").removesuffix(".service").partition("@")[0]
            command = [self.root / "current" / "deploy" / "run", kind]
            log = self.folder / f"{name}.log"
            child = Child(name, command, log, settings_in(self.settings), self.root)
            child.command = [*command, *(self.web if kind == "web" else [])]
            self.children[name] = child.start()

    def _stop(self, *names: str) -> None:
        stop_all([self.children[one] for one in names if one in self.children], patience=PATIENCE)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        for child in self.children.values():
            child.kill()


class Installed:
    """`release` is the folder of the release that is installed first."""

    def __init__(
        self, folder: Path, release: Path, version: str, *, port: int, settings: dict[str, str]
    ) -> None:
        self.folder, self.root = folder, folder / "opt"
        self.port, self.settle = port, 5.0
        self.settings = folder / "site.env"
        self.write_settings(settings)
        (self.root / "releases").mkdir(parents=True)
        release.rename(self.root / "releases" / version)
        (self.root / "current").symlink_to(Path("releases") / version)
        web = ["--port", str(port)]
        self.services = Services(folder, self.root, self.settings, web)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *details: object) -> None:
        self.services.close()

    def write_settings(self, settings: dict[str, str]) -> None:
        lines = [
            f"{name}={shlex.quote(value) if value else ''}" for name, value in settings.items()
        ]
        self.settings.write_text("\n".join(lines) + "\n")

    @property
    def current(self) -> str:
        return (self.root / "current").resolve().name

    def command(self, name: str, *arguments: str | Path) -> list[str]:
        """What `site upgrade`, `site rollback` and `site restart` run on a server."""
        program = (self.root / "current").resolve() / "deploy" / "upgrade.py"
        flags = ["--root", self.root, "--settings", self.settings, "--user", ""]
        flags += ["--log", self.folder / "upgrade.log", "--control", self.services.program]
        flags += ["--settle", str(self.settle), "--address", f"http://127.0.0.1:{self.port}"]
        return [str(part) for part in [SYSTEM_PYTHON, program, name, *arguments, *flags]]

    def run(
        self, name: str, *arguments: str | Path, said: str = ""
    ) -> subprocess.CompletedProcess[str]:
        command = self.command(name, *arguments)
        return subprocess.run(
            command, input=said, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )


def settings_in(file: Path) -> dict[str, str]:
    pairs = (line.partition("=") for line in file.read_text().splitlines())
    return {name: "".join(shlex.split(value)) for name, _, value in pairs}


def copy_of_this_tree(to: Path) -> Path:
    """The product's own files, as a release has them."""
    to.mkdir(parents=True)
    subprocess.run(
        ["cp", "-a", *(ROOT / name for name in OURS), to], check=True, stdout=subprocess.DEVNULL
    )
    return to


def begin_release(tree: Path, version: str, *, asks: str = "") -> None:
    """Have its changelog begin with this version."""
    changelog = tree / "CHANGELOG.md"
    part = f"### For operators\n\n{asks}\n\n" if asks else ""
    heading = f"## {version} (2027-01-31)\n\n{part}"
    before, first, after = changelog.read_text().partition("\n## ")
    changelog.write_text(f"{before}\n{heading}## {after}" if first else f"{before}\n{heading}")
