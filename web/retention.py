"""How an app declares what is deleted after a time; `privacy.retention` does it, each night.

A rule is public when it has a purpose: then it concerns visitors, and the privacy page says it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import QuerySet

YEAR = 365  # days


class Basis(StrEnum):
    """What makes it lawful, as the privacy page says it: GDPR, Article 6(1)."""

    CONTRACT = "what you ask us to do before a contract, and the contract"
    INTEREST = "our legitimate interest in what the line says"

    @property
    def clause(self) -> str:
        return {Basis.CONTRACT: "b", Basis.INTEREST: "f"}[self]


@dataclass(frozen=True)
class Rule:
    """Rows that go when they are old, unless someone is working on them.

    `due` gives those that count as older than a moment; what is open, unanswered or planned is not
    among them. `delete` gets some of these, not locked and not evaluated: it locks, asks again what
    is due, and returns how many it deleted. Whoever asked us to keep a person's rows
    (`privacy.models.Hold`) need not be thought of. Without `due` the operator sees to it: the rule
    only says so.
    """

    key: str  # under which its period is stored: "leads.lost"
    model: str  # "leads.Lead"
    what: str  # "Leads that were lost, with their inquiries and emails"
    since: str  # from when the period counts: "they were lost"
    days: int
    at_least: int
    at_most: int
    due: Callable[[datetime], QuerySet[Any]] | None = None
    delete: Callable[[Any], int] | None = None  # None: just the rows
    may_be_forever: bool = False  # lawful where the rows say nothing about a person
    why: str = ""  # the purpose, for visitors
    basis: Basis | None = None

    @property
    def is_fixed(self) -> bool:
        return self.at_least == self.at_most


def in_words(days: int | None) -> str:
    """ "2 years", "90 days", "for ever"."""
    if days is None:
        return "for ever"
    count, unit = (days // YEAR, "year") if days and days % YEAR == 0 else (days, "day")
    return f"{count} {unit}{'' if count == 1 else 's'}"
