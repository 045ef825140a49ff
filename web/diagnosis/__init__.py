"""What `manage.py doctor` asks: of this machine, of the servers that the site stands on, and of
what others must know of it. Nothing is changed.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One line of the report. Without `fault` all is well with it; `fix` says what to do."""

    text: str
    fault: bool = False
    fix: str = ""


Question = Callable[[], Iterable[Finding]]


def well(text: str) -> Finding:
    return Finding(text)


def ill(text: str, fix: str) -> Finding:
    return Finding(text, fault=True, fix=fix)
