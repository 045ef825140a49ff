"""Whom a receipt of erasure is about, without saying it: so that a restored backup is erased again.

A receipt has a keyed digest (HMAC-SHA256, RFC 2104) of each mailbox. The key comes from the setting
ERASURE_KEY and not from SECRET_KEY, which is rotated. Without the key nobody can try addresses.
"""

import json
import logging
import os
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.dateparse import parse_datetime

from mail.addresses import mailbox
from privacy.models import Erasure
from web.contributions import every

logger = logging.getLogger(__name__)


class Receipt(NamedTuple):
    """One erasure: when, under which key, and the digest of each mailbox."""

    at: datetime
    key: str
    digests: list[str]


def digests_of(addresses: Iterable[str]) -> list[str]:
    return sorted({_hmac("mailbox", mailbox(one)) for one in addresses})


def key_id() -> str:
    """Tells under which key a digest was made, and nothing about the key."""
    return _hmac("key", "")[:8]


def _hmac(salt: str, value: str) -> str:
    made = salted_hmac(f"privacy.{salt}", value, settings.ERASURE_KEY, algorithm="sha256")
    return made.hexdigest()


NAME = "erasures.jsonl"


def file() -> Path:
    """Where each receipt is written down outside the database, which a backup overwrites."""
    return Path(settings.VAR_DIR) / NAME


def files() -> list[Path]:
    """That file, if anyone has been erased yet."""
    return [file()] if file().is_file() else []


def write_after_commit(erasure: Erasure) -> None:
    line = {"at": erasure.at.isoformat(), "key": erasure.key, "digests": erasure.digests}
    transaction.on_commit(lambda: _append(json.dumps(line)), robust=True)


def _append(line: str) -> None:
    try:
        descriptor = os.open(file(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with open(descriptor, "w", encoding="utf-8") as opened:
            opened.write(f"{line}\n")
    except OSError as error:
        logger.error("The receipt of an erasure was not written to %s: %s", file(), error)


def read(paths: Iterable[Path]) -> Iterator[Receipt]:
    """Those of the database and of these files. Raises `ValueError` for a line that is none."""
    for at, key, digests in Erasure.objects.values_list("at", "key", "digests"):
        yield Receipt(at, key, digests)
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines():
            yield _receipt(line)


def _receipt(line: str) -> Receipt:
    try:
        said = json.loads(line)
        at = parse_datetime(said["at"])
        receipt = (
            Receipt(at, str(said["key"]), [str(one) for one in said["digests"]]) if at else None
        )
    except (TypeError, KeyError, json.JSONDecodeError) as error:
        raise ValueError("This line is no receipt.") from error
    if receipt is None or receipt.at.tzinfo is None:
        raise ValueError("This line is no receipt.")
    return receipt


def erased_before(receipts: Iterable[Receipt]) -> Iterator[tuple[str, datetime, datetime | None]]:
    """The mailboxes in the database that a receipt is about: each with the latest erasure, and when
    they last wrote or were written to, if anyone knows.
    """
    ours = key_id()
    erased: dict[str, datetime] = {}
    for receipt in receipts:
        if receipt.key == ours:
            for digest in receipt.digests:
                erased[digest] = max(receipt.at, erased.get(digest, receipt.at))
    if not erased:
        return
    for place, last in sorted(_last_seen().items()):
        if at := erased.get(_hmac("mailbox", place)):
            yield place, at, last


def _last_seen() -> dict[str, datetime | None]:
    found: dict[str, datetime | None] = {}
    for one in every():
        for address, at in one.addresses():
            place = mailbox(address)
            known = found.get(place)
            found[place] = at if known is None else max(known, at or known)
    found.pop("", None)
    return found
