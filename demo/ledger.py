"""Which rows the demo made, and taking away those and no others."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import cast

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import models, transaction
from django.db.models.deletion import ProtectedError

from demo.models import DemoRow
from demo.parts import parts
from web.demo import Made
from web.undeletable import lifted

Row = tuple[str, int]  # "articles.Article", 7


class Ledger:
    """The rows made under each of the demo's keys, such as "topic databases".

    It is the `web.demo.Demo` that each app is given to make its part with.
    """

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.parts = parts()
        self.rows = {made.key: (made.model, made.row) for made in DemoRow.objects.all()}
        self.borrowed: dict[str, models.Model] = {}

    def once(self, key: str, make: Callable[[], Made]) -> Made | None:
        if key not in self.rows:
            made = make()
            self.note(key, made)
            return made
        return cast(Made | None, self._row(key))

    def note(self, key: str, made: models.Model) -> None:
        label = made._meta.label
        DemoRow.objects.create(key=key, model=label, row=made.pk)
        self.rows[key] = (label, made.pk)

    def has(self, key: str) -> bool:
        return key in self.rows

    def borrow(self, key: str, row: models.Model) -> None:
        self.borrowed[key] = row

    def row(self, model: type[Made], key: str) -> Made | None:
        row = self._row(key)
        return row if isinstance(row, model) else None

    def _row(self, key: str) -> models.Model | None:
        if key not in self.rows:
            return self.borrowed.get(key)
        label, pk = self.rows[key]
        model: type[models.Model] = apps.get_model(label)
        return model._default_manager.filter(pk=pk).first()

    def remove(self) -> Iterator[str]:
        """Delete what the demo made, the latest first; say what had to stay, and why.

        Its people are deactivated, as members of staff are: the ledger still knows them, and
        loading the demo again activates them.
        """
        with lifted("default"):  # readers saw its articles
            yield from self._removed(self._worked_on())
        for part in self.parts:
            part.clean_up(self)

    def _removed(self, kept: set[Row]) -> Iterator[str]:
        parts_of_wholes = {model for part in self.parts for model in part.hangs_on}
        for made in DemoRow.objects.order_by("-pk"):
            model = apps.get_model(made.model)
            row = model._default_manager.filter(pk=made.row).first()
            if isinstance(row, get_user_model()):
                row.set_unusable_password()
                row.is_active = False
                row.save()
            elif row is None:
                made.delete()
            elif (made.model, made.row) not in kept:
                yield from self._remove(row, made)
            elif model not in parts_of_wholes:
                yield f"{row} was kept: someone has worked on it since."

    def _remove(self, row: models.Model, made: DemoRow) -> Iterator[str]:
        for why in filter(None, (part.why_kept(row) for part in self.parts)):
            yield f"{row} was kept: {why}."
            return
        ways = [part.delete[type(row)] for part in self.parts if type(row) in part.delete]
        try:
            with transaction.atomic():
                for delete in ways:
                    delete(row)
                if not ways:
                    row.delete()
                made.delete()
        except ProtectedError as error:
            yield f"{row} was kept: {len(error.protected_objects)} other rows depend on it."

    def _worked_on(self) -> set[Row]:
        """Those rows of the demo that someone's work hangs on, each whole with all its parts."""
        ours = set(self.rows.values())
        hangs_on = [pair for part in self.parts for pair in part.hangs_on.items()]
        kept: set[Row] = set()
        while True:
            known = len(kept)
            for model, names in hangs_on:
                targets = [_label(model, name) for name in names]
                for pk, *keys in model._default_manager.values_list("pk", *names):
                    row = (model._meta.label, pk)
                    wholes = [(label, key) for label, key in zip(targets, keys, strict=True)]
                    if row in ours and wholes[0] in kept:
                        kept.add(row)
                    if row in kept or row not in ours:
                        kept |= ours.intersection(wholes)
            if len(kept) == known:
                return kept


def _label(model: type[models.Model], name: str) -> str:
    """The model that the foreign key leads to."""
    target = model._meta.get_field(name).related_model
    assert isinstance(target, type)
    return target._meta.label
