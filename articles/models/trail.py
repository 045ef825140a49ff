"""What a draft was before: kept for a while, so that a bad save is undone."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from articles.models.articles import Article
from images.models import Image


class DraftStateQuerySet(models.QuerySet["DraftState"]):
    def newest_first(self) -> Self:
        return self.order_by("-at", "-pk")

    def before(self, moment: datetime) -> Self:
        return self.filter(at__lt=moment)


class DraftState(models.Model):
    """The text of a draft as somebody left it, before it was saved differently.

    It is no revision: it has no number, is never published, and goes after a while: see
    `articles.trail`.
    """

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="draft_states")
    title = models.CharField(max_length=160, blank=True)
    summary = models.TextField(blank=True)
    body = models.TextField(blank=True)
    cover = models.ForeignKey(
        Image, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    seo_title = models.CharField(max_length=70, blank=True)
    seo_description = models.CharField(max_length=160, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField(default=timezone.now, db_index=True, help_text="When it was written.")

    objects = DraftStateQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["article", "at"], name="articles_a_state_is_kept_once"),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.at:%Y-%m-%d %H:%M})"
