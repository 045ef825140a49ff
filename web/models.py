"""What the site's own machinery keeps."""

from django.db import models


class JobRun(models.Model):
    """When a periodic job last finished."""

    task = models.CharField(max_length=120, unique=True)
    last_ran_at = models.DateTimeField()

    class Meta:
        ordering = ["task"]
        verbose_name = "periodic job"

    def __str__(self) -> str:
        return self.task
