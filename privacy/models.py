"""What the site has promised its visitors about their data, and proof that it keeps to it."""

import hashlib
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class Wording(models.Model):
    """One version of the privacy page, as visitors read it from `since` until the next one.

    The database refuses to change or delete it. A text that comes back later is a version of its
    own, so that the numbers also tell what was live when. Without a page, both texts are empty.
    """

    number = models.PositiveIntegerField("version", unique=True)
    title = models.CharField(max_length=120, blank=True)
    text = models.TextField(blank=True)
    digest = models.CharField("SHA-256", max_length=64, db_index=True, editable=False)
    since = models.DateTimeField("live since", default=timezone.now)

    class Meta:
        ordering = ["-number"]
        verbose_name = "privacy wording"
        constraints = [
            models.CheckConstraint(
                name="privacy_wording_numbers_begin_with_one", condition=Q(number__gte=1)
            ),
            models.CheckConstraint(name="privacy_wording_has_its_digest", condition=~Q(digest="")),
        ]

    def __str__(self) -> str:
        return f"Version {self.number}, live since {timezone.localtime(self.since):%-d %B %Y}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.digest = digest(self.title, self.text)
        super().save(*args, **kwargs)


def digest(title: str, text: str) -> str:
    return hashlib.sha256(f"{title}\n{text}".encode()).hexdigest()


class Erasure(models.Model):
    """A receipt: people were erased. It says how much that was, and not a word about whom.

    The database refuses to change or delete it.
    """

    at = models.DateTimeField("erased", default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    people = models.PositiveSmallIntegerField()
    deleted = models.TextField()  # "2 inquiries, 1 contact"
    kept = models.TextField()

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="privacy_erasure_is_of_someone", condition=Q(people__gte=1)
            ),
        ]

    def __str__(self) -> str:
        return f"Receipt no. {self.pk}"


class Deletion(models.Model):
    """A record that no longer exists. Written by the database itself, no matter who deletes it."""

    record = models.CharField(max_length=40)  # "Inquiry"
    number = models.BigIntegerField("no.")
    deleted_at = models.DateTimeField("deleted")

    class Meta:
        ordering = ["-deleted_at", "-pk"]
        verbose_name = "deleted record"

    def __str__(self) -> str:
        return f"{self.record} no. {self.number}"
