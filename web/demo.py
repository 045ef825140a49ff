"""How an app contributes to the demo, in a `demo` package of its own.

Its contribution only names the part. The demo app alone imports it, so a real site never does.
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar

from django.db.models import Model

Made = TypeVar("Made", bound=Model)


class Demo(Protocol):
    """What an app gets to make its rows with."""

    now: datetime  # the moment of loading; every other one is counted from it

    def once(self, key: str, make: Callable[[], Made]) -> Made | None:
        """Make the row unless the demo made it before, even if someone deleted it since.

        Returns the row as it is now, or None when it was deleted.
        """

    def note(self, key: str, made: Model) -> None:
        """Remember that the demo made this row, so that it is removed with the demo."""

    def has(self, key: str) -> bool:
        """Whether the demo ever made a row under this key."""

    def borrow(self, key: str, row: Model) -> None:
        """Use someone's own row under this key. It is not for the demo to remove."""

    def row(self, model: type[Made], key: str) -> Made | None:
        """The row that the demo made or borrowed under this key, or None when it is gone."""


def _nothing(demo: Demo) -> None: ...


@dataclass(frozen=True)
class Part:
    """One app's part of the demo."""

    load: Callable[[Demo], None]
    # Parts load in this order, and those alike in that of INSTALLED_APPS.
    position: int = 50
    # What people may have added to rows of the demo, and the foreign keys that lead there: first to
    # the whole that it is part of. A whole that someone has worked on is kept.
    hangs_on: Mapping[type[Model], tuple[str, ...]] = field(default_factory=dict)
    # Why a row is kept, or ""
    why_kept: Callable[[Model], str] = lambda row: ""
    # How a row is removed, where deleting it is not all
    delete: Mapping[type[Model], Callable[[Any], None]] = field(default_factory=dict)
    # What else to put back once the rows are gone
    clean_up: Callable[[Demo], None] = _nothing


def content(folder: Path) -> dict[str, Any]:
    """The values of the app's content.toml."""
    return tomllib.loads((folder / "content.toml").read_text())
