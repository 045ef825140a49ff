"""What search reads, and what was searched for."""

from datetime import datetime

from django.db import models
from django.db.models import Q

from prose.text import normal, plain_text, vocabulary


class RevisionTextManager(models.Manager["RevisionText"]):
    def store(
        self,
        revision_id: int,
        *,
        title: str,
        summary: str,
        body: str,
        draft_of: datetime | None = None,
    ) -> None:
        """Store the text of a published revision, or of a draft as it was at that moment."""
        text = {"title": normal(title), "summary": normal(summary), "body": plain_text(body)}
        self.update_or_create(revision_id=revision_id, defaults={**text, "draft_of": draft_of})
        SearchWord.objects.add(*text.values())


class RevisionText(models.Model):
    """The plain text of a revision, which search reads.

    That of a published one is written with the revision, so nothing has to happen when it goes
    live; that of a draft when staff search, for it changes every few seconds. The database derives
    its own index from this row, so the two never differ.
    """

    revision = models.OneToOneField(
        "articles.Revision", on_delete=models.CASCADE, primary_key=True, related_name="text"
    )
    title = models.TextField()
    summary = models.TextField(blank=True)
    body = models.TextField(blank=True)
    # When the draft that it is the text of was edited. Visitors never search in it.
    draft_of = models.DateTimeField(null=True)

    objects = RevisionTextManager()

    class Meta:
        indexes = [
            models.Index(
                fields=["revision"],
                condition=Q(draft_of__isnull=False),
                name="articles_texts_of_drafts",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class SearchWordManager(models.Manager["SearchWord"]):
    def add(self, *texts: str) -> None:
        """Add the words of these texts, sorted so that two at once cannot deadlock."""
        words = [SearchWord(word=word) for word in vocabulary(*texts)]
        self.bulk_create(words, ignore_conflicts=True, batch_size=1000)

    def delete_unused(self) -> None:
        """Delete the words that no published revision contains any more. Reads all of them."""
        texts = RevisionText.objects.values_list("title", "summary", "body")
        used = {word for text in texts.iterator(chunk_size=200) for word in vocabulary(*text)}
        unused = [pk for pk, word in self.values_list("pk", "word") if word not in used]
        for first in range(0, len(unused), 500):
            self.filter(pk__in=unused[first : first + 500]).delete()


class SearchWord(models.Model):
    """A word of a revision, for spelling correction and completion.

    Visitors see it only while a live revision contains it: words outlive their revisions here.
    """

    word = models.CharField(max_length=32, unique=True)

    objects = SearchWordManager()

    def __str__(self) -> str:
        return self.word


class SearchCount(models.Model):
    """How often visitors searched for the same thing on one day, and nothing about who they are."""

    MAX_QUERY_LENGTH = 80

    day = models.DateField()
    query = models.CharField("search term", max_length=MAX_QUERY_LENGTH)
    count = models.PositiveIntegerField("searches", default=0)
    results = models.PositiveIntegerField(default=0, help_text="At the last search.")

    class Meta:
        ordering = ["-day", "-count", "query"]
        verbose_name = "search term"
        verbose_name_plural = "search terms"
        constraints = [
            models.UniqueConstraint(
                fields=["query", "day"], name="articles_one_count_per_query_and_day"
            ),
        ]

    def __str__(self) -> str:
        return self.query
