"""What colleagues did about a lead: who answered it, and who has looked at it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from leads.models.inquiries import Inquiry
from leads.models.leads import Lead


class Opened(models.Model):
    """Someone looked at a lead, and when last: what nobody has opened since it came is new. And
    what they write about it, until a moment that is put off while they do.
    """

    class Writing(models.TextChoices):
        NOTE = "note", "a note"
        ANSWER = "answer", "an answer"  # in their mail program

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="openings")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    writing = models.CharField(max_length=6, choices=Writing, blank=True, default="", db_default="")
    writing_since = models.DateTimeField(null=True, blank=True)
    writing_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["lead", "by"], name="leads_opened_once_by_each"),
            models.CheckConstraint(
                name="leads_writing_says_what_and_when",
                condition=Q(writing="", writing_since__isnull=True, writing_until__isnull=True)
                | Q(
                    writing__in=["note", "answer"],
                    writing_since__isnull=False,
                    writing_until__isnull=False,
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.by}, {self.at}"


class Answer(models.Model):
    """Someone answered what a lead's person had written so far, or said that it needs no answer.

    Taking it back deletes the row.
    """

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="answers")
    # Nobody: known only from the time before answers were rows.
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField()
    was_needed = models.BooleanField(default=True, db_default=True)
    # A table of its own: an answer holds no inquiry that a worker is just notifying of.
    inquiries = models.ManyToManyField(Inquiry, related_name="answers")

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.by or 'Someone'}, {timezone.localtime(self.at):%-d %B %Y}"
