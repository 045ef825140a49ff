"""What we offer."""

from django.db import models


class Service(models.Model):
    """One block of what we offer: a heading, some paragraphs and a list of features."""

    heading = models.CharField(max_length=120)
    text = models.TextField(help_text="Leave a blank line between paragraphs.")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.heading


class Feature(models.Model):
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="features")
    title = models.CharField(max_length=80)
    text = models.CharField(max_length=250)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.title
