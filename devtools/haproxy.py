"""HAProxy as deploy/haproxy.cfg says, for tests and for the drill."""

import re
import signal
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from devtools.environment import ROOT, Stop
from devtools.processes import Child, answers, free_port
from devtools.services import Server, find_server


def start_haproxy(folder: Path, nodes: Sequence[int]) -> Server:
    """An HAProxy with deploy/haproxy.cfg before two web nodes, on these ports, without its TLS."""
    program = find_haproxy()
    if program is None:
        raise Stop("HAProxy is not installed.")
    port = free_port()
    first, second = (f"127.0.0.1:{node}" for node in nodes)
    ours = {r"(user|group) haproxy$": "", **proxied(folder, f"127.0.0.1:{port}", first, second)}
    configuration = folder / "haproxy.cfg"
    configuration.write_text(adapted("haproxy.cfg", ours))
    process = Child(
        "HAProxy", [program, "-f", configuration], log=folder / "haproxy.log", cwd=folder
    )

    url = f"http://127.0.0.1:{port}"
    return Server(
        url, port, process, partial(answers, port), signal.SIGTERM, signal.SIGKILL
    ).start()


def proxied(folder: Path, address: str, first: str, second: str) -> dict[str, str]:
    """What takes the place of an operator's own lines in deploy/haproxy.cfg, and of TLS."""
    return {
        r"log /dev/log local0": "log stdout format raw local0",
        r"/run/haproxy/admin\.sock": f"{folder}/admin.sock",
        r"bind :80$": f"bind {folder}/plain.sock",
        r"bind :443 ssl.*": f"bind {address}",
        r"X-Forwarded-Proto https": "X-Forwarded-Proto http",
        r"http-response set-header Strict-Transport-Security.*": "",
        r"10\.0\.0\.21:8000": first,
        r"10\.0\.0\.22:8000": second,
    }


def adapted(sample: str, changes: Mapping[str, str]) -> str:
    """A sample of deploy/, with what matches each pattern exchanged."""
    text = (ROOT / "deploy" / sample).read_text()
    for written, ours in changes.items():
        text, count = re.subn(f"(?m){written}", ours, text)
        if not count:
            raise Stop(f"deploy/{sample} has no line like {written} any more.")
    return text


def find_haproxy() -> str | None:
    return find_server("haproxy")
