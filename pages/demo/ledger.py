"""Which rows the demo made, and taking away those and no others."""

from collections.abc import Callable, Iterator
from typing import TypeVar, cast

from django.apps import apps
from django.db import models, router, transaction
from django.db.models.deletion import Collector, ProtectedError

from articles.models import Revision
from leads.models import Activity, FollowUp, Inquiry, Lead, Notice
from pages.models import DemoRow, Feature

Made = TypeVar("Made", bound=models.Model)

# What somebody may have added to a demo row since, and would miss.
WORK_OF_PEOPLE = (Revision, Inquiry, Lead, Activity, FollowUp, Notice, Feature)


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
        """Delete what the demo made, the latest first; say what had to stay, and why."""
        for made in DemoRow.objects.order_by("-pk"):
            row = apps.get_model(made.model)._default_manager.filter(pk=made.row).first()
            if row is not None and (reason := self._why_it_stays(row)):
                yield f"{row} stays: {reason}"
                continue
            with transaction.atomic():
                if row is not None:
                    row.delete()
                made.delete()

    def _why_it_stays(self, row: models.Model) -> str:
        collector = Collector(using=router.db_for_write(type(row)), origin=row)
        try:
            collector.collect([row])
        except ProtectedError as error:
            return f"{len(error.protected_objects)} others rest on it."
        ours = set(self.rows.values())
        gathered = [item for items in collector.data.values() for item in items]
        gathered += [item for query in collector.fast_deletes for item in query]
        added = [
            item
            for item in gathered
            if isinstance(item, WORK_OF_PEOPLE) and (item._meta.label, item.pk) not in ours
        ]
        return f"somebody has worked on it since ({added[0]})." if added else ""
