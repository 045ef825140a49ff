#!/usr/bin/env python3
"""A mail server that takes everything at once, in a process of its own, for benchmarks.

    python3 benchmarks/smtp_sink.py PORT LOG

For each email it writes a line to LOG: when it came by the clock, to whom, and where replies go.
"""

import asyncio
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from devtools.environment import PYTHON, ROOT
from devtools.processes import Child, free_port, port_is_free, wait_until

REPLY_TO = re.compile(rb"(?mi)^Reply-To:.*?([^\s<>]+@[^\s<>]+)")


@dataclass(frozen=True)
class Arrival:
    at: float  # seconds since 1970
    to: str
    reply_to: str


class Conversation(asyncio.Protocol):
    def __init__(self, log: TextIO) -> None:
        self.log, self.unread, self.recipient, self.takes_text = log, b"", b"", False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self.unread += data
        while self.take_text() if self.takes_text else self.take_line():
            pass

    def take_text(self) -> bool:
        text, dot, rest = self.unread.partition(b"\r\n.\r\n")
        if not dot:
            return False
        self.unread, self.takes_text = rest, False
        found = REPLY_TO.search(text.partition(b"\r\n\r\n")[0])
        reply_to = found[1].decode() if found else ""
        self.log.write(f"{time.time()} {self.recipient.decode()} {reply_to}\n")
        self.log.flush()
        self.transport.write(b"250 taken\r\n")
        return True

    def take_line(self) -> bool:
        line, end, rest = self.unread.partition(b"\r\n")
        if not end:
            return False
        self.unread = rest
        match line[:4].upper():
            case b"DATA":
                self.takes_text = True
                self.transport.write(b"354 go on\r\n")
            case b"QUIT":
                self.transport.write(b"221 bye\r\n")
                self.transport.close()
            case verb:
                if verb == b"RCPT":
                    self.recipient = line.partition(b"<")[2].partition(b">")[0]
                self.transport.write(b"250 ok\r\n")
        return True


class Sink:
    def __init__(self, folder: Path, prefix: list[str]) -> None:
        self.port, self.log = free_port(), folder / "sink.log"
        command = [*prefix, PYTHON, __file__, str(self.port), str(self.log)]
        self.process = Child("sink", command, folder / "sink-errors.log", cwd=ROOT)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def arrivals(self) -> list[Arrival]:
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        parts = [line.split(" ") for line in lines if line.count(" ") == 2]
        return [Arrival(float(at), to, reply_to) for at, to, reply_to in parts]


@contextmanager
def running_sink(folder: Path, prefix: list[str]) -> Iterator[Sink]:
    sink = Sink(folder, prefix)
    sink.process.start()
    try:
        if not wait_until(lambda: not port_is_free(sink.port), seconds=20):
            raise SystemExit(sink.process.last_lines())
        yield sink
    finally:
        sink.process.kill()


async def serve(port: int, log: TextIO) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Conversation(log), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    with open(sys.argv[2], "a") as log:
        asyncio.run(serve(int(sys.argv[1]), log))
