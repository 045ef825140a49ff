"""The heads and the rows of the list, as its page shows them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.urls import reverse

from articles.lists import states


class OfList(Protocol):
    now: datetime

    @property
    def order(self) -> str: ...
    @property
    def labels(self) -> list[str]:
        """Of the columns that other apps add."""

    def address(self, **changed: object) -> str: ...


@dataclass(frozen=True)
class Head:
    listed: OfList
    key: str
    label: str
    is_amount: bool = False

    @property
    def direction(self) -> str:
        if self.listed.order.removeprefix("-") != self.key:
            return ""
        return "descending" if self.listed.order.startswith("-") else "ascending"

    @property
    def url(self) -> str:
        if self.key == "state":
            return ""
        is_up = self.direction == "descending" or (self.key == "title" and not self.direction)
        return self.listed.address(sort=self.key if is_up else f"-{self.key}")


@dataclass(frozen=True)
class Row:
    listed: OfList
    row: Any  # a ListedArticle, with who signs it
    told: list[str]

    @property
    def pk(self) -> int:
        return int(self.row.pk)

    @property
    def title(self) -> str:
        return self.row.title or "Without a title"

    @property
    def url(self) -> str:
        return reverse("admin:articles_article_change", args=[self.row.pk])

    @property
    def signed_by(self) -> str:
        """“Lea Sandoval and 2 others”."""
        others = (self.row.signers or 0) - 1
        more = f" and {others} other{'' if others == 1 else 's'}" if others > 0 else ""
        return f"{self.row.signer or ''}{more}"

    @property
    def state(self) -> states.State:
        return states.state_of(self.row, self.listed.now)

    @property
    def cells(self) -> list[tuple[str, str, bool]]:
        """Of each column after the state: its label, what it says, whether that is a number."""
        now = self.listed.now
        cells = [
            ("Live since", states.since(self.row, now), False),
            ("Planned", states.planned(self.row, now), False),
            ("Words", f"{self.row.words:,}", True),
            ("Edited", states.edited(self.row, now), False),
        ]
        labels = self.listed.labels
        told = self.told or [""] * len(labels)
        return cells + [(label, one, True) for label, one in zip(labels, told, strict=True)]
