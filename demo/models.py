"""Which rows the demo made."""

from django.db import models


class DemoRow(models.Model):
    """One row that `manage.py seed` made, so that `seed --remove` takes away just those."""

    key = models.CharField(max_length=200, unique=True, help_text="What the demo calls it.")
    model = models.CharField(max_length=100)
    row = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["model", "row"], name="demo_a_row_is_made_once"),
        ]

    def __str__(self) -> str:
        return self.key
