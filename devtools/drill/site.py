"""The site of the drill: who runs on which machine, and how each is configured.

visitors, mail server (here)
balancer-1, balancer-2      HAProxy and keepalived, by deploy/haproxy.cfg and deploy/keepalived.conf
web-1, web-2                granian
worker-1, worker-2          worker, sender and beat
database                    PostgreSQL, and PgBouncer before it
redis-1, redis-2, watch-3   Redis, its replica, and a Sentinel on each of the three
files                       an S3 server that keeps its files on disk
"""

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

import psycopg

from devtools.drill.balancers import ADDRESS, WEB, balancers
from devtools.drill.network import HERE, NETWORK, Machine, make_switch
from devtools.drill.processes import Service, Supervisor, listens, logs, says_ok
from devtools.environment import PYTHON, ROOT, Stop
from devtools.processes import wait_until
from devtools.services import find_postgres, find_redis, make_cluster, unprivileged_user
from devtools.stores import s3_command
from tests.smtp import MailServer
from tests.stack import STILL_TO_CUT

NUMBERS = {
    "balancer-1": 11, "balancer-2": 12, "web-1": 21, "web-2": 22, "worker-1": 31, "worker-2": 32,
    "database": 41, "redis-1": 51, "redis-2": 52, "watch-3": 53, "files": 61,
}  # fmt: skip
RUN = ROOT / "deploy" / "run"
BUCKET, S3_KEY, S3_SECRET = "site", "drill", "drill-secret"
STAFF = "sales@desk.example"
POSTGRES, PGBOUNCER, REDIS, SENTINEL, S3 = 5432, 6432, 6379, 26379, 9000


class Site:
    """Started by `with Site(folder) as site`. All of it runs then, with the demo's content."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.machines = {name: Machine(name, number) for name, number in NUMBERS.items()}
        self.supervisor = Supervisor()
        self._cleanup = ExitStack()

    def __enter__(self) -> Self:
        try:
            make_switch()
            for machine in self.machines.values():
                self._cleanup.callback(machine.close)
                machine.start()
            self.mail = self._cleanup.enter_context(MailServer(HERE))
            self._cleanup.callback(self.supervisor.close)
            self.folder.chmod(0o711)
            self._start()
        except BaseException:
            self._cleanup.close()
            raise
        return self

    def __exit__(self, *details: object) -> None:
        self._cleanup.close()

    def _start(self) -> None:
        self.supervisor.add(
            self._postgres(), self._pgbouncer(), *self._redis(), self._s3(), *balancers(self)
        )
        self.supervisor.start("postgres")
        self.execute("CREATE DATABASE site", database="postgres")
        self.execute("ALTER ROLE postgres SET jit = off")  # a pooler hands on no such wish
        self.supervisor.start("pgbouncer", "redis-1", "redis-2", "s3")
        self.supervisor.start("sentinel-1", "sentinel-2", "sentinel-3")
        self.environment = self._environment()
        self.supervisor.add(*self._web(), *self._workers())
        self.manage("collectstatic", "--noinput", "--verbosity", "0")
        self.manage("migrate", "--verbosity", "0", directly=True)
        self.execute("INSERT INTO leads_recipient (email, is_active) VALUES (%s, true)", STAFF)
        self.supervisor.start(*self.supervisor.services)
        self.manage("seed")
        if not wait_until(lambda: self.execute(STILL_TO_CUT) == [(0,)], seconds=600, pause=0.5):
            raise Stop("The pictures of the demo were not cut within ten minutes.")

    def has_address(self, balancer: str) -> bool:
        """Whether this balancer has the address that the two share."""
        command = self.machines[balancer].inside(["ip", "-brief", "address", "show", "eth0"])
        return f"{ADDRESS}/" in subprocess.check_output(command, text=True)

    def redis_master(self) -> str:
        """The machine whose Redis takes what is written; empty if no Sentinel answers."""
        for asked in ["watch-3", "redis-1", "redis-2"]:
            said = self._ask_redis(asked, SENTINEL, "SENTINEL", "get-master-addr-by-name", "site")
            for name, machine in self.machines.items():
                if machine.address in said.split():
                    return name
        return ""

    def redis_is_whole(self) -> bool:
        """Whether the replica follows again."""
        master = self.redis_master()
        said = self._ask_redis(master, REDIS, "INFO", "replication") if master else ""
        return "connected_slaves:1" in said

    def _ask_redis(self, machine: str, port: int, *words: str) -> str:
        """Empty if it does not answer."""
        program = str(find_redis()).replace("-server", "-cli")
        command = [program, "-h", self.machines[machine].address, "-p", str(port), *words]
        try:
            return subprocess.run(command, capture_output=True, text=True, timeout=3).stdout
        except subprocess.TimeoutExpired:
            return ""

    # The database

    def execute(self, statement: str, *values: object, database: str = "site") -> list[Any]:
        with psycopg.connect(
            host=self.machines["database"].address, user="postgres", dbname=database,
            autocommit=True, connect_timeout=5,
        ) as connection:  # fmt: skip
            cursor = connection.execute(statement.encode(), values or None)
            return cursor.fetchall() if cursor.description else []

    def _postgres(self) -> Service:
        programs = find_postgres()
        if programs is None:
            raise Stop("PostgreSQL is not installed.")
        data = make_cluster(self.folder)
        with (data / "pg_hba.conf").open("a") as file:
            file.write(f"host all all {NETWORK}.0/24 trust\n")
        settings = {
            "listen_addresses": "*",
            "unix_socket_directories": "",
            "fsync": "off",  # processes die here, not the disk
            "max_connections": "60",
        }
        flags = [flag for name, value in settings.items() for flag in ["-c", f"{name}={value}"]]
        return self.service(
            "postgres", "database", [programs / "postgres", "-D", data, *flags],
            listens(POSTGRES), user=unprivileged_user(),
        )  # fmt: skip

    def _pgbouncer(self) -> Service:
        file = self.write(
            "pgbouncer.ini",
            f"""
            [databases]
            site = host={self.machines["database"].address} port={POSTGRES} user=postgres
            [pgbouncer]
            listen_addr = *
            listen_port = {PGBOUNCER}
            unix_socket_dir =
            auth_type = any
            pool_mode = transaction
            default_pool_size = 20
            max_client_conn = 500
            ignore_startup_parameters = extra_float_digits,options
            server_connect_timeout = 2
            server_login_retry = 1
            query_wait_timeout = 3
            """,
        )
        return self.service(
            "pgbouncer", "database", ["pgbouncer", file], listens(PGBOUNCER),
            user=unprivileged_user(),
        )  # fmt: skip

    # Queue, cache and files

    def _redis(self) -> Iterator[Service]:
        program = find_redis()
        if program is None:
            raise Stop("Redis is not installed.")
        first = self.machines["redis-1"].address
        for number in (1, 2):
            name = f"redis-{number}"
            follows = f"replicaof {first} {REDIS}\n" if number == 2 else ""
            file = self.write(
                f"{name}.conf",
                f'{follows}port {REDIS}\nbind 0.0.0.0\nprotected-mode no\nsave ""\n'
                f"dir {self.own(name)}\nrepl-diskless-sync-delay 0\n",
            )
            yield self.service(name, name, [program, file], listens(REDIS))
        for number, machine in enumerate(["redis-1", "redis-2", "watch-3"], 1):
            name = f"sentinel-{number}"
            file = self.write(
                f"{name}.conf",
                f"port {SENTINEL}\nbind 0.0.0.0\nprotected-mode no\ndir {self.own(name)}\n"
                f"sentinel monitor site {first} {REDIS} 2\n"
                "sentinel down-after-milliseconds site 2000\n"
                "sentinel failover-timeout site 6000\n",
            )
            command = [program, file, "--sentinel"]
            yield self.service(name, machine, command, listens(SENTINEL))

    def _s3(self) -> Service:
        objects = self.own("objects")
        (objects / BUCKET).mkdir()
        command = s3_command(objects, f":{S3}", key=S3_KEY, secret=S3_SECRET)
        return self.service("s3", "files", command, listens(S3))

    # The application

    def _environment(self) -> dict[str, str]:
        sentinels = ",".join(
            f"{self.machines[name].address}:{SENTINEL}"
            for name in ["redis-1", "redis-2", "watch-3"]
        )
        balancers = [self.machines[name].address for name in ["balancer-1", "balancer-2"]]
        database = self.machines["database"].address
        files = self.machines["files"].address
        return {
            **{name: os.environ[name] for name in ["PATH", "HOME"] if name in os.environ},
            "DEMO": "on",
            "READ_DOT_ENV": "0",
            "SECRET_KEY": "of the drill, which ends in a quarter of an hour",
            "SITE_URL": f"http://{ADDRESS}",
            "DATABASE_URL": f"postgres://postgres@{database}:{PGBOUNCER}/site?pool_mode=transaction",
            "REDIS_URL": f"sentinel://{sentinels}/site/0",
            "MEDIA_STORAGE_URL": f"s3+http://{S3_KEY}:{S3_SECRET}@{files}:{S3}/{BUCKET}",
            "EMAIL_URL": f"smtp://{HERE}:{self.mail.port}",
            "TRUSTED_PROXIES": ",".join(balancers),
            "STATIC_ROOT": str(self.own("static")),
            # Two inquiries a second for a quarter of an hour are no flood here.
            "NOTIFICATIONS_PER_HOUR": "100000",
            "ACKNOWLEDGMENTS_PER_HOUR": "100000",
            "LOG_FORMAT": "TEXT",
        }

    def manage(self, *arguments: str, directly: bool = False) -> str:
        """What a management command says, run on the first worker's machine."""
        database = self.machines["database"].address
        direct = {"DATABASE_URL": f"postgres://postgres@{database}:{POSTGRES}/site"}
        done = subprocess.run(
            self.machines["worker-1"].inside([PYTHON, "manage.py", *arguments]),
            cwd=ROOT,
            env=self._environment_of("worker-1") | (direct if directly else {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if done.returncode:
            raise Stop(f"manage.py {' '.join(arguments)} failed.\n{done.stdout}")
        return done.stdout

    def _web(self) -> Iterator[Service]:
        for name in ["web-1", "web-2"]:
            options = ["--host", self.machines[name].address, "--port", str(WEB), "--workers", "1"]
            yield self.service(
                name, name, [RUN, "web", *options], says_ok(WEB, "/readyz"),
                env=self._environment_of(name),
            )  # fmt: skip

    def _workers(self) -> Iterator[Service]:
        for number in (1, 2):
            machine = f"worker-{number}"
            for name, options, words in [
                ("worker", ["--pool", "solo", "--hostname", f"worker@{machine}"], " ready."),
                ("sender", ["--concurrency", "4", "--hostname", f"sender@{machine}"], " ready."),
                ("beat", [], "beat: Start"),
            ]:
                yield self.service(
                    f"{name}-{number}", machine, [RUN, name, "--loglevel", "INFO", *options],
                    logs(words), env=self._environment_of(machine),
                )  # fmt: skip

    def _environment_of(self, machine: str) -> dict[str, str]:
        return {**self.environment, "VAR_DIR": str(self.own(machine))}

    # Files

    def service(
        self, name: str, machine: str, command: list[Any], is_ready: Any, *,
        env: dict[str, str] | None = None, user: str = "",
    ) -> Service:  # fmt: skip
        env = env or {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
        return Service(name, self.machines[machine], command, self.folder, env, is_ready, user)

    def own(self, name: str) -> Path:
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        return folder

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(re.sub(r"(?m)^ {12}", "", text))
        path.chmod(0o644)
        return path
