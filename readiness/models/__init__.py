"""What we ask, what it amounts to, and what was answered. Nothing here knows who answered."""

from readiness.models.assessments import Abandoned, Assessment, AssessmentQuerySet, PastAnswer
from readiness.models.question_sets import (
    NOT_SURE,
    Dimension,
    Option,
    Question,
    QuestionSet,
    Result,
    Rule,
)

__all__ = [
    "NOT_SURE",
    "Abandoned",
    "Assessment",
    "AssessmentQuerySet",
    "Dimension",
    "Option",
    "PastAnswer",
    "Question",
    "QuestionSet",
    "Result",
    "Rule",
]
