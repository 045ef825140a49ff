"""What was answered. Nothing here knows who answered."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from readiness import scoring, wishes
from readiness.models.question_sets import Question, QuestionSet, Rule


class AssessmentQuerySet(models.QuerySet["Assessment"]):
    def finished(self) -> Self:
        return self.filter(finished_at__isnull=False)

    def expired(self) -> Self:
        """Those whose links lead nowhere any more."""
        return self.filter(expires_at__lte=timezone.now())

    def newest_first(self) -> Self:
        return self.order_by("-finished_at", "-pk")


class Assessment(models.Model):
    """One visitor's answers, and nothing about who they are. Written by `readiness.taking` only.

    Two keys open it, and of both only the hash is kept: one goes on with it, the other shows its
    result and can be passed on.
    """

    question_set = models.ForeignKey(
        QuestionSet, on_delete=models.PROTECT, related_name="assessments"
    )
    answers = models.JSONField(default=dict)  # as scoring.Answers
    wishes = models.JSONField(default=dict)  # the unscored step, as readiness.wishes
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField()
    # By which it was finished: the emails about it lead back there.
    request_id = models.CharField(
        max_length=64, blank=True, default="", db_default="", editable=False
    )
    key_hash = models.CharField(max_length=64, unique=True)
    result_hash = models.CharField(max_length=64, unique=True)
    # What it came to; told again from the answers, it is the same.
    points = models.JSONField(default=dict)  # by the dimension's letter
    total = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    rule = models.ForeignKey(Rule, on_delete=models.PROTECT, null=True, related_name="+")

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "-pk"]
        indexes = [
            models.Index(
                fields=["expires_at"],
                condition=Q(finished_at__isnull=True),
                name="readiness_unfinished",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="readiness_finished_says_what_it_came_to",
                condition=Q(finished_at__isnull=True, total__isnull=True, rule__isnull=True)
                | Q(finished_at__isnull=False, total__isnull=False, rule__isnull=False),
            ),
            models.CheckConstraint(
                name="readiness_total_is_0_to_100",
                condition=Q(total__isnull=True) | Q(total__gte=0, total__lte=scoring.FULL),
            ),
            models.CheckConstraint(
                name="readiness_wishes_are_keys", condition=wishes.are_keys("wishes")
            ),
            models.CheckConstraint(
                name="readiness_expires_after_it_began",
                condition=Q(expires_at__gt=F("started_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"Assessment {self.pk}"

    @property
    def is_finished(self) -> bool:
        return self.finished_at is not None

    @property
    def has_expired(self) -> bool:
        return self.expires_at <= timezone.now()


class Abandoned(models.Model):
    """How many assessments that nobody finished were left at a step, of those that are deleted.

    Written by `taking.forget` only, as `PastAnswer` is.
    """

    question_set = models.ForeignKey(
        QuestionSet, on_delete=models.PROTECT, related_name="abandoned"
    )
    step = models.PositiveSmallIntegerField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["question_set", "step"]
        verbose_name_plural = "abandoned"
        constraints = [
            models.UniqueConstraint(
                fields=["question_set", "step"], name="readiness_a_step_is_counted_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.question_set}, step {self.step}: {self.count}"


class PastAnswer(models.Model):
    """How often an answer was given in finished assessments, of those that are deleted."""

    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="past_answers")
    value = models.PositiveSmallIntegerField(null=True)  # None says "Not sure"
    count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["question", "value"]
        constraints = [
            models.UniqueConstraint(
                fields=["question", "value"], name="readiness_an_answer_is_counted_once"
            ),
            # Of two that say "Not sure", the database sees no duplicate by itself.
            models.UniqueConstraint(
                fields=["question"],
                condition=Q(value__isnull=True),
                name="readiness_not_sure_is_counted_once",
            ),
            models.CheckConstraint(
                name="readiness_past_answers_score_0_to_3",
                condition=Q(value__isnull=True) | Q(value__lte=scoring.MAX_VALUE),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.question.key}, {self.question.said(self.value)}: {self.count}"
