"""deploy/compose.yaml on one unpacked image: bubblewrap takes Docker's place.

Each process gets what Docker would give it: the command, the environment, the secrets, the volumes
and a root that it cannot write to, as another user than root. For devtools/composed.py.
"""

import json
import os
import re
import shutil
import ssl
import subprocess
from collections.abc import Sequence
from pathlib import Path

from devtools.compose_file import Service
from devtools.compose_file import services as composed
from devtools.environment import ROOT, Stop
from devtools.image import run
from devtools.processes import Child
from tests.smtp import MailServer

HOST, ADMINISTRATOR = "www.example.com", "ada@example.com"
USER = "10001"
SHARED = str(Path("/dev") / "shm")  # memory in which the processes of a worker meet
# Docker's part of compose-up: it does as it is told.
NO_DOCKER = "#!/bin/sh\nexit 0\n"


class Composition:
    """compose.yaml on one unpacked image."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.root, self.folder = root, folder
        self.mail = MailServer()
        dockerfile = (ROOT / "Dockerfile").read_text()
        self.entry: list[str] = _said_by(dockerfile, r"^ENTRYPOINT (\[.*\])$")
        self.health_of_web: list[str] = _said_by(dockerfile, r"^    CMD (\[.*\])$")
        self.image = dict(re.findall(r"^(?:ENV|   ) ([A-Z_]+)=(\S+)", dockerfile, re.MULTILINE))
        self._deploy()
        answers = dict(
            re.findall(r"^(\w+)='(.*)'$", (self.folder / "deploy/.env").read_text(), re.MULTILINE)
        )
        self.services = composed(answers)
        hosts = f"127.0.0.1 localhost postgres redis web {HOST}\n"
        (folder / "hosts").write_text(hosts)

    def _deploy(self) -> None:
        """What compose-up writes: answers and secrets."""
        deploy = self.folder / "deploy"
        shutil.rmtree(deploy, ignore_errors=True)
        shutil.copytree(ROOT / "deploy", deploy, ignore=shutil.ignore_patterns(".env", "secrets"))
        programs = self.folder / "no-docker"
        programs.mkdir(exist_ok=True)
        (programs / "docker").write_text(NO_DOCKER)
        (programs / "docker").chmod(0o755)
        sender = f"Example <website@{HOST}>"
        answers = [HOST, ADMINISTRATOR, self.mail.url, sender, "Europe/Berlin"]
        done = subprocess.run(
            [deploy / "compose-up"],
            input="\n".join(answers) + "\n",
            env={"PATH": f"{programs}:{os.environ['PATH']}"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if done.returncode:
            raise Stop(f"compose-up failed:\n{done.stdout}")

    def volume(self, name: str) -> Path:
        """A folder in its place. Docker gives an empty one to whoever has it in the image."""
        path = self.folder / "volumes" / name
        if not path.exists():
            path.mkdir(parents=True)
            os.chown(path, int(USER), int(USER))
        return path

    def contained(self, service: Service, command: Sequence[str]) -> list[str]:
        """This command as Docker would run it: bubblewrap takes Docker's place."""
        wrapped = ["bwrap", "--ro-bind", str(self.root), "/", "--dev", "/dev", "--proc", "/proc"]
        for one in [SHARED, *(service.facts.get("tmpfs") or [])]:
            wrapped += ["--perms", "1777", "--tmpfs", one.split(":")[0]]
        for source, target in service.mounts:
            wrapped += ["--bind", str(self.volume(source)), target]
        wrapped += ["--ro-bind", f"{self.folder}/hosts", "/etc/hosts", "--tmpfs", "/run"]
        wrapped += ["--perms", "0755", "--dir", "/run/secrets"]
        for name in service.facts.get("secrets") or []:
            secret = f"{self.folder}/deploy/secrets/{name}"
            wrapped += ["--ro-bind", secret, f"/run/secrets/{name}"]
        environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", **self.image, **service.environment}
        wrapped += ["--clearenv"]
        for name, value in environment.items():
            wrapped += ["--setenv", name, value]
        # Process 1 is bubblewrap's own, as it is Docker's with `init`.
        wrapped += ["--unshare-pid", "--unshare-ipc", "--die-with-parent"]
        wrapped += ["--chdir", "/app", "--", "setpriv", f"--reuid={USER}", f"--regid={USER}"]
        wrapped += ["--clear-groups", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"]
        return [*wrapped, *command]

    def call(self, name: str, *command: str) -> str:
        """A one-off: what it says. `command` is what stands after the service's name."""
        return self.one_off(name, self.services[name].command(self.entry, *command))

    def one_off(self, name: str, command: Sequence[str]) -> str:
        """What a command says that runs as this service does."""
        return self._finished(self.contained(self.services[name], command))

    def ask(self, name: str) -> bool:
        """Whether its health check says that it is well."""
        service = self.services[name]
        command = service.health_check or self.health_of_web
        done = subprocess.run(self.contained(service, command), capture_output=True, text=True)
        return done.returncode == 0

    def start(self, name: str) -> Child:
        service = self.services[name]
        command = self.contained(service, service.command(self.entry))
        return Child(name, command, log=self.folder / f"{name}.log").start()

    def _finished(self, command: Sequence[str]) -> str:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True,
        )  # fmt: skip
        if done.returncode:
            raise Stop(f"{' '.join(command[-4:])} failed:\n{done.stdout[-3000:]}")
        return done.stdout

    # The programs that are Debian's here, and images of others in compose.yaml.

    def make_database(self, port: int) -> None:
        """By the script that PostgreSQL's image runs once, with psql of our image."""
        postgres = self.services["postgres"]
        script = next(target for source, target in postgres.mounts if source.endswith("init.sh"))
        container = Service("postgres", {**postgres.facts, "volumes": []})
        command = self.contained(container, ["/bin/sh", "/app/deploy/compose/postgres-init.sh"])
        at = command.index("--clearenv") + 1
        command[at:at] = ["--setenv", "PGHOST", "127.0.0.1", "--setenv", "PGPORT", str(port)]
        self._finished(command)
        assert script.startswith("/docker-entrypoint-initdb.d/")

    def start_nginx(self) -> Child:
        """deploy/compose/nginx, on Debian's nginx, with folders where compose.yaml mounts them."""
        nginx = self.services["nginx"]
        wrapped = ["bwrap", "--dev", "/dev", "--proc", "/proc", "--ro-bind", "/usr", "/usr"]
        for name in ("bin", "sbin", "lib", "lib64"):
            wrapped += ["--symlink", f"usr/{name}", f"/{name}"]
        for name in ("nginx", "passwd", "group", "nsswitch.conf"):
            wrapped += ["--ro-bind", f"/etc/{name}", f"/etc/{name}"]
        wrapped += ["--ro-bind", f"{self.folder}/hosts", "/etc/hosts"]
        for name in (*nginx.facts["tmpfs"], "/etc/nginx/sites-enabled", "/var/log/nginx"):
            wrapped += ["--tmpfs", name]
        wrapped[1:1] = ["--perms", "0755", "--dir", "/var", "--perms", "0755", "--dir", "/var/lib"]
        wrapped += ["--tmpfs", "/var/lib/nginx"]  # where Debian's keeps what it has not sent yet
        for name in ("/var/www", "/var/lib/site"):  # nginx's own user passes through
            wrapped += ["--perms", "0755", "--dir", name]
        for source, target in nginx.mounts:
            path = f"{ROOT}/deploy/compose" if source == "./compose" else self.volume(source)
            wrapped += ["--ro-bind", str(path), target]
        wrapped += ["--unshare-pid", "--as-pid-1", "--die-with-parent", "--remount-ro", "/"]
        command = [*wrapped, "--", *nginx.facts["entrypoint"]]
        return Child("nginx", command, log=self.folder / "nginx.log").start()

    def certify(self) -> ssl.SSLContext:
        """A certificate where certbot puts it, by an authority of the moment; who trusts it."""
        live = self.volume("certificates") / "live" / "site"
        live.mkdir(parents=True, exist_ok=True)
        authority = self.folder / "authority"
        openssl = (
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 9"
        )
        run(
            *openssl.split(), *("-subj", "/CN=An authority of the moment"),
            *("-keyout", f"{authority}.key", "-out", f"{authority}.pem"),
        )  # fmt: skip
        names = ("-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}")
        signed_by = ("-CA", f"{authority}.pem", "-CAkey", f"{authority}.key")
        to = ("-keyout", f"{live}/privkey.pem", "-out", f"{live}/fullchain.pem")
        run(*openssl.split(), *names, "-addext", "basicConstraints=CA:FALSE", *signed_by, *to)
        return ssl.create_default_context(cafile=f"{authority}.pem")


def _said_by(dockerfile: str, pattern: str) -> list[str]:
    found = re.search(pattern, dockerfile, re.MULTILINE)
    return list(json.loads(found[1])) if found else []
