"""Where the questions of the assessment are edited."""

from readiness.admin import parts, question_sets

__all__ = ["parts", "question_sets"]
