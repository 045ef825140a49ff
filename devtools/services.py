"""Throw-away PostgreSQL, Redis and nginx for tests, and the way to Chromium.

Each server has a folder and a port of its own, listens on the loopback address only, keeps
nothing, and may be stopped and started again in the middle of a test. The server that a
system package sets up by itself is never used: it may hold someone's data.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Self

from devtools.environment import ROOT, Stop
from devtools.processes import Child, answers, free_port, wait_until

CHROMIUM_NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]


@dataclass
class Server:
    """A running server of ours. After stop() or kill(), start() brings it back on the same port."""

    url: str
    port: int
    process: Child
    is_ready: Callable[[], bool]
    ask: signal.Signals  # how this kind of server is told to end in good order
    crash: signal.Signals  # how it is made to end as in a power cut

    def start(self) -> Self:
        def ready_or_dead() -> bool:
            return not self.process.running or self.is_ready()

        self.process.start()
        try:
            if not wait_until(ready_or_dead, seconds=30) or not self.process.running:
                raise Stop(f"{self.process.name} did not start.\n{self.process.last_lines()}")
        except BaseException:
            self.kill()
            raise
        return self

    def stop(self) -> None:
        self.process.stop(ask=self.ask)

    def kill(self) -> None:
        self.process.stop(ask=self.crash, patience=5)

    def restart(self) -> None:
        self.stop()
        self.start()

    def pause(self) -> None:
        """Connections are taken, but nothing is answered until resume()."""
        self.process.pause()

    def resume(self) -> None:
        self.process.resume()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *details: object) -> None:
        self.stop()


def start_postgres(folder: Path, port: int | None = None) -> Server:
    """A cluster in `folder`: the one that is there, or a new and empty one. What it has committed
    it keeps, even when it is killed.

    PostgreSQL refuses to run as root, so root hands its data to another user. That user must
    be able to reach `folder`: make it with tempfile, not with pytest's tmp_path.
    """
    bin_folder = find_postgres()
    if bin_folder is None:
        raise Stop("PostgreSQL is not installed.")
    data, log = make_cluster(folder), folder / "postgres.log"
    port = port or free_port()
    # Off is only what guards the disk against a machine that loses its power.
    settings = {
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "fsync": "off",
        "full_page_writes": "off",
    }
    flags = [flag for name, value in settings.items() for flag in ["-c", f"{name}={value}"]]
    process = Child(
        "PostgreSQL",
        [f"{bin_folder}/postgres", "-D", str(data), "-p", str(port), *flags],
        log=log,
        env=_postgres_environment(),
        cwd=folder,
        popen_options=unprivileged_options(folder),
    )

    def is_ready() -> bool:
        question = [f"{bin_folder}/pg_isready", *f"-q -h 127.0.0.1 -p {port}".split()]
        return subprocess.run(question, env=_postgres_environment()).returncode == 0

    url = f"postgres://postgres@127.0.0.1:{port}/postgres"
    # SIGINT ends sessions and then the server; SIGQUIT leaves all as it lies.
    return Server(url, port, process, is_ready, signal.SIGINT, signal.SIGQUIT).start()


def make_cluster(folder: Path) -> Path:
    """The data of PostgreSQL in `folder`: what is there, or a new and empty cluster."""
    bin_folder = find_postgres()
    if bin_folder is None:
        raise Stop("PostgreSQL is not installed.")
    data, options = folder / "postgres", unprivileged_options(folder)
    if data.exists():
        return data
    data.mkdir(mode=0o700)
    if "user" in options:
        shutil.chown(data, options["user"])
    flags = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "-N"]
    making = Child(
        "initdb",
        [bin_folder / "initdb", "-D", data, *flags],
        log=folder / "postgres.log",
        env=_postgres_environment(),
        cwd=folder,
        popen_options=options,
    )
    try:
        if making.start().wait_for_end(60) != 0:
            raise Stop(f"PostgreSQL could not make its data folder.\n{making.last_lines()}")
    finally:
        making.kill()
    return data


def _postgres_environment() -> dict[str, str]:
    return {"LC_ALL": "C.UTF-8", "PATH": os.environ.get("PATH", os.defpath)}


def start_redis(folder: Path, port: int | None = None) -> Server:
    """A Redis that forgets everything when it ends, in good order or not."""
    program = find_redis()
    if program is None:
        raise Stop("Redis is not installed.")
    port = port or free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    process = Child("Redis", [program, *options], log=folder / "redis.log", cwd=folder)

    def is_ready() -> bool:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(7) == b"+PONG\r\n"
        except OSError:
            return False

    url = f"redis://127.0.0.1:{port}/0"
    return Server(url, port, process, is_ready, signal.SIGTERM, signal.SIGKILL).start()


def start_nginx(folder: Path, *, application: int, media: Path) -> Server:
    """An nginx as `manage.py nginx_config` says, before the application on this port, without TLS.

    `folder` and `media` must be such that another user may pass through and read: nginx, started
    by root, gives up being root.
    """
    port = free_port()
    options = {
        "upstream": f"127.0.0.1:{application}",
        "http": f"127.0.0.1:{port}",
        "cache": f"{folder}/nginx/cache",
        "log": f"{folder}/nginx/access.log",
        "media": media,
        # Whoever says so in a header comes from another address: a machine has few of its own.
        "balancers": "127.0.0.1",
        "client-header": "X-Tested-Peer",
    }
    site = nginx_configuration({"VAR_DIR": f"{folder}/nginx-var"}, options)
    return run_nginx(folder, site, port)


def run_nginx(folder: Path, site: str, port: int) -> Server:
    """An nginx with this inside its `http` block; it is there when the port answers."""
    program = find_nginx()
    if program is None:
        raise Stop("nginx is not installed.")
    own = folder / "nginx"
    own.mkdir()
    own.chmod(0o755)  # whatever our umask is
    (own / "site.conf").write_text(site)
    temporary = "".join(
        f"{kind}_temp_path {own}/{kind};\n"
        for kind in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    )
    (own / "nginx.conf").write_text(
        f"daemon off;\nworker_processes 2;\npid {own}/pid;\nerror_log {own}/error.log;\n"
        "events { worker_connections 1024; }\n"
        f"http {{\n{temporary}include {own}/site.conf;\n}}\n"
    )
    process = Child(
        "nginx",
        [program, "-e", f"{own}/error.log", "-c", f"{own}/nginx.conf"],
        log=folder / "nginx.log",
        cwd=folder,
    )

    url = f"http://127.0.0.1:{port}"
    return Server(
        url, port, process, partial(answers, port), signal.SIGQUIT, signal.SIGKILL
    ).start()


def nginx_configuration(environment: Mapping[str, str], options: Mapping[str, object]) -> str:
    """What `manage.py nginx_config` prints with nothing set but these variables."""
    done = subprocess.run(
        [sys.executable, "manage.py", "nginx_config"]
        + [f"--{name}={value}" for name, value in options.items()],
        cwd=ROOT,
        env={"SECRET_KEY": "of no use", "READ_DOT_ENV": "0", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        raise Stop(f"manage.py nginx_config failed:\n{done.stdout}")
    return done.stdout


def find_postgres() -> Path | None:
    """The folder with initdb and postgres: the newest of Debian's versions, or what PATH has."""
    versions = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if versions:
        return max(versions, key=lambda folder: float(folder.parent.name))
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def find_redis() -> str | None:
    return shutil.which("redis-server") or shutil.which("valkey-server")


def find_nginx() -> str | None:
    return find_server("nginx")


def find_server(name: str) -> str | None:
    """Debian puts some where only root's PATH leads."""
    return shutil.which(name, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")


def find_chromium() -> str | None:
    return next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


def unprivileged_user() -> str:
    """Whom root starts PostgreSQL as; the empty text for anyone else."""
    if os.geteuid() != 0:
        return ""
    for name in ["postgres", "nobody"]:
        with suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    raise Stop("PostgreSQL needs a user other than root, and there is none.")


def unprivileged_options(folder: Path) -> dict[str, Any]:
    """What subprocess needs to leave root behind; nothing for anyone else."""
    name = unprivileged_user()
    if not name:
        return {}
    folder.chmod(folder.stat().st_mode | 0o011)  # the other user may pass through, not look around
    user = pwd.getpwnam(name)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
