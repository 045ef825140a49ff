"""Packages of the system, where we may install them: root, on Debian and its kin."""

import os
import shutil
import subprocess
from functools import cache


def install(*packages: str) -> bool:
    """Whether the packages are there now. Only root on a Debian-like system can do this."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    print(f"Installing {' '.join(packages)} with apt-get …")
    return _apt_update() and _apt("install", "--no-install-recommends", *packages)


@cache
def _apt_update() -> bool:
    return _apt("update")


def _apt(*arguments: str) -> bool:
    done = subprocess.run(
        ["apt-get", "-qq", "-y", "-o", "Acquire::Retries=3", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
    )
    if done.returncode:
        print(f"apt-get {arguments[0]} failed:\n{done.stdout}")
    return done.returncode == 0
