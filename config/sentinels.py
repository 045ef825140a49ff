"""Redis behind Sentinel: its address, and a pool of connections for the cache.

Kombu knows Sentinel, redis-py does, Django's cache does not: what is missing is a pool that asks
the sentinels who the master is. Decision 60 says why that is not a proxy's work.
"""

import re
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import parse_qs, quote, unquote, urlsplit

from redis.backoff import NoBackoff
from redis.retry import Retry
from redis.sentinel import (
    Sentinel,
    SentinelConnectionPool,
    SentinelManagedConnection,
    SentinelManagedSSLConnection,
)

FIX = "Write it as sentinel://:password@host:26379,host:26379/mymaster/0, or sentinels://… with TLS"
DEFAULT_PORT = 26379
HOST = re.compile(r"(?:([A-Za-z0-9_.-]+)|\[([0-9A-Fa-f:.]+)\])(?::([0-9]{1,5}))?")
OPTIONS = {"sentinel_password", "ssl_ca_certs"}


@dataclass(frozen=True)
class Sentinels:
    """`sentinel://[user][:password]@host:26379,host:26379/master/number`; sentinels:// is with TLS.

    The password is that of Redis. `?sentinel_password=` is that of the sentinels, if they have one.
    """

    hosts: tuple[tuple[str, int], ...]
    master: str
    number: int
    user: str
    password: str
    sentinel_password: str
    has_tls: bool
    authority: str  # a file

    @classmethod
    def read(cls, url: str) -> Self:
        """Raises ValueError."""
        parts = urlsplit(url)
        logs_in, _, hosts = parts.netloc.rpartition("@")
        user, _, password = logs_in.partition(":")
        found = [HOST.fullmatch(host) for host in hosts.split(",")]
        path = re.fullmatch(r"/([A-Za-z0-9_.-]+)(?:/([0-9]{1,4}))?/?", parts.path)
        query = parse_qs(parts.query)
        if path is None or not query.keys() <= OPTIONS:
            raise ValueError(url)
        return cls(
            hosts=tuple(cls._host(one) for one in found),
            master=path[1],
            number=int(path[2] or 0),
            user=unquote(user),
            password=unquote(password),
            sentinel_password=query.get("sentinel_password", [""])[0],
            has_tls=parts.scheme == "sentinels",
            authority=query.get("ssl_ca_certs", [""])[0],
        )

    @staticmethod
    def _host(found: re.Match[str] | None) -> tuple[str, int]:
        if found is None or int(found[3] or DEFAULT_PORT) > 65535:
            raise ValueError("no host")
        return found[1] or found[2], int(found[3] or DEFAULT_PORT)

    @property
    def broker_url(self) -> str:
        """As kombu wants it: each sentinel an address of its own, a password in the first."""
        logs_in = ""
        if self.password:
            logs_in = f"{quote(self.user, safe='')}:{quote(self.password, safe='')}@"
        addresses = [f"{f'[{h}]' if ':' in h else h}:{port}" for h, port in self.hosts]
        return ";".join(f"sentinel://{logs_in}{one}/{self.number}" for one in addresses)

    @property
    def tls(self) -> dict[str, Any]:
        if not self.has_tls:
            return {}
        return {"ssl_cert_reqs": "required", "ssl_ca_certs": self.authority or None}

    def sentinel_options(self, **timeouts: Any) -> dict[str, Any]:
        """How the sentinels themselves are spoken to. In place of one that is away the next is
        asked: redis-py would ask the same three times more, and sleep for seconds between.
        """
        timeouts["retry"] = Retry(NoBackoff(), 0)
        logs_in = {"password": self.sentinel_password} if self.sentinel_password else {}
        return {**timeouts, **logs_in, **({"ssl": True} if self.has_tls else {}), **self.tls}


class ClosedWhenLate(SentinelManagedConnection):
    """A connection to the master that ends with the patience of whoever waits for an answer.

    redis-py ends every other kind so. This one it would keep (`disconnect_on_error=False`), and the
    next to use it would read the late answer as their own.
    """

    def read_response(
        self,
        disable_decoding: bool = False,
        *,
        disconnect_on_error: bool | None = True,
        **options: Any,
    ) -> Any:
        return super().read_response(
            disable_decoding, disconnect_on_error=disconnect_on_error, **options
        )


class ClosedWhenLateWithTLS(ClosedWhenLate, SentinelManagedSSLConnection):
    pass


class Pool(SentinelConnectionPool):
    """Connections to whoever is the master now. `CACHES` names it as the `pool_class`."""

    @classmethod
    def from_url(cls, url: str, **options: Any) -> Self:
        wanted = Sentinels.read(url)
        waits = ("socket_connect_timeout", "socket_timeout")
        timeouts = {name: options[name] for name in waits if name in options}
        sentinel = Sentinel(  # type: ignore[no-untyped-call]  # redis-py's
            wanted.hosts, sentinel_kwargs=wanted.sentinel_options(**timeouts)
        )
        if wanted.password:
            options |= {"username": wanted.user or None, "password": wanted.password}
        options["connection_class"] = ClosedWhenLate
        if wanted.has_tls:
            options |= {"connection_class": ClosedWhenLateWithTLS, **wanted.tls}
        return cls(wanted.master, sentinel, db=wanted.number, **options)
