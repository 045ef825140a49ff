"""How an app declares the files it writes, and how those go that nobody needs any more."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class MediaKind:
    """Files of one kind in the store of uploads, told by their names (a regular expression).

    `needed` gives those of the names that something still needs. One that nothing needs goes once
    it is a week old. Where a lost file could not be made again there is `hold`: within the
    transaction that deletes it, `needed` is asked once more after `hold`, which sees to it that
    nothing begins to need one until that transaction ends.
    """

    what: str  # "Renditions of pictures"
    names: str
    why: str  # what bounds them, in a sentence
    needed: Callable[[Collection[str]], Collection[str]]
    hold: Callable[[], None] | None = None


@dataclass(frozen=True)
class Folder:
    """A folder, or a file, below VAR_DIR. `delete_old` is called each night, with the time, and
    returns how many files it deleted.
    """

    name: str  # "mail", or a pattern as of `fnmatch`: "db.sqlite3*"
    what: str
    why: str  # what bounds it, in a sentence
    delete_old: Callable[[datetime], int] | None = None
    is_counted_elsewhere: bool = False  # among uploads, or as the database


@dataclass(frozen=True)
class Advice:
    """What someone can do to have more room, beside a group of `web.disk`, and where."""

    group: str
    text: str
    url_name: str
