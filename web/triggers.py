"""The triggers that what the apps say calls for, whichever app says it: kept after each migrate."""

from django.db import connections, transaction

from page_cache import stamp
from web import contributions
from web.migrating import Plan, wait_briefly
from web.undeletable import Kept, drop_all, refuse_changes, refuse_deletion


def watch_what_is_shown(using: str, **kwargs: object) -> None:
    shown = contributions.shown()
    tables = [stamp.Table(each.table, each.only_when, each.only_column) for each in shown]
    with transaction.atomic(using=using):
        wait_briefly(using)
        stamp.keep_triggers_in_step(tables, using)


def clear_the_way(using: str, plan: Plan = (), **kwargs: object) -> None:
    """SQLite drops no column that a trigger names. PostgreSQL lets the trigger go with it, so that
    all may stay, but those that would write into a table that goes.
    """
    if plan and connections[using].vendor == "sqlite":
        stamp.remove_triggers(using)
        drop_all(using)
    elif any(backwards and step.app_label == "page_cache" for step, backwards in plan):
        stamp.remove_triggers(using)


def keep_what_is_never_deleted(using: str, **kwargs: object) -> None:
    for one in contributions.every():
        refuse_deletion([Kept(table, when) for table, when in one.never_deleted.items()], using)
        refuse_changes([Kept(table, when) for table, when in one.never_changed.items()], using)
