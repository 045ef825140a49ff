"""All that is stored about a person, as the apps find it: for the page, the file and erasure."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import or_

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, Q

from mail.addresses import mailbox
from privacy.person import Person
from web.contributions import contributions, every
from web.personal import ERASED, NearMatch, Personal

LOG = Personal(
    "admin.LogEntry",
    "Log",
    "The admin’s log keeps who did what and when.",
    rows=lambda person: LogEntry.objects.none(),  # see `_log_entries`
    stays=True,
    emptied={"object_repr": ERASED, "change_message": ""},
)


@dataclass(frozen=True)
class Group:
    """Rows that one app finds in one way."""

    said: Personal
    rows: Sequence[Model]

    @property
    def keys(self) -> list[object]:
        return [row.pk for row in self.rows]

    @property
    def changes(self) -> bool:
        return not self.said.stays or bool(self.said.emptied or self.said.handed_on)

    @property
    def called(self) -> tuple[str, str]:
        meta = self.said.model_class._meta
        one, many = self.said.called
        return one or str(meta.verbose_name), many or str(meta.verbose_name_plural)

    @property
    def fate(self) -> str:
        if not self.said.stays:
            return "Deleted"
        return "Kept without its text" if self.said.emptied else "Kept"

    @property
    def count(self) -> str:
        return _count(self.called, len(self.rows))


@dataclass(frozen=True)
class Stored:
    """What is stored about one or more people at this moment."""

    people: list[Person]
    person: Person  # all of them, as if they were one
    groups: list[Group]  # in the order in which their rows are locked

    def __bool__(self) -> bool:
        return bool(self.groups)

    @property
    def changes(self) -> bool:
        """Whether there is anything to erase."""
        return any(group.changes for group in self.groups)

    @cached_property
    def stamp(self) -> str:
        """The same as long as exactly these rows would meet the same fate."""
        fates = [
            (
                group.said.model,
                group.said.stays,
                group.said.why,
                sorted(row.pk for row in group.rows),
            )
            for group in self.groups
        ]
        addresses = [sorted(person.addresses) for person in self.people]
        return hashlib.sha256(f"{addresses} {fates}".encode()).hexdigest()

    @property
    def going(self) -> str:
        """How much would be deleted, without a word about whom."""
        return self._counts(stays=False)

    @property
    def staying(self) -> str:
        return self._counts(stays=True)

    def _counts(self, *, stays: bool) -> str:
        counts: Counter[tuple[str, str]] = Counter()
        for group in self.groups:
            if group.said.stays == stays and group.said.subject:
                counts[group.called] += len(group.rows)
        return ", ".join(_count(called, count) for called, count in counts.items()) or "nothing"

    @property
    def subjects(self) -> dict[str, list[Group]]:
        """For people to read, under a heading each."""
        found: dict[str, list[Group]] = {}
        for group in self.groups:
            if group.said.subject:
                found.setdefault(group.said.subject, []).append(group)
        return found


def find_people(addresses: Iterable[str]) -> list[Person]:
    """Who writes from them, each once: two of the addresses may be one person's."""
    people: list[Person] = []
    for address in sorted({mailbox(one) for one in addresses} - {""}):
        if not any(address in person.addresses for person in people):
            people.append(_person(address))
    return people


def _person(address: str) -> Person:
    """With the addresses and names that the apps know them by, and those that these lead to."""
    person = Person.known_as(addresses=[address])
    while True:
        pairs = [pair for one in every() for pair in one.known_as(person)]
        wider = Person.known_as(
            addresses=person.spellings.union(address for _, address in pairs),
            names=person.full_names.union(name for name, _ in pairs),
        )
        if wider == person:
            return person
        person = wider


def suggestions(text: str) -> list[tuple[str, str]]:
    """Names and addresses that have this text in them, one for each mailbox."""
    pairs = {
        mailbox(address): (name, address) for one in every() for name, address in one.people(text)
    }
    return sorted(pairs.values())


def near_matches(person: Person) -> list[NearMatch]:
    """Who may be the same, by mailbox: neither the file nor erasure has them, unless someone adds
    their address.
    """
    found: dict[str, NearMatch] = {}
    for one in every():
        for near in one.near_matches(person):
            place = mailbox(near.address)
            if place not in person.addresses and (place not in found or not found[place].name):
                found[place] = near
    return sorted(found.values(), key=lambda near: (near.address, near.name))


def collect(addresses: Iterable[str]) -> Stored:
    """What is stored about the people who write from these addresses.

    What they have in common with each other alone, such as a company, counts as theirs.
    """
    people = find_people(addresses)
    together = Person.known_as(
        addresses={one for person in people for one in person.spellings},
        names={one for person in people for one in person.full_names},
    )
    found = [(said, list(said.rows(together))) for said in declared()]
    kept = {row for said, rows in found if said.stays for row in rows}
    groups, seen = [], set()
    for said, rows in found:
        theirs = [row for row in rows if row not in seen and (said.stays or row not in kept)]
        seen.update(theirs)
        if theirs:
            groups.append(Group(said, theirs))
    if entries := _log_entries(together, groups):
        groups.append(Group(LOG, entries))
    return Stored(people, together, groups)


def declared() -> Iterator[Personal]:
    """From the roof down: an app that stands on another one speaks first."""
    for one in reversed(contributions().values()):
        yield from one.personal


def _log_entries(person: Person, groups: list[Group]) -> list[LogEntry]:
    """About rows that are deleted or emptied, and those that name the person: their row is gone."""
    models = ContentType.objects.get_for_models(*{said.model_class for said in declared()})
    keys: dict[bool, dict[ContentType, list[str]]] = {True: {}, False: {}}
    for group in groups:
        ours = keys[group.changes].setdefault(models[group.said.model_class], [])
        ours += [str(row.pk) for row in group.rows]
    about = _any(Q(content_type=kind, object_id__in=pks) for kind, pks in keys[True].items())
    kept = _any(Q(content_type=kind, object_id__in=pks) for kind, pks in keys[False].items())
    maybe = _any(
        Q(object_repr__icontains=word) | Q(change_message__icontains=word) for word in person.words
    )
    others = LogEntry.objects.filter(maybe, content_type__in=models.values()).exclude(kept)
    naming = [
        entry.pk
        for entry in others
        if person.is_named_in(entry.object_repr) or person.is_named_in(entry.change_message)
    ]
    entries = LogEntry.objects.filter(about | Q(pk__in=naming))
    return list(entries.exclude(object_repr=ERASED, change_message="").order_by("pk"))


def _any(conditions: Iterable[Q]) -> Q:
    return reduce(or_, conditions, Q(pk=None))


def _count(called: tuple[str, str], count: int) -> str:
    one, many = called
    return f"{count} {one if count == 1 else many}"
