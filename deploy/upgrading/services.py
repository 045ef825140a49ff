"""The processes, and how they are exchanged while visitors come.

Web processes listen by SO_REUSEPORT, so that two services can share one address: the next is
started and asked, and then the first is told to end, which finishes what it has begun. An answer
says which of the two it is from: /readyz names version and start to whoever brings STATUS_TOKEN.
"""

import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from deploy.installed import Stop
from deploy.upgrading.place import LAST_LINES, Failed, Place

WEB = {"1": "site-web@1.service", "2": "site-web@2.service"}
OTHERS = ["site-worker.service", "site-sender.service", "site-beat.service"]
AGREED = 12  # answers in a row, each over a connection of its own
PAUSE = 0.2
TRIED_PAGES = ["/", "/contact/", "/admin/login/"]


@dataclass(frozen=True)
class Answer:
    status: int  # 0: there was none
    text: str = ""

    def is_ready(self, version: str, *, since: datetime) -> bool:
        """Whether it is of this version, by a process that started at this moment or later."""
        words = self.text.split()
        if self.status != 200 or len(words) != 3 or words[:2] != ["ok", version]:
            return False
        try:
            return datetime.fromisoformat(words[2]) >= since
        except ValueError:
            return False


class Services:
    def __init__(self, place: Place) -> None:
        self.place = place
        self.token = place.said("STATUS_TOKEN")
        if not self.token:
            raise Stop(
                f"STATUS_TOKEN is not set in {place.settings}: without it nobody learns which"
                " version answers. Set it to 16 random characters or more: `openssl rand -hex 16`."
            )
        self.site = urlsplit(place.said("SITE_URL"))

    # Web

    def exchange_web(self, version: str, *, remember: Callable[[str], None]) -> None:
        """Start the web service that does not run, have it answer, and stop the other.

        If it does not get ready, it is stopped again, and the other has noticed nothing.
        """
        running = [one for one in WEB if self._is_active(WEB[one])]
        new = {"1": "2", "2": "1"}[running[0]] if len(running) == 1 else "2"
        if len(running) == 2:  # interrupted: the one that was being started is started again
            new = self.place.note.get("web") or new
        old = {"1": "2", "2": "1"}[new]
        remember(new)
        began = datetime.now(UTC)
        try:
            self._control("restart", WEB[new])
            self._wait_for(version, began, new)
        except (Stop, Failed) as error:
            if old in running:
                self._control("stop", WEB[new])
            raise Stop(str(error)) from None
        self._control("enable", WEB[new])
        self._control("disable", WEB[old])
        self._control("stop", WEB[old])
        in_row, end = 0, time.monotonic() + self.place.patience
        while in_row < AGREED:
            is_right = self._ask(self._port(), "/readyz").is_ready(version, since=began)
            in_row = in_row + 1 if is_right else 0
            if not is_right and time.monotonic() > end:
                raise Stop(f"{WEB[new]} does not answer as {version} every time.")

    def serves(self, version: str) -> bool:
        """Whether this version answers, every time and well."""
        for _ in range(AGREED):
            words = self._ask(self._port(), "/readyz").text.split()
            if words[:2] != ["ok", version]:
                return False
        return True

    def _wait_for(self, version: str, since: datetime, new: str) -> None:
        end = time.monotonic() + self.place.patience
        while not self._ask(self._port(), "/readyz").is_ready(version, since=since):
            if not self._is_active(WEB[new]):
                raise Stop(f"{WEB[new]} ended while it started: journalctl -u {WEB[new]} says why.")
            if time.monotonic() > end:
                raise Stop(f"{WEB[new]} was not ready in {self.place.patience:.0f} s.")
            time.sleep(PAUSE)

    def try_out(self, version: str) -> None:
        """Start this release on a port of its own, and look at pages that visitors see."""
        place, port, began = self.place, _free_port(), datetime.now(UTC)
        run = [place.release(version) / "deploy" / "run", "web", "--port", str(port)]
        command = ["setpriv", "--pdeathsig=TERM", *map(str, run), "--workers", "1"]
        place.write_log(f"$ {' '.join(command)}")
        log_began = place.log.stat().st_size if place.log.exists() else 0
        with place.log.open("ab") as log:
            process = subprocess.Popen(
                place.as_site(command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=place.process_environment(),
                start_new_session=True,
            )
        try:
            self._look_at(process, port, version, began)
        except Stop as error:
            said = place.log.read_bytes()[log_began:].decode(errors="replace").strip()
            last = "\n".join(said.splitlines()[-LAST_LINES:])
            raise Stop(f"{error}\n{last}".rstrip()) from None
        finally:
            _end(process)

    def _look_at(
        self, process: subprocess.Popen[bytes], port: int, version: str, began: datetime
    ) -> None:
        end = time.monotonic() + self.place.patience
        while not self._ask(port, "/readyz").is_ready(version, since=began):
            if process.poll() is not None:
                raise Stop(f"{version} does not start.")
            if time.monotonic() > end:
                raise Stop(f"{version} was not ready in {self.place.patience:.0f} s.")
            time.sleep(PAUSE)
        for page in TRIED_PAGES:
            if (status := self._ask(port, page).status) not in (200, 302):
                raise Stop(f"{version} starts, but answers {page} with {status}.")

    # Workers and beat

    def restart_others(self) -> None:
        """Each ends what it does, within half a minute, and starts anew; meanwhile emails wait."""
        self._control("restart", *OTHERS)
        end = time.monotonic() + self.place.settle
        while time.monotonic() < end:
            self.check_others()
            time.sleep(PAUSE)

    def check_others(self) -> None:
        for name in OTHERS:
            if not self._is_active(name):
                raise Stop(f"{name} does not stay up: journalctl -u {name} says why.")

    # How it is asked and told

    def _control(self, *words: str) -> str:
        return self.place.run([self.place.control, *words])

    def _is_active(self, name: str) -> bool:
        with suppress(Failed):
            self._control("is-active", "--quiet", name)
            return True
        return False

    def _port(self) -> int:
        return urlsplit(self.place.address).port or 80

    def _ask(self, port: int, path: str) -> Answer:
        host = urlsplit(self.place.address).hostname or "127.0.0.1"
        connection = http.client.HTTPConnection(host, port, timeout=10)
        headers = {"Host": self.site.netloc or host, "X-Forwarded-Proto": self.site.scheme}
        if path == "/readyz":
            headers["Authorization"] = f"Bearer {self.token}"
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            return Answer(answer.status, answer.read().decode(errors="replace"))
        except (OSError, http.client.HTTPException):
            return Answer(0)
        finally:
            connection.close()


def _free_port() -> int:
    with socket.socket() as attempt:
        attempt.bind(("127.0.0.1", 0))
        return int(attempt.getsockname()[1])


def _end(process: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(15)
