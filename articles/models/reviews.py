"""Reviews: somebody asks that a draft be read, and somebody says what came of it."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class ReviewQuerySet(models.QuerySet["Review"]):
    def open(self) -> Self:
        """Those that wait for a verdict."""
        return self.filter(revision__state="in_review", verdict__isnull=True)

    def waiting_for(self, user: Any) -> Self:
        """Those that this publisher was asked for, and those that any publisher may answer."""
        return self.open().filter(Q(asked_of=user.pk) | Q(asked_of__isnull=True))

    def returned_to(self, user: Any) -> Self:
        """Sent back to whoever asked, and not submitted or published again since."""
        return self.filter(
            revision__state="draft", verdict__is_approved=False, asked_by=user.pk
        ).order_by("-verdict__at", "-pk")

    def most_urgent_first(self) -> Self:
        return self.order_by(F("due_on").asc(nulls_last=True), "asked_at", "pk")

    def with_texts(self) -> Self:
        """With all that a list says of them; the body stays in the database."""
        return self.select_related("revision__article", "asked_by", "verdict__by").defer(
            "revision__body"
        )


class Review(models.Model):
    """Somebody asked that this text be read: by someone, or by any publisher.

    A later change of the text takes it out of review, and this row goes; history tells of it.
    """

    revision = models.OneToOneField(
        "articles.Revision", on_delete=models.CASCADE, related_name="review"
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    asked_at = models.DateTimeField()
    asked_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    due_on = models.DateField(null=True)
    note = models.TextField(blank=True)

    objects = ReviewQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Review of {self.revision}"


class Verdict(models.Model):
    """What a publisher said of the text that was submitted. Undo deletes the row."""

    review = models.OneToOneField(Review, on_delete=models.CASCADE, related_name="verdict")
    is_approved = models.BooleanField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    at = models.DateTimeField()
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="articles_sent_back_with_a_reason",
                condition=Q(is_approved=True) | ~Q(reason=""),
                violation_error_message="Say what should change.",
            ),
        ]

    def __str__(self) -> str:
        return "Approved" if self.is_approved else f"Sent back: {self.reason}"
