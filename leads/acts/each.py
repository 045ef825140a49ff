"""Doing one thing to leads, however many, in one act that can be taken back."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max
from django.template.defaultfilters import pluralize

from accounts.models import User
from desk import acts
from desk.acts import Doing
from desk.acts import Done as Done
from desk.models import Act
from desk.numbers import row_number
from leads.models import Answer, Inquiry, Lead
from leads.pipeline import locking

APP = "leads"
# Done in one request, in a few seconds. More are refused by the pages, in words.
MAX_AT_ONCE = 5_000


@dataclass(frozen=True)
class Shown:
    """What a page showed of a lead: whoever answers has to have seen what came, and who answered.

    Numbers of rows; None for none. As text, it comes back with a form.
    """

    inquiry: int | None
    answer: int | None

    @classmethod
    def of(cls, lead: Lead) -> "Shown":
        return cls.of_each([lead.pk])[lead.pk]

    @classmethod
    def of_each(cls, numbers: Collection[int]) -> dict[int, "Shown"]:
        latest = dict(_latest(Inquiry, numbers))
        answers = dict(_latest(Answer, numbers))
        return {number: cls(latest.get(number), answers.get(number)) for number in numbers}

    @staticmethod
    def read(texts: Iterable[str]) -> "dict[int, Shown]":
        """What a page says that it showed of each lead: "lead:inquiry.answer"."""
        found = {}
        for text in texts:
            lead, _, seen = text.partition(":")
            inquiry, _, answer = seen.partition(".")
            if number := row_number(lead):
                found[number] = Shown(row_number(inquiry), row_number(answer))
        return found

    def __str__(self) -> str:
        return f"{self.inquiry or ''}.{self.answer or ''}"


def _latest(model: type[Inquiry] | type[Answer], numbers: Collection[int]) -> Any:
    theirs = model._default_manager.filter(lead__in=numbers).order_by()
    return theirs.values_list("lead").annotate(latest=Max("pk"))


def each(
    leads: Iterable[Lead], change: Doing, *, by: User, at: datetime, otherwise: str = ""
) -> Done:
    """Hold the leads and do one thing to them, in one act. `otherwise` is said where nothing was
    done to those that there are.
    """
    numbers = list(dict.fromkeys(lead.pk for lead in leads))

    def change_held(numbers: list[int], act: Act, done: Done) -> Sequence[object]:
        held = locking.hold(numbers)
        changed = change(held, act, done)
        if held and not changed and otherwise:
            done.left_out.append(otherwise)
        if gone := len(numbers) - len(held):
            done.left_out.append(f"{gone} record{pluralize(gone)} had already been erased.")
        return changed

    return do(numbers, change_held, by=by, at=at)


def do(rows: list[Any], change: Doing, *, by: User, at: datetime) -> Done:
    """Do one thing to rows, in one act; where nothing was done, there was none."""
    return acts.do(rows, change, app=APP, by=by, at=at)
