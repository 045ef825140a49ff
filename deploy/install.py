#!/usr/bin/env python3
"""The site on a Debian server, from nothing to the first administrator's link. As root:

    python3 deploy/install.py

It asks for at most five things, and says what it does. Run it again after a failure, and it goes
on from there; run it once more, and it changes nothing. Each answer can be given beforehand, as an
option or as a variable (--domain or INSTALL_DOMAIN, and so on): then it asks nothing.

Needs only Python's standard library, and a Debian from 12 on. docs/install.md says what it makes.
"""

import argparse
import contextlib
import http.client
import os
import pwd
import re
import runpy
import secrets
import shlex
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

TREE = Path(__file__).resolve().parent.parent
RELEASES, CURRENT = Path("/opt/site/releases"), Path("/opt/site/current")
SOURCE = Path("/opt/site/source")
ETC = Path("/etc/site")
SETTINGS, NGINX_OPTIONS, ADMINISTRATOR = (
    ETC / "site.env",
    ETC / "nginx.options",
    ETC / "administrator",
)
VAR, STATIC, BACKUPS = (
    Path("/var/lib/site"),
    Path("/var/lib/site-static"),
    Path("/var/backups/site"),
)
ACME = Path("/var/www/acme")
COMMAND = Path("/usr/local/bin/site")
LOG = Path("/var/log/site-install.log")
UNITS = Path("/etc/systemd/system")
NGINX = Path("/etc/nginx")
USER = "site"
PACKAGES = ["python3-venv", "postgresql", "redis-server", "nginx", "ca-certificates"]
STARTED = ["site-worker.service", "site-sender.service", "site-beat.service"]
TIMERS = ["site-backup.timer", "site-restore-test.timer"]
RECIPIENTS = "/admin/leads/recipient/add/"
FREE_GB, FREE_GB_AGAIN = 3.0, 0.5  # packages and a release take 1.3; what is left is for the site
LOOPBACK = ("127.0.0.1", "localhost", "[::1]", "::1")
# Whoever waits in the queue of a web process that stops is handed to the one that has started.
SYSCTL = "net.ipv4.tcp_migrate_req = 1\n"


class Stop(Exception):
    """What is wrong and what to do about it, in a sentence or two."""


# --- what is asked ------------------------------------------------------------------------------


def domain(value: str) -> str:
    if "://" in value:
        raise Stop(f"{value} is a whole address. Write the domain alone, as www.example.com.")
    name = value.rstrip(".").lower()
    if not name.isascii():
        with contextlib.suppress(UnicodeError):
            name = name.encode("idna").decode()
    label = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
    if not re.fullmatch(rf"({label}\.)+[a-z][a-z0-9-]*[a-z0-9]", name) or len(name) > 253:
        raise Stop(f"{value!r} is no domain. Write it as www.example.com, without path or port.")
    return name


def email(value: str) -> str:
    local, _, host = value.strip().rpartition("@")
    try:
        if not re.fullmatch(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+", local):
            raise Stop
        return f"{local}@{domain(host)}"
    except Stop:
        raise Stop(f"{value!r} is no email address. Write it as ida@example.com.") from None


def mail_server(value: str) -> str:
    fix = "Write it as smtp+tls://user:password@mail.example.com:587, with %40 for @ in the name."
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise Stop(f"The mail server's URL cannot be read. {fix}") from None
    if parts.scheme not in ("smtp+tls", "smtps", "smtp"):
        raise Stop(f"The mail server's URL does not begin with smtp+tls:// or smtps://. {fix}")
    if not parts.hostname or parts.path.strip("/") or " " in value or port == 0:
        raise Stop(f"The mail server's URL names no host. {fix}")
    if parts.netloc.count("@") > 1:
        raise Stop(f"The mail server's URL has an @ too many. {fix}")
    if parts.scheme == "smtp" and parts.hostname not in LOOPBACK:
        raise Stop(f"smtp:// has no TLS, and the mail server is on another machine. {fix}")
    return value


def sender(value: str) -> str:
    found = re.fullmatch(r"\s*([^<>]*?)\s*<([^<>]*)>\s*", value)
    if not found:
        return email(value)
    shown, address = found.groups()
    return f"{shown} <{email(address)}>" if shown else email(address)


def time_zone(value: str) -> str:
    # The machine may have no list of zones yet. What has the form of one is checked by the site.
    if not re.fullmatch(r"UTC|[A-Za-z_]+(/[A-Za-z0-9_+-]+){1,2}", value):
        raise Stop(f"{value!r} is no time zone. Write it as Europe/Berlin.")
    return value


@dataclass(frozen=True)
class Asked:
    name: str  # of the option, and INSTALL_… in the environment
    question: str
    check: Callable[[str], str]
    default: Callable[[Mapping[str, str]], str] | None = None
    secret: bool = False


QUESTIONS = [
    Asked("domain", "Domain of the site, as www.example.com", domain),
    Asked("email", "Email address of the first administrator", email),
    Asked(
        "mail-server",
        "Mail server, as smtp+tls://user:password@mail.example.com:587",
        mail_server,
    ),
    Asked(
        "sender",
        "Sender of the site's emails",
        sender,
        lambda given: f"website@{given['domain'].removeprefix('www.')}",
    ),
    Asked("time-zone", "Time zone of the office", time_zone, lambda given: machine_zone()),
]


def machine_zone() -> str:
    with contextlib.suppress(OSError):
        zone = Path("/etc/timezone").read_text().strip()
        return "UTC" if zone in ("", "Etc/UTC") else zone
    return "UTC"


def answers(options: argparse.Namespace, known: Mapping[str, str]) -> dict[str, str]:
    """By option, from the environment, from an earlier run, or asked for."""
    given: dict[str, str] = {}
    is_talking = sys.stdin.isatty() and not options.unattended
    for one in QUESTIONS:
        variable = f"INSTALL_{one.name.upper().replace('-', '_')}"
        said = getattr(options, one.name.replace("-", "_")) or os.environ.get(variable)
        if said:
            given[one.name] = one.check(said)
        elif known.get(one.name):
            given[one.name] = known[one.name]
        elif is_talking:
            given[one.name] = _asked(one, given)
        elif one.default:
            given[one.name] = one.default(given)
        else:
            raise Stop(f"Nobody is here to ask. Say --{one.name}, or set {variable}.")
    return given


def _asked(one: Asked, given: Mapping[str, str]) -> str:
    default = one.default(given) if one.default else ""
    while True:
        said = input(f"{one.question}{f' [{default}]' if default else ''}: ").strip() or default
        try:
            return one.check(said)
        except Stop as wrong:
            print(wrong)


def earlier_answers() -> dict[str, str]:
    known = settings()
    if not known:
        return {}
    host = urlsplit(known.get("SITE_URL", "")).hostname or ""
    admin = ADMINISTRATOR.read_text().strip() if ADMINISTRATOR.exists() else ""
    return {
        "domain": host,
        "email": admin,
        "mail-server": known.get("EMAIL_URL", ""),
        "sender": known.get("DEFAULT_FROM_EMAIL", ""),
        "time-zone": known.get("TIME_ZONE", ""),
    }


# --- what the machine is like -------------------------------------------------------------------


def check_machine() -> None:
    if os.geteuid() != 0:
        raise Stop("Only root can install. Run it as: sudo python3 deploy/install.py")
    system = _os_release()
    if "debian" not in f"{system.get('ID')} {system.get('ID_LIKE')}" or sys.version_info < (3, 11):
        raise Stop("This is for Debian 12 and newer. Elsewhere, docs/install.md has containers.")
    if not Path("/run/systemd/system").is_dir():
        raise Stop("systemd does not run here. In a container, follow docs/install.md instead.")
    needed = FREE_GB_AGAIN if CURRENT.exists() else FREE_GB
    for folder in ("/opt", "/var"):
        free = shutil.disk_usage(folder).free / 1e9
        if free < needed:
            raise Stop(
                f"Only {free:.1f} GB are free in {folder}, and {needed:g} GB are needed. Make room,"
                " and run this again."
            )
    for port in (80, 443):
        if taken := _who_listens(port):
            raise Stop(
                f"Port {port} is taken by {taken}. Stop it (systemctl disable --now {taken}, if"
                " that is its service), and run this again."
            )


def _os_release() -> dict[str, str]:
    try:
        lines = Path("/etc/os-release").read_text().splitlines()
    except OSError:
        return {}
    return {name: value.strip('"') for name, _, value in (line.partition("=") for line in lines)}


def _who_listens(port: int) -> str:
    """The program that has the port, unless it is nginx, which is ours."""
    try:
        with socket.create_server(("", port)):
            return ""
    except OSError:
        shown = _output(["ss", "-Hltnp", f"sport = :{port}"])
        programs = set(re.findall(r'\(\("([^"]+)"', shown)) or {"another program"}
        return "" if "nginx" in programs else ", ".join(sorted(programs))


def _output(command: Sequence[str]) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True).stdout
    except OSError:
        return ""


# --- how things are done ------------------------------------------------------------------------


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


def settings() -> dict[str, str]:
    if not SETTINGS.exists():
        return {}
    read: Callable[[], dict[str, str]] = runpy.run_path(str(TREE / "deploy" / "site"))["settings"]
    return read()


# --- the steps ----------------------------------------------------------------------------------


def install_packages(extra: Sequence[str]) -> None:
    missing = [name for name in [*PACKAGES, *extra] if not _is_installed(name)]
    if not missing:
        return
    run(["apt-get", "-q", "update"], "The list of packages cannot be fetched")
    run(
        ["apt-get", "-q", "-y", "--no-install-recommends", "install", *missing],
        "apt-get cannot install the packages",
    )
    progress.change()


def _is_installed(package: str) -> bool:
    return _output(["dpkg-query", "-W", "-f", "${db:Status-Status}", package]) == "installed"


def make_user() -> None:
    try:
        pwd.getpwnam(USER)
    except KeyError:
        run(
            [
                *["useradd", "--system", "--user-group", "--home-dir", str(VAR)],
                *["--shell", "/usr/sbin/nologin", USER],
            ],
            "The user cannot be made",
        )
        progress.change()
    folder(ETC)
    folder(VAR, owner=USER, mode=0o711)  # nginx passes through to the uploads
    folder(STATIC, owner=USER)
    folder(BACKUPS, owner=USER, mode=0o700)
    folder(ACME)


def version_of(tree: Path) -> str:
    found = re.search(r"(?m)^## (\d+\.\d+\.\d+) \(", (tree / "CHANGELOG.md").read_text("utf-8"))
    if not found:
        raise Stop(f"{tree} is no release: its CHANGELOG.md names no version. Unpack it again.")
    return found.group(1)


def place_release() -> Path:
    """The tree with the packages that it is locked to, below /opt/site/releases."""
    if CURRENT.exists() and version_of(CURRENT) != version_of(TREE):
        print(
            f"          Version {version_of(CURRENT)} is installed; another comes by: site upgrade"
        )
        return CURRENT.resolve()
    release = RELEASES / version_of(TREE)
    folder(RELEASES)
    folder(release)
    if release != TREE:
        _copy_tree(release)
    lock = (release / "requirements" / "run.txt").read_text("utf-8")
    mark = release / ".venv" / "installed.txt"  # written last: what it was made from
    if not mark.exists() or mark.read_text("utf-8") != lock:
        run([sys.executable, "-m", "venv", "--clear", f"{release}/.venv"], "No venv can be made")
        run(
            [
                *[f"{release}/.venv/bin/python", "-m", "pip", "install", "--no-deps"],
                *["--require-hashes", "--no-cache-dir", "--disable-pip-version-check"],
                *["--quiet", "--requirement", f"{release}/requirements/run.txt"],
            ],
            "The Python packages cannot be installed",
        )
        write(mark, lock)
    note_source()
    if not CURRENT.exists():
        new = CURRENT.with_name("current.new")
        new.unlink(missing_ok=True)
        new.symlink_to(release)
        new.replace(CURRENT)
        progress.change()
    return release


def _copy_tree(release: Path) -> None:
    before = progress.changes
    for source in _files_of_tree():
        target = release / source.relative_to(TREE)
        content = source.read_bytes()
        if target.exists() and target.read_bytes() == content:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        target.chmod(0o755 if os.access(source, os.X_OK) else 0o644)
        progress.change()
    if progress.changes > before:
        # Services cannot write here: what Python would keep is made now.
        run(
            [
                sys.executable,
                "-m",
                "compileall",
                "-q",
                "-x",
                r"[/\\](\.venv|tests)[/\\]",
                str(release),
            ],
            "The release cannot be compiled",
        )


def _files_of_tree() -> Iterator[Path]:
    left_out = {".git", ".venv", "var", "__pycache__", ".env", "node_modules"}
    for place, folders, names in os.walk(TREE):
        folders[:] = [name for name in folders if name not in left_out]
        yield from (Path(place, name) for name in names if name not in left_out)


def make_database() -> None:
    run(["systemctl", "start", "postgresql"], "PostgreSQL does not start")
    ends = time.monotonic() + 60
    while not works(["runuser", "-u", "postgres", "--", "psql", "-tAc", "SELECT 1"]):
        if time.monotonic() > ends:
            raise Stop(
                "PostgreSQL does not answer. See: journalctl -u 'postgresql*'; then run this again."
            )
        time.sleep(0.5)
    # `site` is USER: written out, so that nobody wonders what becomes part of a statement.
    for question, statement in [
        (
            "SELECT 1 FROM pg_roles WHERE rolname = 'site'",
            # It makes a database of its own when a backup is tried.
            "CREATE ROLE site LOGIN CREATEDB",
        ),
        (
            "SELECT 1 FROM pg_database WHERE datname = 'site'",
            "CREATE DATABASE site OWNER site TEMPLATE template0 ENCODING 'UTF8'"
            " LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'",
        ),
    ]:
        if not _sql(question).strip():
            _sql(statement)
            progress.change()


def _sql(statement: str) -> str:
    command = ["psql", "-v", "ON_ERROR_STOP=1", "-tAXqc", statement]
    return run(command, "PostgreSQL refuses", user="postgres")


def settings_for(given: Mapping[str, str], twin: str) -> dict[str, str]:
    return {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ERASURE_KEY": secrets.token_urlsafe(50),
        "STATUS_TOKEN": secrets.token_urlsafe(32),
        "SITE_URL": f"https://{given['domain']}",
        "ALLOWED_HOSTS": twin,
        "DATABASE_URL": f"postgres://{USER}@//var/run/postgresql/{USER}",
        "REDIS_URL": "redis://127.0.0.1:6379/0",
        "EMAIL_URL": given["mail-server"],
        "DEFAULT_FROM_EMAIL": given["sender"],
        "TIME_ZONE": given["time-zone"],
        "VAR_DIR": str(VAR),
        "STATIC_ROOT": str(STATIC),
        "BACKUP_DIR": str(BACKUPS),
        "SERVE_MEDIA": "0",
        "READ_DOT_ENV": "0",
    }


def write_settings(given: Mapping[str, str], twin: str) -> None:
    """What stands there already stays. A secret is made once."""
    wanted = settings_for(given, twin)
    text = (
        SETTINGS.read_text("utf-8")
        if SETTINGS.exists()
        else (
            "# The settings of the site; .env.example explains each. After a change: site restart\n"
        )
    )
    known = settings()
    answered = {"SITE_URL", "EMAIL_URL", "DEFAULT_FROM_EMAIL", "TIME_ZONE"}  # said anew, they win
    for name, value in wanted.items():
        if name not in known:
            text += f"{name}={_quoted(value)}\n"
        elif name in answered and known[name] != value:
            line = f"{name}={_quoted(value)}"
            text = re.sub(rf"(?m)^{name}=.*$", line.replace("\\", r"\\"), text)
    write(SETTINGS, text, mode=0o640, group=USER)
    write(ADMINISTRATOR, f"{given['email']}\n", mode=0o600)


def _quoted(value: str) -> str:
    if not re.search(r"[\s\"'\\]", value):
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def twin_of(name: str) -> str:
    """The name with or without www, if it leads to this site as well."""
    twin = name.removeprefix("www.") if name.startswith("www.") else f"www.{name}"
    ours, others = _addresses(name), _addresses(twin)
    return twin if ours and ours & others else ""


def _addresses(name: str) -> set[str]:
    try:
        return {str(found[4][0]) for found in socket.getaddrinfo(name, None)}
    except OSError:
        return set()


def fill_database() -> None:
    site("check", trouble="The settings are not right")
    if not works([str(COMMAND), "migrate", "--check"]):
        site("migrate", "--verbosity", "0", trouble="The database cannot be migrated")
        progress.change()


def collect_static_files(is_new: bool) -> None:
    if is_new or not list(STATIC.glob("staticfiles*.json")):
        site("collectstatic", "--noinput", trouble="The static files cannot be collected")
        progress.change()


def note_source() -> None:
    """Where the next release comes from: what this one was cloned from."""
    url = _output(["git", "-C", str(TREE), "remote", "get-url", "origin"]).strip()
    if url and (TREE / ".git").exists() and not SOURCE.exists():
        write(SOURCE, f"{url}\n")


def install_units(release: Path) -> None:
    source = release / "deploy" / "systemd"
    for unit in sorted(path for path in source.rglob("*") if path.is_file()):
        write(UNITS / unit.relative_to(source), unit.read_text("utf-8"))
    if write(Path("/etc/sysctl.d/60-site.conf"), SYSCTL):
        works(["sysctl", "-qp", "/etc/sysctl.d/60-site.conf"])  # a container has no say in it


def start_services(*, is_new: bool) -> None:
    """`is_new`: they may run with what has just been replaced."""
    run(["systemctl", "daemon-reload"], "systemd does not read the units")
    wanted = ["site.target", *STARTED, *TIMERS]
    web = UNITS / "site.target.wants"
    if not list(web.glob("site-web@*.service")):
        wanted.append("site-web@1.service")
    if missing := [unit for unit in wanted if not works(["systemctl", "-q", "is-enabled", unit])]:
        run(["systemctl", "-q", "enable", *missing], "The services cannot be enabled")
        progress.change()
    run(["systemctl", "start", "redis-server"], "Redis does not start")
    is_running = works(["systemctl", "-q", "is-active", "site.target", *STARTED])
    if is_new and is_running:
        run(["systemctl", "restart", "site.target"], "The services do not start again")
    elif not is_running:
        run(["systemctl", "start", "site.target"], "The services do not start")
        progress.change()
    _wait_for_web()


def _wait_for_web() -> None:
    ends = time.monotonic() + 120
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=5)
        with (
            contextlib.closing(connection),
            contextlib.suppress(OSError, http.client.HTTPException),
        ):
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        if time.monotonic() > ends:
            raise Stop(
                "The web processes do not answer. `site logs` and `site doctor` say why; put it"
                " right, and run this again."
            )
        time.sleep(0.5)


def refresh() -> None:
    """What stands outside of a release, as this one has it. Restarts nothing."""
    release = CURRENT.resolve()
    before = progress.changes
    write(COMMAND, (release / "deploy" / "site").read_text("utf-8"), mode=0o755)
    install_units(release)
    if progress.changes > before:
        run(["systemctl", "daemon-reload"], "systemd does not read the units")
    if (NGINX / "sites-enabled/site").exists():
        _configure_nginx(_nginx_options())


def serve(given: Mapping[str, str], twin: str, options: argparse.Namespace) -> None:
    """nginx, first without a certificate, then with it."""
    if options.certificate or not NGINX_OPTIONS.exists():
        own = [f"--certificate={options.certificate}", f"--key={options.key}"]
        text = "# Options of `site nginx_config`, one a line. Then run the installer again.\n"
        write(NGINX_OPTIONS, text + "".join(f"{one}\n" for one in own if options.certificate))
    said = _nginx_options()
    certbots = Path("/etc/letsencrypt/live", given["domain"], "fullchain.pem")
    if needs_certbot() and not certbots.exists():
        _configure_nginx([*said, "--before-certificate"])
        names = [word for name in (given["domain"], twin) if name for word in ("--domain", name)]
        run(
            [
                *["certbot", "certonly", "--webroot", "--webroot-path", str(ACME), *names],
                *["--cert-name", given["domain"], "--email", given["email"], "--agree-tos"],
                *["--non-interactive", "--deploy-hook", "systemctl reload nginx"],
            ],
            f"certbot gets no certificate; the A and AAAA records of {given['domain']} must lead to"
            " this machine, and port 80 must be open",
        )
        progress.change()
    _configure_nginx(said)


def needs_certbot() -> bool:
    """Unless the certificate is another's, or TLS ends before this machine."""
    return not any(one.startswith(("--certificate", "--tls-before")) for one in _nginx_options())


def _nginx_options() -> list[str]:
    if not NGINX_OPTIONS.exists():
        return []
    lines = [line.strip() for line in NGINX_OPTIONS.read_text("utf-8").splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def _configure_nginx(said: Sequence[str]) -> None:
    available, enabled = NGINX / "sites-available/site", NGINX / "sites-enabled/site"
    default = NGINX / "sites-enabled/default"
    before = available.read_text("utf-8") if available.exists() else None
    text = site("nginx_config", *said, trouble="The configuration of nginx cannot be made")
    is_new = write(available, text)
    if not enabled.is_symlink():
        enabled.symlink_to(available)
        progress.change()
        is_new = True
    # Debian's page of welcome, if nobody has made it their own.
    if default.is_symlink() and default.resolve() == NGINX / "sites-available/default":
        default.unlink()
        progress.change()
        is_new = True
    if not is_new and works(["systemctl", "-q", "is-active", "nginx"]):
        return
    try:
        run(["nginx", "-t"], "nginx does not take its configuration")
    except Stop:
        if before is not None:
            write(available, before)
        raise
    run(["systemctl", "reload-or-restart", "nginx"], "nginx does not start")


def look_at_everything() -> None:
    """The doctor's report. Nothing of it stops the installation: DNS records may come later."""
    done = subprocess.run(
        [COMMAND, "doctor"], stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    print(done.stdout.strip() or done.stderr.strip())


def invite(given: Mapping[str, str]) -> str:
    done = subprocess.run(
        [COMMAND, "invite", given["email"]],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode == 0:
        progress.change()
        return done.stdout.strip()
    if "already" in done.stderr:
        return (
            f"{given['email']} is invited already. For another link: site let_in {given['email']}"
        )
    raise Stop(f"The administrator cannot be invited: {done.stderr.strip()} Then run this again.")


def install(options: argparse.Namespace) -> None:
    check_machine()
    given = answers(options, earlier_answers())
    for path in filter(None, (options.certificate, options.key)):
        if not Path(path).is_file():
            raise Stop(f"There is no file {path}. Say where the certificate and its key are.")
    if bool(options.certificate) != bool(options.key):
        raise Stop("A certificate needs its key. Say --certificate FILE --key FILE.")
    print(f"Installing https://{given['domain']} …", flush=True)
    step = progress.step
    with step("packages of Debian"):
        install_packages([] if options.certificate or not needs_certbot() else ["certbot"])
    with step("user and folders"):
        make_user()
    before = progress.changes
    with step("release and its Python packages"):
        release = place_release()
        is_new = progress.changes > before
        if write(COMMAND, (release / "deploy" / "site").read_text("utf-8"), mode=0o755):
            is_new = True
    with step("PostgreSQL: role and database"):
        make_database()
    with step(f"settings in {SETTINGS}"):
        twin = settings().get("ALLOWED_HOSTS") if settings() else twin_of(given["domain"])
        write_settings(given, twin or "")
    with step("tables"):
        fill_database()
    with step("static files"):
        collect_static_files(is_new)
    with step("units of systemd"):
        install_units(release)
    with step("web, worker, sender, beat and timers"):
        start_services(is_new=progress.changes > before)
    with step("nginx and its certificate"):
        serve(given, twin if twin and "," not in twin else "", options)
    invited = invite(given)
    print()
    look_at_everything()
    print()
    print(invited)
    print(f"Then say who gets an email about each inquiry: https://{given['domain']}{RECIPIENTS}")
    minutes, seconds = divmod(round(time.monotonic() - progress.started), 60)
    if progress.changes:
        print(f"\nInstalled in {minutes} min {seconds} s.")
    else:
        print("\nNothing had to be changed.")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    for one in QUESTIONS:
        parser.add_argument(f"--{one.name}", help=one.question)
    parser.add_argument(
        "--certificate", metavar="FILE", help="with its chain, instead of certbot's"
    )
    parser.add_argument("--key", metavar="FILE", help="of that certificate")
    parser.add_argument("--unattended", action="store_true", help="ask nothing")
    parser.add_argument(
        "--refresh",
        action="store_true",
        help="only bring units, nginx and the command `site` to what the current release has",
    )
    options = parser.parse_args()
    os.umask(0o022)
    try:
        refresh() if options.refresh else install(options)
    except Stop as stop:
        sys.exit(f"\n{stop}")
    except KeyboardInterrupt:
        sys.exit("\nStopped. Run this again: it goes on from here.")


if __name__ == "__main__":
    main()
