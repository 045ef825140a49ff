"""What a page showed when it was opened, as it says itself when it is sent."""

import json
from collections.abc import Mapping
from datetime import datetime

from django.utils import timezone

SEEN = "seen"
OPENED = "@"  # when the page was opened; no field has that name
GONE = "!"  # the person was told that a colleague deleted the row
MAX_SEEN = 4_000_000  # characters; a page carries its long texts, packed


def read_seen(sent: str) -> dict[str, str]:
    """Digests by field; nothing where it says nonsense."""
    if len(sent) > MAX_SEEN:
        return {}
    try:
        seen = json.loads(sent)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(seen, dict):
        return {}
    return {name: value for name, value in seen.items() if isinstance(value, str)}


def opened_at(seen: Mapping[str, str]) -> datetime | None:
    try:
        opened = datetime.fromisoformat(seen.get(OPENED, ""))
    except ValueError:
        return None
    return None if timezone.is_naive(opened) else opened
