"""What two people made of one stored text, put together; see `prose.comparing.merging`."""

from desk.three_way import Choice, Conflict, Merged
from prose.comparing import merging
from prose.editor import sanitize

__all__ = ["Choice", "Conflict", "Merged", "merge"]


def merge(base: str, ours: str, theirs: str) -> Merged:
    """Of three stored texts; the parts are sanitized HTML."""
    return merging.merge(sanitize(base), sanitize(ours), sanitize(theirs))
