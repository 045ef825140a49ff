"""Machines that are network namespaces, with a cable each to one switch.

This process has to be in a network of its own (`unshare --net`): the switch is in it, and the
visitors are.
"""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from devtools.environment import Stop
from devtools.processes import Child, wait_until

NETWORK = "10.77.0"
SWITCH = "switch"
HERE = f"{NETWORK}.1"
VISITORS = "10.78"  # visitors have addresses of their own: the site counts what each one does


def run(*command: str) -> None:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise Stop(f"This failed: {' '.join(command)}\n{done.stdout}")


def make_switch() -> None:
    if len(socket.if_nameindex()) > 1:
        raise Stop("This is the network of the machine itself. Start the drill by `dev.py drill`.")
    run("ip", "link", "set", "lo", "up")
    run("ip", "link", "add", SWITCH, "type", "bridge")
    run("ip", "address", "add", f"{HERE}/24", "dev", SWITCH)
    run("ip", "link", "set", SWITCH, "up")
    run("ip", "route", "add", "local", f"{VISITORS}.0.0/16", "dev", "lo")


class Machine:
    """A network namespace with an address; what runs in it dies together."""

    def __init__(self, name: str, number: int) -> None:
        self.name = name
        self.address = f"{NETWORK}.{number}"
        self._cable = f"port{number}"
        # It holds the namespace: when it ends, and what runs in it, namespace and cable are gone.
        self._holder = Child(f"network of {name}", ["unshare", "--net", "sleep", "infinity"])

    def start(self) -> Self:
        self._holder.start()
        ours = os.readlink("/proc/self/ns/net")

        def has_its_own() -> bool:
            with suppress(OSError):
                program = Path(f"/proc/{self._holder.pid}/comm").read_text()
                return program.strip() == "sleep" and os.readlink(self._namespace) != ours
            return False

        if not wait_until(has_its_own, seconds=10):
            raise Stop(f"There is no network namespace for {self.name}.")
        holder = str(self._holder.pid)
        run("ip", "link", "add", self._cable, "type", "veth", "peer", "eth0", "netns", holder)
        run("ip", "link", "set", self._cable, "master", SWITCH)
        for command in [
            f"ip address add {self.address}/24 dev eth0",
            "ip link set lo up",
            "ip link set eth0 up",
        ]:
            run(*self.inside(command.split()))
        self.join()
        run(*self.inside(f"ip route add {VISITORS}.0.0/16 via {HERE}".split()))
        return self

    @property
    def _namespace(self) -> str:
        return f"/proc/{self._holder.pid}/ns/net"

    def inside(self, command: Sequence[str | Path]) -> list[str]:
        """The same command, on this machine."""
        return ["nsenter", f"--net={self._namespace}", "--", *map(str, command)]

    def cut(self) -> None:
        """Pull the cable: whoever talks with this machine hears nothing any more."""
        run("ip", "link", "set", self._cable, "down")

    def join(self) -> None:
        run("ip", "link", "set", self._cable, "up")

    def kill(self) -> None:
        """SIGKILL for all that runs here, whoever started it."""
        while found := self._processes():
            for process in found:
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            time.sleep(0.01)

    def _processes(self) -> list[int]:
        own = os.readlink(self._namespace)
        found = []
        for path in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                is_dead = "\nState:\tZ" in (path / "status").read_text()
                if os.readlink(path / "ns" / "net") == own and not is_dead:
                    found.append(int(path.name))
        return [number for number in found if number != self._holder.pid]

    def close(self) -> None:
        if self._holder.running:
            self.kill()
            self._holder.kill()
