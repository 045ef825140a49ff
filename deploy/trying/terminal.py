"""What an operator would see."""

import os
import pty
import select
import subprocess
import time
from collections.abc import Sequence

from deploy.trying.machine import Machine


class Transcript:
    """What an operator would see, with the time since the beginning."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.began = time.monotonic()

    def say(self, line: str = "") -> None:
        self.lines.append(line)
        print(f"{self.clock()}  {line}", flush=True)

    def clock(self) -> str:
        minutes, seconds = divmod(int(time.monotonic() - self.began), 60)
        return f"{minutes:02}:{seconds:02}"

    def heading(self, text: str) -> None:
        self.say()
        self.say(f"# {text} ({self.clock()} since the start)")


def typed(machine: Machine, line: str, answers: Sequence[str], to: Transcript) -> str:
    """What a terminal shows while someone answers."""
    leader, follower = pty.openpty()
    child = subprocess.Popen(
        machine.command(f"stty -echo; {line}"),
        stdin=follower,
        stdout=follower,
        stderr=follower,
        start_new_session=True,
        cwd="/",
    )
    os.close(follower)
    shown, waiting, left = "", "", list(answers)
    while True:
        readable, _, _ = select.select([leader], [], [], 900)
        try:
            data = os.read(leader, 4096) if readable else b""
        except OSError:
            break
        if not data:
            break
        text = data.decode("utf-8", "replace").replace("\r\n", "\n")
        shown += text
        waiting += text
        *whole, waiting = waiting.split("\n")
        for one in whole:
            to.say(one)
        if waiting.endswith(": ") and left:
            answer = left.pop(0)
            to.say(f"{waiting}{answer}")
            waiting = ""
            os.write(leader, f"{answer}\n".encode())
    if waiting.strip():
        to.say(waiting)
    os.close(leader)
    if child.wait():
        raise SystemExit(f"{line} failed.\n{machine.run('tail -40 /var/log/site-install.log')}")
    return shown
