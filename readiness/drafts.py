"""Forms of a question set and its parts, which may be published while someone has one open."""

from typing import TypeVar

from desk.merging import MergingForm, TakesNoChanges
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
