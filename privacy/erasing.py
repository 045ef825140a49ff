"""Erasing a person who asks for it: all that the apps find about them, or nothing."""

from collections.abc import Collection
from datetime import datetime
from graphlib import TopologicalSorter

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from accounts.models import User
from desk import audit
from desk.audit import Kind
from privacy import receipts
from privacy.collecting import LOG, Group, Stored, collect
from privacy.models import Erasure, Hold, Request
from web.contributions import every


class ChangedMeanwhile(Exception):
    """What is stored about the person is no longer what was looked at. Nothing was erased."""


class Held(Exception):
    """Someone has marked the person to be kept. Nothing was erased."""


@transaction.atomic
def erase(looked_at: Stored, *, by: User | None, despite_hold: bool = False) -> Erasure:
    """Erase exactly this. The receipt says that it was done, not to whom; without `by`, the site
    repeats an erasure that someone did before.

    Raises `Held`, and erases nothing, while someone has marked the person to be kept.
    Raises `ChangedMeanwhile`, and erases nothing, when there is more or less by now: the person
    may have written again since someone looked.
    """
    for group in looked_at.groups:
        if group.changes:
            lock(group.said.model_class, group.keys)
    stored = _checked(looked_at, despite_hold=despite_hold)
    for one in every():
        one.hand_on(stored.person)
    now = timezone.now()
    for group in stored.groups:
        if group.said.emptied:
            _empty(group, by=by, at=now)
    for group in _referring_first([group for group in stored.groups if not group.said.stays]):
        delete(group.said.model_class, group.keys)
    receipt = Erasure.objects.create(
        at=now,
        by=by,
        people=len(stored.people),
        deleted=stored.going,
        kept=stored.staying,
        digests=receipts.digests_of(stored.person.addresses),
        key=receipts.key_id(),
    )
    audit.record(Kind.ERASURE, "Erased a person.", by=by, about=receipt)
    receipts.write_after_commit(receipt)
    transaction.on_commit(lambda: _delete_files(stored), robust=True)
    return receipt


def _empty(group: Group, *, by: User | None, at: datetime) -> None:
    rows = group.said.model_class._default_manager.filter(pk__in=group.keys)
    if group.said.model_class is Request:  # what they asked for is done with it
        rows.filter(confirmed_at__isnull=False, done_at=None).update(done_at=at, done_by=by)
    rows.update(**group.said.emptied)


def _delete_files(stored: Stored) -> None:
    for one in every():
        one.delete_files(stored.person)


def _checked(looked_at: Stored, *, despite_hold: bool) -> Stored:
    stored = collect(looked_at.person.addresses)
    if stored.stamp != looked_at.stamp:
        raise ChangedMeanwhile
    if holds(stored) and not despite_hold:
        raise Held
    return stored


def holds(stored: Stored) -> list[Hold]:
    """Why these people must not be erased."""
    found = Hold.objects.filter(mailbox__in=stored.person.addresses).select_related("by")
    return list(found)


def _referring_first(groups: list[Group]) -> list[Group]:
    """In an order in which no row is deleted before those that refer to it."""
    models = {group.said.model_class for group in groups}
    order = TopologicalSorter(
        {
            model: {relation.related_model for relation in model._meta.related_objects} & models
            for model in models
        }
    )
    place = {model: number for number, model in enumerate(order.static_order())}
    return sorted(groups, key=lambda group: place[group.said.model_class])


def delete(model: type[Model], keys: Collection[object]) -> None:
    """Delete the rows, and their names from past entries of the admin's log."""
    about = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(model),
        object_id__in=[str(key) for key in keys],
    )
    about.update(**LOG.emptied)
    model._default_manager.filter(pk__in=keys).delete()


def lock(model: type[Model], keys: Collection[object]) -> None:
    """Hold these rows until the transaction ends, in the order in which everyone takes them."""
    held = model._default_manager.select_for_update(of=("self",))
    list(held.filter(pk__in=keys).order_by("pk").values_list("pk"))
