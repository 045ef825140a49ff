"""Forms of a question set and its parts, which may be published while someone has one open."""

from typing import TypeVar

from django.http import HttpRequest

from desk.merging import MergingForm, TakesNoChanges
from desk.seen import OPENED, SEEN, read_seen
from readiness.models import Dimension, Question, QuestionSet

Part = QuestionSet | Dimension | Question
Row = TypeVar("Row", QuestionSet, Dimension, Question)

ALWAYS_OPEN = {"topics"}  # no result depends on them


def set_of(row: Part) -> QuestionSet:
    match row:
        case QuestionSet():
            return row
        case Dimension():
            return row.question_set
        case _:
            return row.dimension.question_set


class DraftForm(MergingForm[Row]):
    """Locks the whole set while it is saved: publishing comes before or after."""

    def hold(self) -> None:
        sets = QuestionSet.objects.select_for_update().filter(pk=set_of(self.instance).pk)
        held = sets.first()
        super().hold()
        if held and held.is_published and self.fields.keys() - ALWAYS_OPEN:
            raise TakesNoChanges


def why_frozen(request: HttpRequest, part: Part | None) -> str:
    """A page that was opened as a draft says more than what is published takes."""
    seen = read_seen(request.POST.get(SEEN, ""))
    if part and set_of(part).is_published and seen.keys() - {*ALWAYS_OPEN, OPENED}:
        return f"A colleague published {set_of(part)}"
    return ""
