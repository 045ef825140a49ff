"""After each migrate: the triggers that what the apps say calls for, whichever app says it."""

from django.db import connections

from page_cache import stamp
from web import contributions
from web.undeletable import Kept, drop_all, refuse_changes, refuse_deletion


def watch_what_is_shown(using: str, **kwargs: object) -> None:
    shown = contributions.shown()
    tables = [stamp.Table(each.table, each.only_when, each.only_column) for each in shown]
    stamp.keep_triggers_in_step(tables, using)


def clear_the_way(using: str, **kwargs: object) -> None:
    """SQLite drops no column that a trigger names, on the way back to an earlier version."""
    if connections[using].vendor == "sqlite":
        drop_all(using)


def keep_what_is_never_deleted(using: str, **kwargs: object) -> None:
    for one in contributions.every():
        refuse_deletion([Kept(table, when) for table, when in one.never_deleted.items()], using)
        refuse_changes([Kept(table, when) for table, when in one.never_changed.items()], using)
