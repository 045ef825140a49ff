"""How an app declares rows that lead to a person; `privacy` collects it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from django.apps import apps
from django.db.models import Model, QuerySet

# In place of what named someone.
ERASED = "Erased"
# Why someone is a near match
SAME_MAILBOX = "The same mailbox at some providers"
SAME_NAME = "The same name at the same company"


class Named(Protocol):
    """Someone, as `privacy.person.Person` knows them."""

    @property
    def addresses(self) -> frozenset[str]: ...  # their mailboxes

    @property
    def spellings(self) -> frozenset[str]: ...  # and their addresses as rows have them

    @property
    def full_names(self) -> frozenset[str]: ...

    @property
    def words(self) -> set[str]: ...

    def is_named_in(self, text: str) -> bool: ...


class NearMatch(NamedTuple):
    """Who may be the same person, for someone to decide: nothing counts them as the same."""

    name: str
    address: str
    why: str  # "The same mailbox at some providers"


@dataclass(frozen=True)
class Responsible:
    """Who answers for what the site stores (GDPR, Art. 13(1)(a)), and where to complain."""

    name: str
    address: str = ""  # in lines
    contact: str = ""  # an email address, or a page
    authority: str = ""
    authority_url: str = ""


@dataclass(frozen=True)
class Personal:
    """Rows that lead to a person, and what becomes of them when the person is erased: they are
    deleted or, if it `stays`, kept. What one app keeps no other deletes.

    Of rows that stay, `emptied` gives the fields that are written over, each with a value or an
    expression, and `handed_on` those that the app's `hand_on` changes. A field that led to a
    deleted row is empty. Nothing else of them changes; `tests/privacy/test_erasing.py` holds each
    app to it.
    """

    model: str  # "leads.Contact"
    subject: str  # the heading on the page of a person; none for what only ties others together
    why: str  # one sentence: which rows, or why they stay
    rows: Callable[[Named], QuerySet[Any]]
    stays: bool = False
    emptied: Mapping[str, Any] = field(default_factory=dict)
    handed_on: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()  # not shown, not exported: secrets, and what names others
    called: tuple[str, str] = ("", "")  # one and many, where the model's own names do not do

    @property
    def model_class(self) -> type[Model]:
        return apps.get_model(self.model)
