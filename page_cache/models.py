"""The stamp by which finished pages are known to be fresh."""

from django.db import models
from django.db.models import Q


class ContentStamp(models.Model):
    """One row whose value changes with all that visitors read. Triggers write it: see `stamp`."""

    value = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.CheckConstraint(name="page_cache_one_stamp", condition=Q(pk=1)),
        ]

    def __str__(self) -> str:
        return self.value
