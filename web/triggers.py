"""After each migrate: the triggers that what the apps say calls for.

Not in migrations: SQLite's way to alter a table drops its triggers without a word.
"""

from page_cache import stamp
from web import contributions
from web.undeletable import Kept, refuse_changes, refuse_deletion


def watch_what_is_shown(using: str, **kwargs: object) -> None:
    shown = contributions.shown()
    tables = [stamp.Table(each.table, each.only_when, each.only_column) for each in shown]
    stamp.keep_triggers_in_step(tables, using)


def keep_what_is_never_deleted(using: str, **kwargs: object) -> None:
    for one in contributions.every():
        refuse_deletion([Kept(table, when) for table, when in one.never_deleted.items()], using)
        refuse_changes([Kept(table) for table in one.never_changed], using)
