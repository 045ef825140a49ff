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


class DiskUse(models.Model):
    """How much disk the site took on a day, by what, and how much there was: `web.disk`."""

    day = models.DateField(unique=True)
    parts = models.JSONField(default=list)  # of a group, a name and bytes each
    total = models.PositiveBigIntegerField(help_text="Bytes of the disk of VAR_DIR.")
    free = models.PositiveBigIntegerField(help_text="Bytes of these.")

    class Meta:
        ordering = ["-day"]
        verbose_name = "disk use"
        verbose_name_plural = "disk use"
        constraints = [
            models.CheckConstraint(
                name="web_disk_use_is_within_the_disk",
                condition=models.Q(free__lte=models.F("total")),
            ),
        ]

    def __str__(self) -> str:
        return str(self.day)

    @property
    def used(self) -> int:
        return self.total - self.free
