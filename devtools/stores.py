"""Throw-away servers of a site on many machines: an S3 store, Redis with sentinels, a pooler.

As those of `devtools.services`: a folder and a port of their own, on the loopback address.
"""

import signal
import socket
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from devtools.environment import BIN, Stop
from devtools.processes import Child, answers, free_port
from devtools.services import (
    Server,
    find_redis,
    find_server,
    start_redis,
    unprivileged_options,
)

KEY, SECRET, BUCKET = "site", "a-secret/with+signs", "uploads"
MASTER = "mymaster"


def start_s3(folder: Path) -> Server:
    """An S3 store with one bucket, which keeps its files in `folder`, however it ends."""
    (folder / "s3" / BUCKET).mkdir(parents=True, exist_ok=True)
    port = free_port()
    command = s3_command(folder / "s3", f"127.0.0.1:{port}", key=KEY, secret=SECRET)
    process = Child("rclone", command, log=folder / "s3.log", cwd=folder)
    secret = SECRET.replace("/", "%2F").replace("+", "%2B")
    url = f"s3+http://{KEY}:{secret}@127.0.0.1:{port}/{BUCKET}"
    return _server(url, port, process, signal.SIGTERM)


def s3_command(folder: Path, address: str, *, key: str, secret: str) -> list[str | Path]:
    """An S3 server for the buckets that are folders in `folder`."""
    command: list[str | Path] = [f"{BIN}/rclone", "serve", "s3", folder]
    command += ["--addr", address, "--auth-key", f"{key},{secret}"]
    # With --dir-cache-time 0, by which it would see what others write there, it hangs.
    return [*command, "--config", "", "--vfs-cache-mode", "off"]


def start_sentinels(folder: Path, redis: list[Server], *, quick: int = 1000) -> list[Server]:
    """Three sentinels over these servers, of which the first is made the master. `quick`: after how
    many milliseconds of silence it is no longer.
    """
    master, *others = redis
    for other in others:
        _ask(other.port, f"REPLICAOF 127.0.0.1 {master.port}")
    found = []
    for number in range(3):
        port = free_port()
        own = folder / f"sentinel-{number}.conf"
        own.write_text(
            f"port {port}\nbind 127.0.0.1\ndir {folder}\n"
            f"sentinel monitor {MASTER} 127.0.0.1 {master.port} 2\n"
            f"sentinel down-after-milliseconds {MASTER} {quick}\n"
            f"sentinel failover-timeout {MASTER} 10000\n"
        )
        program = find_redis() or "redis-server"
        process = Child(
            f"sentinel {number}", [program, own, "--sentinel"], folder / "sentinels.log", cwd=folder
        )
        found.append(_server(f"sentinel://127.0.0.1:{port}", port, process, signal.SIGTERM))
    return found


def sentinel_url(sentinels: list[Server]) -> str:
    hosts = ",".join(f"127.0.0.1:{one.port}" for one in sentinels)
    return f"sentinel://{hosts}/{MASTER}/0"


def master_of(sentinels: list[Server]) -> int:
    """The port of whoever most of them, those that answer, take for the master."""
    said = []
    for one in sentinels:
        try:
            lines = _ask(one.port, f"SENTINEL GET-MASTER-ADDR-BY-NAME {MASTER}").split()
            said.append(int(lines[-1]))
        except (OSError, ValueError, IndexError):
            continue
    return max(said, key=said.count, default=0)


def find_pgbouncer() -> str | None:
    return find_server("pgbouncer")


def start_pgbouncer(folder: Path, database_url: str, *, pool: int = 3) -> Server:
    """A PgBouncer in transaction mode before that database, with so many connections to it."""
    program = find_pgbouncer()
    if program is None:
        raise Stop("PgBouncer is not installed.")
    port, to = free_port(), urlsplit(database_url)
    own, users = folder / "pgbouncer.ini", folder / "pgbouncer-users.txt"
    users.write_text(f'"{to.username}" ""\n')
    users.chmod(0o644)
    own.write_text(
        f"[databases]\n* = host={to.hostname} port={to.port}\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
        f"auth_type = trust\nauth_file = {users}\n"
        f"pool_mode = transaction\ndefault_pool_size = {pool}\n"
        "max_client_conn = 200\nlogfile =\nadmin_users = postgres\n"
        "server_lifetime = 3600\nserver_idle_timeout = 600\n"
    )
    own.chmod(0o644)
    process = Child(
        "PgBouncer",
        [program, own],
        log=folder / "pgbouncer.log",
        cwd=folder,
        popen_options=unprivileged_options(folder),
    )
    name = to.path.strip("/")
    url = f"postgres://{to.username}@127.0.0.1:{port}/{name}?pool_mode=transaction"
    return _server(url, port, process, signal.SIGINT)


def start_replicated_redis(folder: Path) -> list[Server]:
    return [start_redis(_made(folder / name)) for name in ("redis-1", "redis-2")]


def _made(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return folder


def _server(url: str, port: int, process: Child, ask: signal.Signals) -> Server:
    return Server(url, port, process, partial(answers, port), ask, signal.SIGKILL).start()


def _ask(port: int, command: str) -> str:
    """What a Redis or sentinel says to one inline command."""
    with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
        connection.sendall(f"{command}\r\n".encode())
        return connection.recv(4096).decode()
