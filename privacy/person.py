"""Who someone is, and whether words that strangers left with us say so."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from mail.addresses import mailbox
from prose.text import words_of

MIN_LENGTH = 8  # letters by which a name is known in the middle of other letters


@dataclass(frozen=True)
class Person:
    """Someone, by their full names and email addresses, each as rows have it.

    A first name alone is many people's, so only whole names count, in either order.
    """

    full_names: frozenset[str]
    spellings: frozenset[str]

    @classmethod
    def known_as(cls, *, addresses: Iterable[str], names: Iterable[str] = ()) -> "Person":
        addresses = set(addresses)
        mailboxes = {mailbox(address) for address in addresses}
        return cls(frozenset(filter(None, names)), frozenset(filter(None, addresses | mailboxes)))

    @cached_property
    def addresses(self) -> frozenset[str]:
        """Their mailboxes, as `mail.addresses` spells them."""
        return frozenset(mailbox(address) for address in self.spellings)

    @cached_property
    def names(self) -> frozenset[tuple[str, ...]]:
        """The words that, next to each other, name them."""
        whole = [words_of(name) for name in self.full_names]
        said = [words for words in whole if len(words) > 1]
        said += [list(reversed(words)) for words in said]
        said += [words_of(address) for address in self.spellings]
        return frozenset(tuple(words) for words in said if words)

    @property
    def words(self) -> set[str]:
        """Of each name the longest word: whatever names the person has one of these in it."""
        return {max(words, key=len) for words in self.names}

    def is_named_in(self, text: str) -> bool:
        """However the words are joined: `/team/ada-byron`, `adabyron`, `ada.byron%40x.example`.

        A short name must be whole words: Bo Li is not in Bolivia.
        """
        words = words_of(text)
        edges = set(accumulate(map(len, words), initial=0))
        joined = "".join(words)
        return any(
            len(name) >= MIN_LENGTH or {at.start(), at.start() + len(name)} <= edges
            for name in map("".join, self.names)
            for at in re.finditer(f"(?={re.escape(name)})", joined)
        )
