"""What `dev.py image` does last: runs the image as deploy/compose.yaml says, and asks it.

In a network of its own, in which the names of the composition lead to this machine: so the
processes have the commands, the environment, the secrets and the health checks of compose.yaml,
as another user than root, on a root that they cannot write to. PostgreSQL, Redis and nginx are
Debian's instead of the images that compose.yaml names, and Docker itself is not tried.
"""

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
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from devtools import services
from devtools.composition import ADMINISTRATOR, HOST, USER, Composition
from devtools.environment import Stop
from devtools.image import run, say
from devtools.processes import Child, wait_until

PATIENCE = 180  # seconds: on a small machine, all at once
GRACE = 40  # seconds: what compose.yaml gives a process to end


def main(root: Path, folder: Path) -> int:
    run("ip", "link", "set", "lo", "up")
    site = Composition(root, folder)
    # For us alone: names lead here, as they lead to each other's containers in Docker.
    run("mount", "--bind", f"{folder}/hosts", "/etc/hosts")
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
            child.stop(patience=GRACE)
        site.mail.close()
    say("All of it held.")
    return 0


def rehearse(site: Composition, started: list[Child]) -> None:
    postgres = services.start_postgres(site.folder, port=5432)
    redis = services.start_redis(site.folder, port=6379)
    started += [postgres.process, redis.process]
    site.make_database(postgres.port)
    say("postgres: the site has a database, and a role that is no superuser")
    say(f"migrate: {site.call('migrate').count(' OK')} migrations")
    say(f"migrate, once more: {last_of(site.call('migrate'))}")

    running = {name: site.start(name) for name in ("web", "worker", "sender", "beat")}
    started += running.values()
    for name in ("web", "worker", "sender"):
        began = time.monotonic()
        until(f"{name} is well by its health check", partial(site.ask, name))
        say(f"{name}: well by its health check, {time.monotonic() - began:.0f} s after the start")
    look_at(site, running)
    trust = go_public(site, started)
    running["backup"] = site.start("backup")
    started.append(running["backup"])
    work(site, trust)
    for name, child in running.items():
        began = time.monotonic()
        os.kill(of(child), signal.SIGTERM)
        code = child.wait_for_end(GRACE)
        took = time.monotonic() - began
        if took >= GRACE:
            raise Stop(f"{name} does not end when it is asked to.")
        say(f"{name}: ended {took:.1f} s after SIGTERM, exit code {code}")


def go_public(site: Composition, started: list[Child]) -> ssl.SSLContext:
    """nginx, before there is a certificate and when it comes; who trusts that one."""
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
    return trust


def work(site: Composition, trust: ssl.SSLContext) -> None:
    """An administrator is invited, an archive is made and tried, a monitor asks."""
    said = site.call("manage", "invite", ADMINISTRATOR)
    link = re.search(rf"https://{HOST}/\S+", said)
    if not link or status(link[0], trust) != 200:
        raise Stop(f"The invitation leads nowhere:\n{said}")
    until("the sender sends the invitation", lambda: bool(site.mail.emails))
    if site.mail.emails[0].recipients != (ADMINISTRATOR,):
        raise Stop("The invitation went to someone else.")
    say("manage invite: the link opens over TLS, and the email has arrived")
    archives = site.volume("backups")
    until("there is an archive", lambda: bool(list(archives.glob("*.tar"))))
    say(f"backup: {next(archives.glob('*.tar')).stat().st_size:,} bytes on the first start")
    say(f"manage restore --test: {last_of(site.call('manage', 'restore', '--test'))}")
    token = (site.folder / "deploy/secrets/status_token").read_text().strip()
    bearer = {"Authorization": f"Bearer {token}"}
    say(f"/status: {status(f'https://{HOST}/status', trust, bearer)}")


def look_at(site: Composition, running: dict[str, Child]) -> None:
    """Whose processes they are, that they cannot write where they should not, and what web says."""
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
    server = int(str(site.services["postgres"].facts["image"]).rpartition(":")[2])
    said = site.one_off("manage", ["pg_dump", "--version"])
    client = re.search(r"\d+", said)
    if not client or int(client[0]) < server:
        raise Stop(f"{said.strip()} cannot save what PostgreSQL {server} has.")
    say(f"web: /readyz {status('http://127.0.0.1:8000/readyz')}")
    proxied = {"Host": HOST, "X-Forwarded-Proto": "https"}  # as nginx says it
    page = get("http://127.0.0.1:8000/", proxied).read()
    stylesheet = re.search(r'href="(/static/[^"]+\.css)"', page.decode())
    if not stylesheet:
        raise Stop("The home page names no stylesheet.")
    answer = status(f"http://127.0.0.1:8000{stylesheet[1]}", headers=proxied)
    say(f"web: / {len(page):,} bytes, {stylesheet[1]} {answer}")


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
    # With cookies: an invitation sends on to a page without its key in the address.
    opener = urllib.request.build_opener(
        urllib.request.HTTPSHandler(context=trust), urllib.request.HTTPCookieProcessor()
    )
    return opener.open(request, timeout=20)


def status(
    url: str, trust: ssl.SSLContext | None = None, headers: dict[str, str] | None = None
) -> int:
    """0 if nobody answers."""
    try:
        return int(get(url, headers, trust).status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def last_of(text: str) -> str:
    return text.strip().splitlines()[-1].strip()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
