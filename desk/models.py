"""What the admin itself keeps."""

from django.db import models
from django.utils import timezone


class SentForm(models.Model):
    """A form of the admin that someone sent a moment ago, and what they were answered.

    The digest is taken before anything is saved, in the same transaction: whoever sends the same
    form again waits for it.
    """

    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of who sent what.")
    sent_at = models.DateTimeField(default=timezone.now, db_index=True)
    # Without its query, which may hold what someone searched for.
    location = models.TextField(help_text="The path where the answer led.")

    def __str__(self) -> str:
        return f"{self.digest[:12]}, {self.sent_at}"
