"""What was done to an article: who, when, and to which of its revisions."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from desk.models import Act


class HistoryLineQuerySet(models.QuerySet["HistoryLine"]):
    def allowing(self, article: models.Model) -> Self:
        """What a person with the right has allowed in it: see `checks["key"]`."""
        return self.filter(article=article, kind=HistoryLine.Kind.ALLOWED, undone_by=None)


class HistoryLine(models.Model):
    """One line of an article's history. Lines are added, never changed; the name of who did it
    stays when the account goes. Written by `articles.history`, with what it tells of.
    """

    class Kind(models.TextChoices):
        SUBMITTED = "submitted", "Submitted for review"
        CHANGED = "changed", "Taken out of review by a change of the text"
        APPROVED = "approved", "Approved"
        SENT_BACK = "sent_back", "Sent back"
        PUBLISHED = "published", "Published"
        FIXED = "fixed", "Live text fixed"
        TOOK_IN = "took_in", "Fix taken in"
        SCHEDULED = "scheduled", "Scheduled"
        UNSCHEDULED = "unscheduled", "Unscheduled"
        DISCARDED = "discarded", "Draft discarded"
        RESTORED = "restored", "Older revision used again"
        UNPUBLISHED = "unpublished", "Unpublished"
        RETIRED = "retired", "Retired"
        REPUBLISHED = "republished", "Republished"
        TOPIC = "topic", "Topic added"
        ALLOWED = "allowed", "Allowed to be published"
        UNDONE = "undone", "Undone"

    article = models.ForeignKey(
        "articles.Article", on_delete=models.CASCADE, related_name="history_lines"
    )
    revision = models.ForeignKey(
        "articles.Revision", on_delete=models.CASCADE, null=True, related_name="+"
    )
    kind = models.CharField(max_length=12, choices=Kind)
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    by_name = models.CharField(max_length=120, blank=True)
    goes_live_at = models.DateTimeField(null=True)
    text = models.TextField(blank=True)
    checks = models.JSONField(null=True)  # what was checked as it was published, and the outcome
    # What it was done in, and what there was before: with these it can be taken back.
    act = models.ForeignKey(
        Act, on_delete=models.SET_NULL, null=True, related_name="article_history"
    )
    before = models.JSONField(null=True)
    undoes = models.OneToOneField(
        "self", on_delete=models.CASCADE, null=True, related_name="undone_by"
    )

    objects = HistoryLineQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="articles_history_undoes_a_line",
                condition=Q(kind="undone", undoes__isnull=False)
                | Q(~Q(kind="undone"), undoes__isnull=True),
            ),
            models.CheckConstraint(
                name="articles_history_says_when_it_goes_live",
                condition=Q(kind="scheduled", goes_live_at__isnull=False)
                | Q(~Q(kind="scheduled"), goes_live_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.text}" if self.text else self.get_kind_display()
