"""Rows that say how the site works, or what it says: the audit log has each change of one, by the
names of its fields. Not what was written there: that is in the admin's log, and can be erased.
"""

from collections.abc import Iterable
from functools import partial

from django.db.models import Model
from django.db.models.signals import post_delete, post_save, pre_save

from desk import audit
from desk.audit import Kind as Kind


def watch(kind: Kind, *models: str) -> None:
    """An app calls it when it is ready: `watch(Kind.SETTINGS, "pages.SiteSettings")`.

    What is written without a model's `save` is not seen; so `bulk_create` tells of itself.
    """
    for label in models:
        for signal, receiver in (
            (pre_save, remember),
            (post_save, partial(saved, kind)),
            (post_delete, partial(deleted, kind)),
        ):
            signal.connect(receiver, sender=label, weak=False, dispatch_uid=f"desk.audited.{label}")


def remember(
    instance: Model,
    raw: bool = False,
    update_fields: Iterable[str] | None = None,
    **kwargs: object,
) -> None:
    """Which fields will change."""
    model = type(instance)
    row = model._base_manager.filter(pk=instance.pk).first() if instance.pk and not raw else None
    instance.__dict__["_changes"] = row and [
        str(field.verbose_name)
        for field in model._meta.concrete_fields
        if update_fields is None or {field.name, field.attname}.intersection(update_fields)
        if getattr(row, field.attname) != getattr(instance, field.attname)
    ]


def saved(kind: Kind, instance: Model, created: bool, raw: bool = False, **kwargs: object) -> None:
    changes = instance.__dict__.pop("_changes", None)
    name = instance._meta.verbose_name
    if created and not raw:
        audit.record(kind, f"Added: {name}.", about=instance)
    elif changes:
        audit.record(kind, f"Changed: {name} ({', '.join(changes)}).", about=instance)


def deleted(kind: Kind, instance: Model, **kwargs: object) -> None:
    audit.record(kind, f"Deleted: {instance._meta.verbose_name}.", about=instance)
