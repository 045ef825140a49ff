"""What the lists of staff say of an article, so that each order has an index."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Max, Min, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

_TAG = re.compile(r"<[^>]*>")


def count_words(html: str) -> int:
    return len(_TAG.sub(" ", html).split())


def _what_is_said_of(revision: Any) -> dict[str, Any]:
    return {
        "title": revision.title,
        "edited_at": revision.edited_at,
        "edited_by_id": revision.edited_by_id,
        "words": count_words(revision.body),
    }


def _same(one: str, other: str) -> Q:
    return Q(**{one: F(other)}) | Q(**{f"{one}__isnull": True, f"{other}__isnull": True})


class ListedArticleQuerySet(models.QuerySet["ListedArticle"]):
    def of(self, user: Any) -> Self:
        """Those that the person signs, or wrote the latest revision of."""
        from_them = self.model.objects.filter(article__authors__user=user.pk).values("pk")
        return self.filter(Q(edited_by=user.pk) | Q(pk__in=from_them))

    def drafts(self) -> Self:
        """With a draft that nobody was asked to review, also behind a live article."""
        return self.filter(draft_state="draft")

    def in_review(self) -> Self:
        return self.filter(draft_state="in_review")

    def returned_to(self, user: Any) -> Self:
        """Sent back to whoever asked for the review, and not submitted or published again since."""
        return self.drafts().filter(
            revision__review__asked_by=user.pk, revision__review__verdict__is_approved=False
        )

    def on_the_site(self) -> Self:
        return self.filter(article__unpublished_at=None, article__retired_at=None)

    def scheduled(self, now: datetime | None = None) -> Self:
        """Something is to go live, also a change of a live article."""
        return self.on_the_site().filter(last_from__gt=now or timezone.now())

    def live(self, now: datetime | None = None) -> Self:
        return self.on_the_site().filter(live_since__lte=now or timezone.now())

    def unpublished(self) -> Self:
        return self.filter(article__unpublished_at__isnull=False)

    def retired(self) -> Self:
        return self.filter(article__retired_at__isnull=False)

    def follow_draft(self, draft: Any) -> bool:
        """Say what a draft that was listed as one is now: nothing else can have changed. It is
        saved every few seconds. False if it was no draft, or is not the latest.
        """
        found = self.filter(revision=draft).exclude(draft_state="")
        return bool(found.update(**_what_is_said_of(draft), draft_state=draft.state))

    def wrong(self) -> QuerySet[Any]:
        """The articles of which something else is said than their revisions say: what was written
        by SQL. Of a body only the moment of its change is asked.
        """
        every: Any = ListedArticle._meta.get_field("revision").related_model
        revisions = every._default_manager.filter(article=OuterRef("pk"))
        from_of = revisions.filter(live_from__isnull=False).values("live_from")
        state = F("revision__state")
        right = self.alias(
            latest=Subquery(revisions.latest_first().values("pk")[:1]),
            first=Subquery(from_of.order_by("live_from")[:1]),
            last=Subquery(from_of.order_by("-live_from")[:1]),
        ).filter(
            Q(draft_state=state)
            | Q(draft_state="") & ~Q(revision__state__in=["draft", "in_review"]),
            _same("live_since", "first"),
            _same("last_from", "last"),
            _same("edited_by", "revision__edited_by"),
            revision=F("latest"),
            title=F("revision__title"),
            edited_at=F("revision__edited_at"),
        )
        articles: Any = ListedArticle._meta.get_field("article").related_model
        written: QuerySet[Any] = articles._default_manager.filter(revisions__isnull=False)
        return written.distinct().exclude(pk__in=right.values("pk"))

    def renew(self, articles: Iterable[int]) -> None:
        """Say of these what their revisions are now. Called by whoever writes revisions."""
        every: Any = ListedArticle._meta.get_field("revision").related_model
        rows = []
        for article in articles:
            revisions = every._default_manager.filter(article=article)
            latest = revisions.latest_first().first()
            if latest is None:
                continue
            moments = revisions.aggregate(first=Min("live_from"), last=Max("live_from"))
            rows.append(
                ListedArticle(
                    article_id=article,
                    revision=latest,
                    **_what_is_said_of(latest),
                    draft_state=latest.state if latest.is_draft else "",
                    live_since=moments["first"],
                    last_from=moments["last"],
                )
            )
        self.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["article"],
            update_fields=[
                *("revision", "title", "edited_at", "edited_by", "words"),
                *("draft_state", "live_since", "last_from"),
            ],
        )


class ListedArticle(models.Model):
    """Repeats of an article's revisions what its lists show and sort by. Staff alone see it."""

    article = models.OneToOneField(
        "articles.Article", on_delete=models.CASCADE, primary_key=True, related_name="listed"
    )
    # The latest, on which somebody works or which was published last
    revision = models.OneToOneField(
        "articles.Revision", on_delete=models.CASCADE, related_name="listed"
    )
    title = models.CharField(max_length=160)
    edited_at = models.DateTimeField()
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    words = models.PositiveIntegerField()
    draft_state = models.CharField(max_length=10, blank=True)  # of its draft, if it has one
    live_since = models.DateTimeField(null=True)  # its first moment, past or to come
    last_from = models.DateTimeField(null=True)  # its last

    objects = ListedArticleQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["edited_at", "article"], name="articles_listed_by_edit"),
            models.Index(fields=["title", "article"], name="articles_listed_by_title"),
            models.Index(fields=["words", "article"], name="articles_listed_by_words"),
            models.Index(fields=["live_since", "article"], name="articles_listed_by_live"),
            models.Index(fields=["last_from", "article"], name="articles_listed_by_last"),
            models.Index(
                fields=["draft_state", "article"],
                condition=~Q(draft_state=""),
                name="articles_listed_drafts",
            ),
        ]

    def __str__(self) -> str:
        return self.title
