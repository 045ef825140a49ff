"""What runs on the machines of the drill: started, watched, killed, and started again."""

import http.client
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from devtools.drill.network import Machine
from devtools.environment import ROOT, Stop
from devtools.processes import Child, answers

SECONDS_TO_GET_READY = 90
PAUSE = 1.0  # seconds before a supervisor starts anew what has ended by itself


@dataclass
class Service:
    """A program on a machine. `is_ready` says whether it works, seen from where visitors are."""

    name: str
    machine: Machine
    command: Sequence[str | Path]
    folder: Path
    env: dict[str, str]
    is_ready: Callable[["Service"], bool]
    user: str = ""  # root, if none is named
    is_wanted: bool = False
    restarts: int = 0
    log_starts_at: int = 0  # where the log of the latest run begins
    child: Child = field(init=False)

    def __post_init__(self) -> None:
        drop = ["setpriv", f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups"]
        self.command = [*(drop if self.user else []), *self.command]
        log = self.folder / f"{self.name}.log"
        self.child = Child(self.name, self.command, log, self.env, ROOT)

    def start(self) -> None:
        self.is_wanted = True
        if not self.child.running:
            self.child.kill()  # what is left of its group
            self.child.command = self.machine.inside(self.command)
            self.log_starts_at = len(self._log())
            self.child.start()

    def kill(self) -> None:
        self.is_wanted = False
        self.child.kill()

    def has_said(self, words: str) -> bool:
        """Whether its latest run has logged these words."""
        return words.encode() in self._log()[self.log_starts_at :]

    def _log(self) -> bytes:
        log = self.child.log
        return log.read_bytes() if log and log.exists() else b""


class Supervisor:
    """Starts again what ends by itself, as systemd would; never what we killed."""

    def __init__(self) -> None:
        self.services: dict[str, Service] = {}
        self._lock = threading.Lock()
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def add(self, *services: Service) -> None:
        self.services |= {service.name: service for service in services}

    def start(self, *names: str, seconds: float = SECONDS_TO_GET_READY) -> None:
        """Start them side by side, and return when all are ready."""
        with self._lock:
            for name in names:
                self.services[name].start()
        if not self._thread.is_alive():
            self._thread.start()
        self.wait_for(*names, seconds=seconds)

    def wait_for(self, *names: str, seconds: float = SECONDS_TO_GET_READY) -> None:
        end = time.monotonic() + seconds
        for name in names:
            service = self.services[name]
            while not (service.child.running and service.is_ready(service)):
                if time.monotonic() > end:
                    raise Stop(f"{name} did not get ready.\n{service.child.last_lines(30)}")
                time.sleep(0.1)

    def kill(self, *names: str) -> None:
        """SIGKILL, for each of them and all that it started."""
        with self._lock:
            for name in names:
                self.services[name].kill()

    def kill_machine(self, machine: Machine) -> list[str]:
        """SIGKILL for all that runs there. Returns what has to be started to bring it back."""
        with self._lock:
            here = [one for one in self.services.values() if one.machine is machine]
            for service in here:
                service.is_wanted = False
            machine.kill()
            for service in here:
                service.child.kill()
        return [service.name for service in here]

    def restarts(self) -> dict[str, int]:
        return {name: one.restarts for name, one in self.services.items() if one.restarts}

    def close(self) -> None:
        self._is_over.set()
        with self._lock:
            for service in self.services.values():
                service.kill()

    def _watch(self) -> None:
        ended_at: dict[str, float] = {}
        while not self._is_over.wait(0.2):
            with self._lock:
                for name, service in self.services.items():
                    if not service.is_wanted or service.child.running:
                        ended_at.pop(name, None)
                    elif time.monotonic() - ended_at.setdefault(name, time.monotonic()) > PAUSE:
                        service.start()
                        service.restarts += 1


def listens(port: int) -> Callable[[Service], bool]:
    return lambda service: answers(port, service.machine.address)


def says_ok(port: int, path: str) -> Callable[[Service], bool]:
    """Whether a GET is answered by 200."""

    def ask(service: Service) -> bool:
        connection = http.client.HTTPConnection(service.machine.address, port, timeout=2)
        try:
            with closing(connection):
                connection.request("GET", path)
                return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False

    return ask


def logs(words: str) -> Callable[[Service], bool]:
    return lambda service: service.has_said(words)
