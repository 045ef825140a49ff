"""Which rows the demo made, and taking away those and no others."""

from collections.abc import Callable, Iterator
from typing import TypeVar, cast

from django.apps import apps
from django.db import models, transaction
from django.db.models.deletion import ProtectedError

from accounts.models import User
from articles.models import Revision, SearchWord, Series, Topic
from demo.models import DemoRow
from leads.models import Activity, Deletion, Inquiry, Lead, NextStep, Notification
from pages.models import Feature
from web.undeletable import lifted

Made = TypeVar("Made", bound=models.Model)
Row = tuple[str, int]  # "articles.Article", 7

# What people may have added to the demo since, and what it hangs on: first the whole it is part of.
WORK_OF_PEOPLE: dict[type[models.Model], list[str]] = {
    Revision: ["article"],
    Inquiry: ["lead", "article"],
    Activity: ["lead"],
    NextStep: ["lead"],
    Notification: ["inquiry"],
    Lead: ["contact"],
    Feature: ["service"],
}
SHELVES = (Topic, Series)


class Ledger:
    """The rows made under each of the demo's keys, such as "topic databases"."""

    def __init__(self) -> None:
        self.rows = {made.key: (made.model, made.row) for made in DemoRow.objects.all()}

    def once(self, key: str, make: Callable[[], Made]) -> Made | None:
        """Make the row unless the demo made it before, even if somebody deleted it since.

        Returns the row as it is now, or None when it was deleted.
        """
        if key not in self.rows:
            made = make()
            self.note(key, made)
            return made
        label, pk = self.rows[key]
        row = apps.get_model(label)._default_manager.filter(pk=pk).first()
        return cast(Made | None, row)

    def note(self, key: str, made: models.Model) -> None:
        """Remember that the demo made this row."""
        label = made._meta.label
        DemoRow.objects.create(key=key, model=label, row=made.pk)
        self.rows[key] = (label, made.pk)

    def remove(self) -> Iterator[str]:
        """Delete what the demo made, the latest first; say what had to stay, and why.

        Its people are deactivated, as members of staff are: the ledger still knows them, and
        loading the demo again activates them.
        """
        with lifted("default"):  # readers saw its articles
            yield from self._removed(self._worked_on())
        SearchWord.objects.forget()

    def _removed(self, kept: set[Row]) -> Iterator[str]:
        for made in DemoRow.objects.order_by("-pk"):
            row = apps.get_model(made.model)._default_manager.filter(pk=made.row).first()
            if isinstance(row, User):
                row.set_unusable_password()
                row.is_active = False
                row.save()
                continue
            if row is not None:
                if (made.model, made.row) in kept:
                    if not isinstance(row, tuple(WORK_OF_PEOPLE)):
                        yield f"{row} was kept: somebody has worked on it since."
                    continue
                if isinstance(row, SHELVES) and row.articles.exists():
                    yield f"{row} was kept: an article uses it."
                    continue
            try:
                with transaction.atomic():
                    if row is not None:
                        row.delete()
                        if isinstance(row, Inquiry):  # invented, so nobody asks where it went
                            Deletion.objects.filter(number=made.row).delete()
                    made.delete()
            except ProtectedError as error:
                yield f"{row} stays: {len(error.protected_objects)} other rows depend on it."

    def _worked_on(self) -> set[Row]:
        """Those rows of the demo that somebody's work hangs on, each whole with all its parts."""
        ours = set(self.rows.values())
        kept: set[Row] = set()
        while True:
            known = len(kept)
            for model, names in WORK_OF_PEOPLE.items():
                targets = [_label(model, name) for name in names]
                for pk, *keys in model._default_manager.values_list("pk", *names):
                    row = (model._meta.label, pk)
                    hangs_on = [(label, key) for label, key in zip(targets, keys, strict=True)]
                    if row in ours and hangs_on[0] in kept:
                        kept.add(row)
                    if row in kept or row not in ours:
                        kept |= ours.intersection(hangs_on)
            if len(kept) == known:
                return kept


def _label(model: type[models.Model], name: str) -> str:
    """The model that the foreign key leads to."""
    target = model._meta.get_field(name).related_model
    assert isinstance(target, type)
    return target._meta.label
