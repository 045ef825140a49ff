"""An article is a permanent address; its text lives in revisions.

Visitors read the live revision: the one with the latest `live_from` that has passed. No flag or
job decides this. One module above 300 lines, because an article asks of its revisions and a
revision of its article: in two modules, each would import the other.
"""

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Case, Exists, Expression, F, OuterRef, Q, Subquery, When
from django.urls import reverse
from django.utils import timezone

from articles.models.groups import BYLINES, Author, Series, Topic
from articles.models.links import FormerSlug
from articles.models.listed import ListedArticle
from articles.models.search import RevisionText
from images.models import Image
from prose.editor import ProseField
from prose.figures import picture_ids
from prose.rendering import RenderedBody, render
from web.addresses import is_taken


class ArticleQuerySet(models.QuerySet["Article"]):
    def live(self, at: datetime | Expression | None = None) -> Self:
        """What visitors can read now, or at that moment: neither unpublished nor retired, and some
        revision has gone live.
        """
        now = at or timezone.now()
        begun = Revision.objects.filter(article=OuterRef("pk"), live_from__lte=now)
        return (
            self.filter(Exists(begun)).exclude(retired_at__lte=now).exclude(unpublished_at__lte=now)
        )

    def ever_live(self) -> Self:
        """What readers have seen, live still or not. It is never deleted."""
        begun = Revision.objects.filter(article=OuterRef("pk"), live_from__lte=timezone.now())
        return self.filter(
            Exists(begun) | Q(retired_at__isnull=False) | Q(unpublished_at__isnull=False)
        )

    def with_titles(self) -> Self:
        """Each with the title of its latest revision, which colleagues know it by."""
        latest = Revision.objects.filter(article=OuterRef("pk")).latest_first()
        return self.annotate(latest_title=Subquery(latest.values("title")[:1]))

    def unpublished(self) -> Self:
        """Taken off the site, and it may come back: its addresses answer 404 meanwhile."""
        return self.filter(unpublished_at__lte=timezone.now())

    def retired(self) -> Self:
        """Taken off the site for good: its addresses answer 410."""
        return self.filter(retired_at__lte=timezone.now())


class Article(models.Model):
    slug = models.SlugField(
        "address",
        max_length=120,
        unique=True,
        help_text="Readers bookmark it. If you change it, the old address redirects here.",
    )
    authors = models.ManyToManyField(Author, through="Byline", related_name="articles")
    topics = models.ManyToManyField(Topic, blank=True, related_name="articles")
    series = models.ForeignKey(
        Series, on_delete=models.SET_NULL, null=True, blank=True, related_name="articles"
    )
    series_position = models.PositiveSmallIntegerField(null=True, blank=True)
    planned_for = models.DateField(
        null=True, blank=True, help_text="For planning only. Nothing is published automatically."
    )
    unpublished_at = models.DateTimeField(null=True, blank=True, editable=False)
    retired_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Until someone chooses the address or publishes the article: readers do not know it yet.
    address_follows_title = models.BooleanField(default=False, db_default=False, editable=False)
    more = models.ManyToManyField(
        "self",
        through="MoreArticle",
        symmetrical=False,
        blank=True,
        related_name="+",
    )

    objects = ArticleQuerySet.as_manager()

    class Meta:
        permissions = [
            ("publish_article", "Can publish, schedule, unpublish, and retire articles"),
        ]
        indexes = [
            models.Index(
                fields=["id", "retired_at"],
                condition=Q(retired_at__isnull=False),
                name="articles_unpublished",
            ),
            models.Index(
                fields=["id", "unpublished_at"],
                condition=Q(unpublished_at__isnull=False),
                name="articles_off_for_now",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="articles_unpublished_or_retired",
                condition=Q(unpublished_at__isnull=True) | Q(retired_at__isnull=True),
                violation_error_message="An article is unpublished or retired, not both.",
            ),
            models.UniqueConstraint(
                fields=["series", "series_position"],
                name="articles_one_article_a_place_in_a_series",
                violation_error_message="Another article has this position in the series.",
            ),
        ]

    def __str__(self) -> str:
        return getattr(self, "latest_title", None) or self.slug

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, and redirect the old address if readers may know it.

        The redirect points to the article, not to an address, so chains and loops cannot exist.
        """
        with transaction.atomic():
            old = Article.objects.filter(pk=self.pk).values_list("slug", flat=True).first()
            super().save(*args, **kwargs)
            if old and old != self.slug:
                self.former_slugs.filter(slug=self.slug).delete()
                if self.was_ever_live():
                    FormerSlug.objects.update_or_create(slug=old, defaults={"article": self})

    def get_absolute_url(self) -> str:
        return reverse("articles:detail", args=[self.slug])

    def get_markdown_url(self) -> str:
        return reverse("articles:markdown", args=[self.slug])

    def clean(self) -> None:
        super().clean()
        if is_taken("articles:detail", self.slug):
            raise ValidationError({"slug": "Another part of the site uses this address."})
        if FormerSlug.objects.filter(slug=self.slug).exclude(article=self.pk).exists():
            raise ValidationError({"slug": "This address redirects to another article."})

    def draft(self) -> "Revision | None":
        return self.revisions.drafts().first()

    def live_revision(self) -> "Revision | None":
        return self.revisions.live().first()

    def was_ever_live(self) -> bool:
        """Whether readers have seen it, live still or not."""
        return Article.objects.ever_live().filter(pk=self.pk).exists()

    @property
    def off_site_since(self) -> datetime | None:
        """When it was unpublished or retired; None for one that was not."""
        return self.unpublished_at or self.retired_at

    def scheduled_revision(self) -> "Revision | None":
        """The next revision to go live."""
        return self.revisions.scheduled().order_by("live_from").first()


class RevisionQuerySet(models.QuerySet["Revision"]):
    def live(self, at: datetime | Expression | None = None) -> Self:
        """What visitors read now (or at that moment): of each published article, the latest
        revision that has gone live.
        """
        now = at or timezone.now()
        # Few, and found in indexes of their own: cheaper than a look at the article of each row.
        unpublished = Article.objects.filter(unpublished_at__lte=now).values("pk")
        retired = Article.objects.filter(retired_at__lte=now).values("pk")
        return self.filter(
            Q(live_until__isnull=True) | Q(live_until__gt=now),
            ~Q(article__in=unpublished),
            ~Q(article__in=retired),
            state=Revision.State.PUBLISHED,
            live_from__lte=now,
        )

    def published(self) -> Self:
        return self.filter(live_from__isnull=False)

    def scheduled(self) -> Self:
        return self.filter(live_from__gt=timezone.now())

    def drafts(self) -> Self:
        return self.filter(state__in=[Revision.State.DRAFT, Revision.State.IN_REVIEW])

    def newest_first(self) -> Self:
        return self.order_by("-published_at", "-pk")

    def latest_first(self) -> Self:
        """The draft, then what goes live last, then what was discarded: nobody works on that.

        Not by number: a fix of what readers see is newer than what waits behind it.
        """
        rank = Case(
            When(state__in=[Revision.State.DRAFT, Revision.State.IN_REVIEW], then=0),
            When(state=Revision.State.DISCARDED, then=2),
            default=1,
        )
        return self.order_by(rank, "-live_from", "-number")

    def for_listing(self) -> Self:
        """All that a teaser shows and nothing heavier: the body stays in the database."""
        return (
            self.select_related("article", "cover")
            .prefetch_related("cover__renditions", "article__bylines__author")
            .defer("body")
        )

    def for_reading(self) -> Self:
        """All that the page of an article shows, its pictures included."""
        return self.select_related("article__series", "cover").prefetch_related(
            "cover__renditions", "pictures__renditions", "article__topics", BYLINES
        )


class Revision(models.Model):
    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        IN_REVIEW = "in_review", "In review"
        PUBLISHED = "published", "Published"  # live, replaced, or scheduled: `live_from` says
        DISCARDED = "discarded", "Discarded"

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=160)
    summary = models.TextField(
        max_length=300, blank=True, help_text="One or two sentences, for lists and search results."
    )
    body = ProseField(blank=True)
    cover = models.ForeignKey(
        Image, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    pictures = models.ManyToManyField(
        Image, through="RevisionPicture", related_name="+", editable=False
    )
    seo_title = models.CharField(
        "title for search results",
        max_length=70,
        blank=True,
        help_text="If it should differ from the title.",
    )
    seo_description = models.CharField("description for search results", max_length=160, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    live_from = models.DateTimeField(null=True, blank=True)
    # The `live_from` of the article's next published revision, so that this row alone tells whether
    # it is live.
    live_until = models.DateTimeField(null=True, blank=True, editable=False)
    # The first `live_from` of the article, carried from revision to revision, so that fixing a typo
    # does not lift an old article to the top of the list.
    published_at = models.DateTimeField(null=True, blank=True)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    edited_at = models.DateTimeField(default=timezone.now)
    note = models.CharField(max_length=250, blank=True, help_text="For colleagues: what changed.")

    objects = RevisionQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        indexes = [
            # All that a list asks for to find its page: PostgreSQL never looks at the rows.
            models.Index(
                fields=["-published_at", "-id", "article", "live_from", "live_until"],
                condition=Q(state="published"),
                name="articles_newest_first",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["article", "number"], name="articles_a_number_names_one_revision"
            ),
            models.UniqueConstraint(
                fields=["article"],
                condition=Q(state__in=["draft", "in_review"]),
                name="articles_one_draft",
                violation_error_message="This article already has a draft.",
            ),
            models.UniqueConstraint(
                fields=["article", "live_from"], name="articles_one_revision_a_moment"
            ),
            models.CheckConstraint(
                name="articles_state_is_known",
                condition=Q(state__in=["draft", "in_review", "published", "discarded"]),
            ),
            models.CheckConstraint(
                name="articles_published_has_a_title",
                condition=~Q(state="published") | ~Q(title=""),
                violation_error_message="The title is missing.",
            ),
            models.CheckConstraint(
                name="articles_published_has_its_moments",
                condition=Q(state="published", live_from__isnull=False, published_at__isnull=False)
                | Q(~Q(state="published"), live_from__isnull=True, published_at__isnull=True),
            ),
            # Together with a foreign key from `live_until` to the next `live_from`, which only
            # PostgreSQL can be given (by the migration), these make the published revisions of an
            # article one chain: there is never more than one live, and never a gap.
            models.CheckConstraint(
                name="articles_live_until_is_after_live_from",
                condition=Q(live_until__isnull=True)
                | Q(live_from__isnull=False, live_until__gt=F("live_from")),
            ),
            models.UniqueConstraint(
                fields=["article", "live_until"], name="articles_one_revision_is_replaced_at_once"
            ),
            models.UniqueConstraint(
                fields=["article"],
                condition=Q(state="published", live_until__isnull=True),
                name="articles_one_revision_is_the_last",
            ),
            models.CheckConstraint(
                name="articles_published_before_changed",
                condition=Q(published_at__isnull=True) | Q(published_at__lte=F("live_from")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} (revision {self.number})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, record which pictures the body shows so that none can be deleted, store the plain
        text for search once the revision is published, and what lists say.
        """
        with transaction.atomic():
            super().save(*args, **kwargs)
            self.pictures.set(Image.objects.filter(pk__in=picture_ids(self.body)))
            if self.state == self.State.PUBLISHED:
                RevisionText.objects.store(
                    self.pk, title=self.title, summary=self.summary, body=self.body
                )
            else:  # the text of a draft is stored when staff search
                texts = RevisionText.objects.filter(pk=self.pk)
                (texts.filter(draft_of=None) if self.is_draft else texts).delete()
            if not (self.is_draft and ListedArticle.objects.follow_draft(self)):
                ListedArticle.objects.renew([self.article_id])

    def get_absolute_url(self) -> str:
        return self.article.get_absolute_url()

    def rendered(self) -> RenderedBody:
        """The body as readers get it; the same text is not rendered twice in a row."""
        return render(self.body, self.pictures.all())

    @property
    def is_draft(self) -> bool:
        return self.state in (self.State.DRAFT, self.State.IN_REVIEW)

    @property
    def is_updated(self) -> bool:
        """Whether the text changed after it was first published."""
        return bool(self.live_from and self.published_at and self.live_from > self.published_at)

    @property
    def page_title(self) -> str:
        return self.seo_title or self.title

    @property
    def page_description(self) -> str:
        return self.seo_description or self.summary


class RevisionPicture(models.Model):
    """A picture in the body of a revision. It keeps the picture from being deleted."""

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="+")
    image = models.ForeignKey(Image, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["revision", "image"], name="articles_a_picture_counts_once"
            ),
        ]

    def __str__(self) -> str:
        return str(self.image)
