"""What a person does at the desk, and taking it back.

An app that can take back what is done in it contributes `Undo`; its rows refer to the `Act`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from desk.models import Act
from web.contributions import contributions


@dataclass(frozen=True)
class Undo:
    """How an app takes back what was done in it."""

    # What was done and to whom, in one sentence
    tell: Callable[[Act], str]
    # Does it, by whom and when, and says in sentences what came of it; the act is held. Raises
    # `NotYetError` where nothing was done because something later of theirs comes first
    take_back: Callable[[Act, Any, datetime], list[str]]


class NotYetError(Exception):
    """Something that the same person did later has to be taken back first; the act waits for it."""

    def __init__(self, said: list[str]) -> None:
        super().__init__(*said)
        self.said = said


@dataclass(frozen=True)
class Told:
    """An act for the message that offers to take it back."""

    act: Act
    text: str


@dataclass
class Done:
    """What came of it: to how many it was done, and a sentence for each that was left alone.
    `remarks` are what else whoever did it should know.
    """

    count: int = 0
    left_out: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    act: Act | None = None


# Does it to rows, says what it leaves alone, and returns the others.
Doing = Callable[[list[Any], Act, Done], Sequence[object]]
TOO_LATE = "There is nothing left to undo."
UNDO_THAT_FIRST = "Undo that first."


@transaction.atomic
def do(rows: list[Any], change: Doing, *, app: str, by: Any, at: datetime) -> Done:
    """Do one thing to rows, in one act; where nothing was done, there was none."""
    done, act = Done(), Act.objects.create(by=by, at=at, app=app)
    done.count = len(change(rows, act, done))
    if done.count:
        done.act, act.count = act, done.count
        act.save(update_fields=["count"])
    else:
        act.delete()
    return done


def take_back(number: int, *, by: Any, now: datetime) -> list[str]:
    """Take one act of that person back, once; says in sentences what came of it. What has to wait
    for something later can be taken back after that.
    """
    try:
        return _take_back(number, by, now)
    except NotYetError as error:
        return error.said


@transaction.atomic
def _take_back(number: int, by: Any, now: datetime) -> list[str]:
    mine = Act.objects.select_for_update().filter(by=by).undoable(now)
    act = mine.filter(pk=number).first()
    undo = opposite(act.app) if act else None
    if not (act and undo):
        return [TOO_LATE]
    said = undo.take_back(act, by, now)
    act.undone_at = now
    act.save(update_fields=["undone_at"])
    return said


def opposite(app: str) -> Undo | None:
    one = contributions().get(app)
    return one.undo if one else None


def latest(request: HttpRequest) -> Told | None:
    """The last thing this person did that they can still take back.

    It is a row, so it is offered in every tab, and after any other page was seen.
    """
    if not request.user.is_authenticated:
        return None
    act = Act.objects.filter(by=request.user).undoable(timezone.now()).first()
    undo = opposite(act.app) if act else None
    return Told(act, undo.tell(act)) if act and undo else None
