"""What a page showed when it was opened, as it says itself when it is sent."""

import json

SEEN = "seen"
OPENED = "@"  # when the page was opened; no field has that name
GONE = "!"  # the person was told that a colleague deleted the row
MAX_SEEN = 20_000  # characters


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
