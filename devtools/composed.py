"""What `dev.py image` does last: runs the image as deploy/compose.yaml says, and asks it.

In a network of its own, in which the names of the composition lead to this machine: so the
processes have the commands, the environment, the secrets and the health checks of compose.yaml,
as another user than root, on a root that they cannot write to. PostgreSQL, Redis and nginx are
Debian's instead of the images that compose.yaml names, and Docker itself is not tried.
"""

import json
import os
import re
import shutil
import signal
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from devtools import services
from devtools.compose_file import Service
from devtools.compose_file import services as composed
from devtools.environment import ROOT, Stop
from devtools.image import run, say
from devtools.processes import Child, wait_until
from tests.smtp import MailServer

HOST, ADMINISTRATOR = "www.example.com", "ada@example.com"
USER = "10001"
PATIENCE = 180  # seconds: on a small machine, all at once
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
        for one in service.facts.get("tmpfs") or []:
            wrapped += ["--perms", "1777", "--tmpfs", one.split(":")[0]]
        for source, target in service.mounts:
            wrapped += ["--bind", str(self.volume(source)), target]
        wrapped += ["--ro-bind", f"{self.folder}/hosts", "/etc/hosts", "--tmpfs", "/run"]
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
        service = self.services[name]
        return self._finished(self.contained(service, service.command(self.entry, *command)))

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
        wrapped += ["--tmpfs", "/var/lib/nginx"]  # where Debian's keeps what it has not sent yet
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


def main(root: Path, folder: Path) -> int:
    run("ip", "link", "set", "lo", "up")
    # In this network alone: names lead here, as they lead to each other's containers in Docker.
    site = Composition(root, folder)
    started: list[Child] = []
    shutil.rmtree(folder / "volumes", ignore_errors=True)
    shutil.rmtree(folder / "postgres", ignore_errors=True)
    try:
        rehearse(site, started)
    except Stop as reason:
        say(f"\nFAILED: {reason}")
        for child in started:
            say(f"\n{child.name}:\n{child.last_lines(12)}")
        return 1
    finally:
        for child in reversed(started):
            child.stop(patience=40)
    say("All of it held.")
    return 0


def rehearse(site: Composition, started: list[Child]) -> None:
    postgres = services.start_postgres(site.folder, port=5432)
    redis = services.start_redis(site.folder, port=6379)
    started += [postgres.process, redis.process]
    site.make_database(postgres.port)
    say("postgres: the site has a database, and a role that is no superuser")

    migrated = site.call("migrate")
    say(f"migrate: {migrated.count(' OK')} migrations")
    say(f"migrate, once more: {site.call('migrate').strip().splitlines()[-1].strip()}")

    running = {name: site.start(name) for name in ("web", "worker", "sender", "beat")}
    started += running.values()
    for name in ("web", "worker", "sender"):
        began = time.monotonic()
        until(f"{name} is well by its health check", partial(site.ask, name))
        say(f"{name}: well by its health check, {time.monotonic() - began:.0f} s after the start")
    look_at(site, running)

    ready = get("http://127.0.0.1:8000/readyz")
    say(f"web: /readyz {ready.status}")
    page = get("http://127.0.0.1:8000/", {"Host": HOST, "X-Forwarded-Proto": "https"}).read()
    stylesheet = re.search(r'href="(/static/[^"]+\.css)"', page.decode())
    if not stylesheet:
        raise Stop("The home page names no stylesheet.")
    css = get(f"http://127.0.0.1:8000{stylesheet[1]}", {"X-Forwarded-Proto": "https", "Host": HOST})
    say(f"web: / {len(page):,} bytes, {stylesheet[1]} {css.status}")

    site.call("nginx-config")
    started.append(site.start_nginx())
    until("nginx answers", lambda: status(f"http://{HOST}/") == 503)
    say("nginx: waits for a certificate (503), port 80 is open for certbot")
    challenge = site.volume("acme") / ".well-known/acme-challenge/token"
    challenge.parent.mkdir(parents=True)
    challenge.write_text("as certbot writes it")
    if status(f"http://{HOST}/.well-known/acme-challenge/token") != 200:
        raise Stop("nginx does not show what certbot's authority asks for.")
    trust = site.certify()
    began = time.monotonic()
    until("nginx takes up the certificate", lambda: status(f"https://{HOST}/", trust) == 200)
    say(f"nginx: TLS {time.monotonic() - began:.0f} s after the certificate was there, by itself")

    said = site.call("manage", "invite", ADMINISTRATOR)
    link = re.search(rf"https://{HOST}/\S+", said)
    if not link or status(link[0], trust) != 200:
        raise Stop(f"The invitation leads nowhere:\n{said}")
    until("the sender sends the invitation", lambda: bool(site.mail.emails))
    if site.mail.emails[0].recipients != (ADMINISTRATOR,):
        raise Stop("The invitation went to someone else.")
    say("manage invite: the link opens over TLS, and the email has arrived")

    backup = site.start("backup")
    started.append(backup)
    archives = site.volume("backups")
    until("there is an archive", lambda: bool(list(archives.glob("site-*.tar"))))
    say(f"backup: {next(archives.glob('site-*.tar')).stat().st_size:,} bytes on the first start")
    say(f"manage restore --test: {last_of(site.call('manage', 'restore', '--test'))}")

    token = (site.folder / "deploy/secrets/status_token").read_text().strip()
    said = get(
        f"https://{HOST}/status",
        {"Authorization": f"Bearer {token}", "Accept": "text/plain"},
        trust,
    )
    say(f"/status: {said.status}")

    for name, child in [*running.items(), ("backup", backup)]:
        began = time.monotonic()
        pid = of(child)
        os.kill(pid, signal.SIGTERM)
        code = child.wait_for_end(40)
        took = time.monotonic() - began
        say(f"{name}: ended {took:.1f} s after SIGTERM, exit code {code}")


def look_at(site: Composition, running: dict[str, Child]) -> None:
    """Whose processes they are, and that they cannot write where they should not."""
    for name, child in running.items():
        users = {line.split()[1] for line in _status(of(child)) if line.startswith("Uid:")}
        if users != {USER}:
            raise Stop(f"{name} runs as {users}.")
    web = site.services["web"]
    attempt = site.contained(
        web, ["/bin/sh", "-c", "for at in /app /opt/venv /srv/static /etc; do touch $at/x; done"]
    )
    done = subprocess.run(attempt, capture_output=True, text=True)
    if done.stderr.count("Read-only file system") != 4:
        raise Stop(f"It can write where it should not:\n{done.stderr}")
    say(f"All run as user {USER}, without any capability, on a root that is read-only")


def of(child: Child) -> int:
    """The process inside: the child of process 1 there, which is the child of bubblewrap."""
    pid = child.pid
    for _ in range(2):
        pid = int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])
    return pid


def _status(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/status").read_text().splitlines()


def until(what: str, condition: Callable[[], bool]) -> None:
    if not wait_until(condition, seconds=PATIENCE, pause=0.5):
        raise Stop(f"After {PATIENCE} s it is not so that {what}.")


def get(
    url: str, headers: dict[str, str] | None = None, trust: ssl.SSLContext | None = None
) -> Any:
    request = urllib.request.Request(url, headers=headers or {})
    return urllib.request.urlopen(request, timeout=20, context=trust)


def status(url: str, trust: ssl.SSLContext | None = None) -> int:
    """0 if nobody answers."""
    try:
        return int(get(url, trust=trust).status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def last_of(text: str) -> str:
    return text.strip().splitlines()[-1].strip()


def _said_by(dockerfile: str, pattern: str) -> list[str]:
    found = re.search(pattern, dockerfile, re.MULTILINE)
    return list(json.loads(found[1])) if found else []


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
