"""The machine: whether the site can be installed on it, its packages, its user and its folders."""

import os
import pwd
import re
import shutil
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

from deploy.installed import USER, Stop
from deploy.installing.changes import folder, output, progress, run
from deploy.installing.place import ACME, BACKUPS, CURRENT, ETC, STATIC, VAR

PACKAGES = ["python3-venv", "postgresql", "redis-server", "nginx", "ca-certificates"]
FREE_GB, FREE_GB_AGAIN = 3.0, 0.5  # packages and a release take 1.3; what is left is for the site


def check_machine() -> None:
    if os.geteuid() != 0:
        raise Stop("Only root can install. Run it as: sudo python3 deploy/install.py")
    system = _os_release()
    if "debian" not in f"{system.get('ID')} {system.get('ID_LIKE')}" or sys.version_info < (3, 11):
        raise Stop("This is for Debian 12 and newer. Elsewhere, docs/install.md has containers.")
    if not Path("/run/systemd/system").is_dir():
        raise Stop("systemd does not run here. In a container, follow docs/install.md instead.")
    needed = FREE_GB_AGAIN if CURRENT.exists() else FREE_GB
    for disk in ("/opt", "/var"):
        free = shutil.disk_usage(disk).free / 1e9
        if free < needed:
            raise Stop(
                f"Only {free:.1f} GB is free in {disk}, and {needed:g} GB is needed. Make room,"
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
        shown = output(["ss", "-Hltnp", f"sport = :{port}"])
        programs = set(re.findall(r'\(\("([^"]+)"', shown)) or {"another program"}
        return "" if "nginx" in programs else ", ".join(sorted(programs))


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
    return output(["dpkg-query", "-W", "-f", "${db:Status-Status}", package]) == "installed"


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
