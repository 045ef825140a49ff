"""Whether words that strangers left with us say who somebody is."""

from collections.abc import Iterable
from dataclasses import dataclass

from mail.addresses import mailbox
from prose.text import words_of


@dataclass(frozen=True)
class Person:
    """Somebody, by their full names and email addresses.

    A first name alone is many people's, so only whole names count, in either order.
    """

    names: frozenset[tuple[str, ...]]
    addresses: frozenset[str] = frozenset()  # their mailboxes, as `mail.addresses` spells them

    @classmethod
    def known_as(cls, *, addresses: Iterable[str], names: Iterable[str]) -> "Person":
        addresses = list(addresses)
        whole = [words_of(name) for name in names]
        said = [words for words in whole if len(words) > 1]
        said += [list(reversed(words)) for words in said]
        said += [words_of(address) for address in addresses]
        known = frozenset(tuple(words) for words in said if words)
        return cls(known, frozenset(mailbox(address) for address in addresses))

    @property
    def words(self) -> set[str]:
        """Of each name the longest word: whatever names the person has one of these in it."""
        return {max(words, key=len) for words in self.names}

    def is_named_in(self, text: str) -> bool:
        """However the words are joined: `/team/ada-byron`, `adabyron`, `ada.byron%40x.example`."""
        joined = "".join(words_of(text))
        return any("".join(words) in joined for words in self.names)
