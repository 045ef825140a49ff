"""What keeps the site from filling its disk: a rule for each table, upload and file.

A table has a rule of retention (`web.retention.Rule`), or its app says in `bounded` why it cannot
grow without end. Of uploads and of files in VAR_DIR an app says what they are, and how those go
that nobody needs any more. `tests/web/test_growth.py` asks for each.
"""

import logging
import re
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import NamedTuple

from django.apps import apps
from django.core.files.storage import default_storage
from django.db import transaction

from web import media
from web.contributions import contributions, every
from web.files import Folder, MediaKind
from web.media import Stored
from web.retention import Rule, in_words

# A rendition that was just made, or a form that was refused and keeps its picture for a day, is
# far younger.
GRACE = timedelta(days=7)
BATCH = 20  # deleted while nobody can begin to need one of them

logger = logging.getLogger(__name__)


class Bound(NamedTuple):
    """One thing that grows, and what keeps it from doing so without end."""

    what: str
    why: str


def tables() -> Iterator[Bound]:
    """For each table, its app's own words; of one that has rules of retention, these."""
    rules: dict[str, list[Rule]] = {}
    said: dict[str, str] = {}
    for one in every():
        said |= one.bounded
        for rule in one.retention:
            rules.setdefault(rule.model, []).append(rule)
    for model in apps.get_models(include_auto_created=True):
        if not model._meta.managed or model._meta.proxy:
            continue
        label = model._meta.label
        parts = [said[label]] if label in said else []
        parts += [_in_words(rule) for rule in rules.get(label, ())]
        yield Bound(model._meta.db_table, " ".join(parts))


def _in_words(rule: Rule) -> str:
    may = "" if rule.is_fixed else ", unless Retention says otherwise"
    return f"Deleted {in_words(rule.days)} after {rule.since}{may}: {rule.key}."


def as_markdown() -> str:
    """All of it as the table in docs/growth.md."""
    rows = [(f"`{one.what}`", one.why) for one in sorted(tables())]
    rows += [(f"uploads: {kind.what}", kind.why) for kind in kinds()]
    rows += [(f"`{folder.name}`: {folder.what}", folder.why) for folder in folders()]
    lines = [f"| {what} | {why} |" for what, why in rows]
    return "\n".join(["| what grows | what bounds it |", "| --- | --- |", *lines])


def folders() -> list[Folder]:
    return [folder for one in every() for folder in one.folders]


def kinds() -> list[MediaKind]:
    return [kind for one in every() for kind in one.media]


def labels() -> dict[str, str]:
    """How each app is called in front of its tables."""
    return {label: str(apps.get_app_config(label).verbose_name) for label in contributions()}


def kind_of(name: str) -> MediaKind | None:
    """What an upload of that name is; None if no app knows it."""
    return next((kind for kind in kinds() if re.fullmatch(kind.names, name)), None)


def delete_what_nobody_needs(now: datetime) -> dict[str, int]:
    """Files in VAR_DIR that are old, and uploads that have had no owner for a week: how many went,
    by what they are. One kind that fails stops none of the others.
    """
    gone = {}
    for folder in folders():
        if folder.delete_old:
            gone[folder.what] = _counted(folder.what, folder.delete_old, now)
    stored = list(media.files())
    for kind in kinds():
        old = [
            one.name
            for one in stored
            if one.changed_at < now - GRACE and re.fullmatch(kind.names, one.name)
        ]
        gone[kind.what] = _counted(kind.what, _delete_unneeded, kind, old)
    return gone


def _counted(what: str, delete: Callable[..., int], *arguments: object) -> int:
    try:
        return delete(*arguments)
    except Exception:
        logger.exception("What nobody needs was not deleted: %s", what)
        return 0


def _delete_unneeded(kind: MediaKind, names: Collection[str]) -> int:
    needed = set(kind.needed(names))
    unneeded = [name for name in names if name not in needed]
    if kind.hold is None:
        for name in unneeded:
            default_storage.delete(name)
        return len(unneeded)
    count = 0
    for start in range(0, len(unneeded), BATCH):
        some = unneeded[start : start + BATCH]
        with transaction.atomic():
            kind.hold()
            going = set(some) - set(kind.needed(some))
            for name in going:
                default_storage.delete(name)
            for folder in {name.rpartition("/")[0] for name in going}:
                _delete_if_empty(folder)
        count += len(going)
    return count


def _delete_if_empty(folder: str) -> None:
    """A bucket has no folders."""
    if folder and not media.is_elsewhere():
        with suppress(OSError):  # something else is in it
            default_storage.delete(folder)


def sizes(stored: Collection[Stored]) -> dict[str, int]:
    """Bytes of uploads by what they are."""
    found = {kind.what: 0 for kind in kinds()}
    for one in stored:
        kind = kind_of(one.name)
        what = kind.what if kind else "Uploads of no known kind"
        found[what] = found.get(what, 0) + one.size
    return found
