"""What must not be published: names of clients, code names, internal hosts."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models

from articles.checking.folding import Name

MIN_LETTERS = 2


class PrivateName(models.Model):
    """A line of the private list, which administrators alone may read.

    Whoever writes a text in which it stands learns where, and never what the list says.
    """

    class Kind(models.TextChoices):
        CLIENT = "client", "Client"
        CODE_NAME = "code_name", "Code name"
        HOST = "host", "Internal host"

    name = models.CharField(
        max_length=200,
        help_text="Also found in capitals, without accents, split by spaces or hyphens, and within "
        "addresses and code. Other forms of it (a short name, a domain) are lines of their own.",
    )
    letters = models.CharField(max_length=400, unique=True, editable=False)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.CLIENT)
    note = models.CharField(
        max_length=250, blank=True, help_text="Why, and until when. Only administrators see it."
    )
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
    )
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "pk"]
        permissions = [
            ("clear_privatename", "Can allow private names and secrets in an article"),
        ]
        constraints = [
            models.CheckConstraint(
                name="articles_private_name_has_letters", condition=~models.Q(letters="")
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: object, **kwargs: object) -> None:
        self.letters = Name.of(self.name).letters
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    def clean(self) -> None:
        super().clean()
        letters = Name.of(self.name).letters
        if len(letters) < MIN_LETTERS:
            raise ValidationError({"name": "It needs at least two characters that are not signs."})
        same = PrivateName.objects.filter(letters=letters).exclude(pk=self.pk).first()
        if same:
            raise ValidationError({"name": f"“{same}” on the list is the same name."})
