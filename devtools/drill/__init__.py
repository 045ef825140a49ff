"""`dev.py drill`: the whole site on eleven machines, each of them killed in turn under load.

The machines are network namespaces on one bridge, which live as long as a process of ours does:
nothing of the drill is left on this machine's network, however it ends.
"""

import os
import shutil
import sys

from devtools import apt
from devtools.environment import PYTHON, ROOT, Stop, prepare
from devtools.services import find_postgres, find_redis

PROGRAMS = {  # and Debian's packages that bring them
    "ip": "iproute2",
    "unshare": "util-linux",
    "nsenter": "util-linux",
    "setpriv": "util-linux",
    "haproxy": "haproxy",
    "keepalived": "keepalived",
    "pgbouncer": "pgbouncer",
}


def main(arguments: list[str]) -> int:
    if os.geteuid() != 0 or not sys.platform.startswith("linux"):
        raise Stop("The drill makes network namespaces: run it as root, on Linux.")
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    prepare("dev.txt")
    packages = {package for name, package in PROGRAMS.items() if not shutil.which(name)}
    packages |= {"postgresql"} if not find_postgres() else set()
    packages |= {"redis-server"} if not find_redis() else set()
    if packages and not apt.install(*sorted(packages)):
        raise Stop(f"The drill needs {', '.join(sorted(packages))}: install them, and try again.")
    sys.stdout.flush()
    os.chdir(ROOT)
    # A network of its own, in which there is nothing yet.
    command = ["unshare", "--net", "--", PYTHON, "-m", "devtools.drill.run", *arguments]
    os.execvp(command[0], command)
