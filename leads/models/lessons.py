"""What decisions about spam have taught."""

from typing import Any

from django.db import models
from django.db.models import Q


class SpamLesson(models.Model):
    """How much words speak for spam by what people decided: one row, which a job makes anew from
    the inquiries (`leads.spam.lessons`), so that it forgets what they forget.

    It has only words that several people wrote.
    """

    ONLY = 1

    # Tenths of a point that each word or pair of words speaks for spam, or below zero for a person.
    tenths: models.JSONField[dict[str, int]] = models.JSONField(default=dict, blank=True)
    # Tells whether people have decided anything since.
    learned_from = models.CharField(max_length=64, blank=True)
    learned_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="leads_spam_lesson_is_the_only_one", condition=Q(pk=1)),
        ]

    def __str__(self) -> str:
        return f"Learned on {self.learned_at:%-d %B %Y}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.pk = self.ONLY
        super().save(*args, **kwargs)
