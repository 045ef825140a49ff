"""Child processes that we start, watch and end. Nobody else's process is ever touched.

None of them outlives us: when we are killed, a watchdog ends their groups.
"""

import atexit
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any, Self

PORTS = (12_000, 32_000)
_taken: dict[int, socket.socket] = {}  # open for the life of this process, or until given back


class Watchdog:
    """A process that knows our children's groups, and ends them once it hears no more of us."""

    PROGRAM = """
import os, signal, sys
groups = set()
for line in sys.stdin:
    change = groups.add if line.startswith("+") else groups.discard
    change(int(line[1:]))
for group in groups:
    try:
        os.killpg(group, signal.SIGKILL)
    except OSError:
        pass  # ended meanwhile
"""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None

    def add(self, group: int) -> None:
        self._say(f"+{group}")

    def remove(self, group: int) -> None:
        self._say(f"-{group}")

    def _say(self, line: str) -> None:
        with self._lock:
            if self._process is None:
                command = [sys.executable, "-c", self.PROGRAM]
                self._process = subprocess.Popen(
                    command, stdin=subprocess.PIPE, text=True, bufsize=1, start_new_session=True
                )
                atexit.register(self._process.communicate)  # closes the pipe, and waits
            assert self._process.stdin
            with suppress(BrokenPipeError):  # someone ended it: work goes on unwatched
                self._process.stdin.write(f"{line}\n")


_watchdog = Watchdog()


@dataclass
class Child:
    """A process in a group of its own, so that ending it ends all it started, and nothing else.

    The same object may be started again after it ended: same command, same log.
    """

    name: str
    command: Sequence[str | Path]
    log: Path | None = None  # None: it speaks on our own terminal
    env: Mapping[str, str] | None = None
    cwd: Path | None = None
    popen_options: dict[str, Any] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        if self.running:
            raise RuntimeError(f"{self.name} is already running.")
        output = self.log.open("ab") if self.log else None
        try:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT if output else None,
                env=self.env,
                cwd=self.cwd,
                start_new_session=True,
                **self.popen_options,
            )
        finally:
            if output:
                output.close()
        _watchdog.add(self.pid)
        return self

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def pid(self) -> int:
        if self.process is None:
            raise RuntimeError(f"{self.name} is not running.")
        return self.process.pid

    def send(self, number: signal.Signals) -> None:
        """Signal the process alone; what it started hears of it from the process."""
        if self.running:
            os.kill(self.pid, number)

    def pause(self) -> None:
        """Freeze its group: its port still takes connections, but nobody answers. What has left the
        group goes on, as a connection's own process of PostgreSQL does.
        """
        self._signal_group(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal_group(signal.SIGCONT)

    def stop(self, *, ask: signal.Signals = signal.SIGTERM, patience: float = 10) -> None:
        """Ask it to end; when it will not, or leaves something behind, end the whole group."""
        self.send(ask)
        self.resume()  # a frozen process hears nothing
        self.wait_for_end(patience)

    def kill(self) -> None:
        """End it and all it started at once, without a chance to tidy up."""
        self.wait_for_end(0)

    def wait_for_end(self, patience: float) -> int | None:
        """Its exit code. Out of patience, it is ended, and with it what is left of its group."""
        if self.process is None:
            return None
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(patience)
        self._signal_group(signal.SIGKILL)
        _watchdog.remove(self.pid)
        code = self.process.wait()
        self.process = None  # the number may soon be another process's
        return code

    def last_lines(self, count: int = 15) -> str:
        if self.log is None or not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-count:])

    def _signal_group(self, number: signal.Signals) -> None:
        if self.process is None:
            return
        # Either of the two says that the whole group has ended; the second is macOS's word.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)


class Keeper:
    """Starts a child again whenever it ends; the sooner it ends, the longer it waits."""

    MIN_PAUSE, MAX_PAUSE = 1.0, 30.0  # seconds
    LONG_LIFE = 60.0

    def __init__(self, child: Child, *, report: Callable[[str], None] = print) -> None:
        self.child = child
        self._report = report
        self._pause = self.MIN_PAUSE
        self._started_at = time.monotonic()
        self._due_at: float | None = None

    def look(self) -> bool:
        """Whether the child was started again just now."""
        if self.child.running:
            return False
        now = time.monotonic()
        if self._due_at is None:
            if now - self._started_at > self.LONG_LIFE:
                self._pause = self.MIN_PAUSE
            code = self.child.wait_for_end(0)  # and with it what it has left behind
            self._say(f"The {self.child.name} ended (exit code {code}).", self._pause)
            self._due_at, self._pause = now + self._pause, min(self._pause * 2, self.MAX_PAUSE)
        if now < self._due_at:
            return False
        self.child.start()
        self._started_at, self._due_at = time.monotonic(), None
        return True

    def _say(self, what: str, pause: float) -> None:
        line = f"{time.strftime('%H:%M:%S')} {what} Restarting it in {pause:.0f} s."
        self._report(line)
        if self.child.log:
            with self.child.log.open("a") as log:
                log.write(f"{line}\n")


def on_ending_signals(handler: Callable[[int, FrameType | None], Any] | signal.Handlers) -> None:
    """Ctrl-C, kill, and a closed terminal all mean the same to us."""
    for number in [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]:
        signal.signal(number, handler)


def stop_all(children: Sequence[Child], *, patience: float = 10) -> None:
    """Ask all of them first and wait then, so that the slowest sets the time."""
    for child in children:
        child.send(signal.SIGTERM)
    end = time.monotonic() + patience
    for child in children:
        child.wait_for_end(max(0.0, end - time.monotonic()))


def wait_until(condition: Callable[[], bool], *, seconds: float, pause: float = 0.02) -> bool:
    """Whether the condition came true within the time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(pause)
    return True


def port_is_free(port: int) -> bool:
    with socket.socket() as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def answers(port: int, host: str = "127.0.0.1") -> bool:
    """Whether somebody listens there and takes a connection."""
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True


def free_port() -> int:
    """A port that nobody listens on, and that is ours until this process ends
    or gives it back.

    A server that a test stops finds its port again when it starts. The port lies below those that
    systems give to whoever asks for any (from 32768 on Linux), and its namesake for UDP is bound
    here as the sign for other processes that ask this function.
    """
    for port in random.sample(range(*PORTS), k=min(1000, len(range(*PORTS)))):
        sign = socket.socket(type=socket.SOCK_DGRAM)
        try:
            sign.bind(("127.0.0.1", port))
        except OSError:
            sign.close()
            continue
        if port_is_free(port):
            _taken[port] = sign
            return port
        sign.close()
    raise RuntimeError("All ports for tests are in use.")


@atexit.register
def _give_all_back() -> None:
    for port in list(_taken):
        give_back(port)


def give_back(port: int) -> None:
    """Someone else may have it now. For those who take hundreds of them, one after the other."""
    if sign := _taken.pop(port, None):
        sign.close()
