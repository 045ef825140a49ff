#!/usr/bin/env python3
"""Sends a form again and again, over connections that stay open, in a process of its own.

    python3 benchmarks/posting.py PORT PATH COUNT CONNECTIONS STATUS COOKIE < FIELDS

FIELDS is a JSON object; `{n}` in a value becomes the number of the submission. Each is another
visitor's: TRUSTED_PROXIES of the site has to name 127.0.0.1. Says as JSON when
the first one was sent and the last one answered, and how many were answered with STATUS.
"""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from itertools import count
from urllib.parse import urlencode

HOST = "127.0.0.1"


async def post(port: int, requests: Iterator[bytes], statuses: list[int]) -> None:
    reader, writer = await asyncio.open_connection(HOST, port)
    for request in requests:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head.decode("latin-1").lower().split("\r\n")
        length = next(int(one[15:]) for one in lines if one.startswith("content-length:"))
        await reader.readexactly(length)
        statuses.append(int(lines[0].split()[1]))
        if "connection: close" in lines:
            reader, writer = await asyncio.open_connection(HOST, port)
    writer.close()


def requests(
    port: int, path: str, total: int, fields: dict[str, str], cookie: str
) -> Iterator[bytes]:
    for n in count(int(time.time() * 1000) % 10**9 * 10**4):
        if (total := total - 1) < 0:
            return
        body = urlencode({name: value.replace("{n}", str(n)) for name, value in fields.items()})
        yield (
            f"POST {path} HTTP/1.1\r\nHost: {HOST}:{port}\r\nOrigin: http://{HOST}:{port}\r\n"
            f"Sec-Fetch-Site: same-origin\r\nX-Forwarded-For: {address(n)}\r\n"
            f"{cookie}Content-Length: {len(body)}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\n\r\n{body}"
        ).encode()


def address(n: int) -> str:
    return f"2001:db8:{n // 65536 % 65536:x}:{n % 65536:x}::1"


async def main(
    port: int, path: str, total: int, connections: int, wanted: int, cookie: str
) -> None:
    waiting = requests(port, path, total, json.load(sys.stdin), cookie and f"Cookie: {cookie}\r\n")
    statuses: list[int] = []
    began_at = time.time()
    await asyncio.gather(*(post(port, waiting, statuses) for _ in range(connections)))
    good = statuses.count(wanted)
    print(json.dumps({"began_at": began_at, "ended_at": time.time(), "good": good}))


if __name__ == "__main__":
    port, path, total, connections, wanted, cookie = sys.argv[1:]
    asyncio.run(main(int(port), path, int(total), int(connections), int(wanted), cookie))
