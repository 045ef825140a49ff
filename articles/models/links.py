"""What leads to an article: the addresses it used to have, and other articles."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q


class MoreArticle(models.Model):
    """An article chosen by hand to be listed below another."""

    article = models.ForeignKey(
        "articles.Article", on_delete=models.CASCADE, related_name="more_links"
    )
    other = models.ForeignKey("articles.Article", on_delete=models.CASCADE, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = "related article"
        constraints = [
            models.UniqueConstraint(
                fields=["article", "other"], name="articles_more_lists_an_article_once"
            ),
            models.CheckConstraint(
                condition=~Q(article=F("other")),
                name="articles_more_never_lists_itself",
                violation_error_message="An article cannot be related to itself.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.other)

    def clean(self) -> None:
        """Django leaves a constraint on the parent of an inline form to the database."""
        super().clean()
        if self.article_id and self.article_id == self.other_id:
            raise ValidationError({"other": "An article cannot be related to itself."})


class FormerSlug(models.Model):
    """An address an article used to have. It redirects to the article."""

    slug = models.SlugField(max_length=120, unique=True)
    article = models.ForeignKey(
        "articles.Article", on_delete=models.CASCADE, related_name="former_slugs"
    )

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.slug
