"""What we publish. Nothing here knows that leads exist.

An article is a permanent address; its words live in revisions. What a visitor reads is the live
revision: the one with the latest `live_from` that has come. No flag and no job says so.
"""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Case, Exists, Expression, F, OuterRef, Prefetch, Q, Subquery, When
from django.urls import reverse
from django.utils import timezone

from images.models import Image
from prose.editor import ProseField
from prose.rendering import RenderedBody, picture_ids, render
from prose.text import normal, plain_text, vocabulary
from web.addresses import is_taken


class Author(models.Model):
    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=120, unique=True)
    job_title = models.CharField(max_length=120, help_text="Stands in the byline.")
    bio = models.TextField(blank=True)
    image = models.ForeignKey(
        Image, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="author",
        help_text="The member of staff who writes under this name.",
    )

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("articles:author", args=[self.slug])


class Topic(models.Model):
    name = models.CharField(max_length=80, unique=True)
    slug = models.SlugField(max_length=80, unique=True)
    description = models.TextField(blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("articles:topic", args=[self.slug])


class Series(models.Model):
    title = models.CharField(max_length=120, unique=True)
    slug = models.SlugField(max_length=120, unique=True)
    description = models.TextField(blank=True)

    class Meta:
        ordering = ["title"]
        verbose_name_plural = "series"

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("articles:series", args=[self.slug])


class ArticleQuerySet(models.QuerySet["Article"]):
    def live(self) -> Self:
        """What a visitor may open now: not retired, and at least one revision's hour has come."""
        now = timezone.now()
        begun = Revision.objects.filter(article=OuterRef("pk"), live_from__lte=now)
        return self.filter(Exists(begun)).exclude(retired_at__lte=now)

    def ever_live(self) -> Self:
        """What readers have seen, be it retired by now or not. It is never deleted."""
        begun = Revision.objects.filter(article=OuterRef("pk"), live_from__lte=timezone.now())
        return self.filter(Exists(begun))

    def with_titles(self) -> Self:
        """Each named by its latest revision, as colleagues know it, instead of by its address."""
        latest = Revision.objects.filter(article=OuterRef("pk")).latest_first()
        return self.annotate(latest_title=Subquery(latest.values("title")[:1]))

    def retired(self) -> Self:
        return self.filter(retired_at__lte=timezone.now())


class Article(models.Model):
    slug = models.SlugField(
        "address",
        max_length=120,
        unique=True,
        help_text="Readers bookmark it. When it changes, the old one leads to the new one.",
    )
    authors = models.ManyToManyField(Author, through="Byline", related_name="articles")
    topics = models.ManyToManyField(Topic, blank=True, related_name="articles")
    series = models.ForeignKey(
        Series, on_delete=models.SET_NULL, null=True, blank=True, related_name="articles"
    )
    series_position = models.PositiveSmallIntegerField(null=True, blank=True)
    planned_for = models.DateField(
        null=True, blank=True, help_text="When we mean to publish. Nothing happens by itself."
    )
    retired_at = models.DateTimeField(null=True, blank=True, editable=False)
    more = models.ManyToManyField(
        "self",
        through="MoreArticle",
        symmetrical=False,
        blank=True,
        related_name="+",
    )

    objects = ArticleQuerySet.as_manager()

    class Meta:
        permissions = [("publish_article", "Can publish, schedule and retire articles")]
        indexes = [
            models.Index(
                fields=["id", "retired_at"],
                condition=Q(retired_at__isnull=False),
                name="articles_retired",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["series", "series_position"],
                name="articles_one_article_a_place_in_a_series",
                violation_error_message="Another article has this place in the series.",
            ),
        ]

    def __str__(self) -> str:
        return getattr(self, "latest_title", None) or self.slug

    def save(self, *args, **kwargs) -> None:
        """Saves, and leaves a redirect behind when readers may know the old address.

        A redirect points at the article, not at an address, so chains and loops cannot exist.
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
            raise ValidationError({"slug": "Another part of the site has this address."})
        if FormerSlug.objects.filter(slug=self.slug).exclude(article=self.pk).exists():
            raise ValidationError({"slug": "This address still leads readers to another article."})

    def working_copy(self) -> "Revision | None":
        return self.revisions.working_copies().first()

    def live_revision(self) -> "Revision | None":
        return self.revisions.live().first()

    def was_ever_live(self) -> bool:
        """Whether readers have seen it, be it retired by now or not."""
        return self.revisions.filter(live_from__lte=timezone.now()).exists()

    def scheduled_revision(self) -> "Revision | None":
        """The next one whose hour has not come."""
        return self.revisions.scheduled().order_by("live_from").first()


class Byline(models.Model):
    """An author's place among the authors of an article."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="bylines")
    author = models.ForeignKey(Author, on_delete=models.PROTECT, related_name="bylines")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["article", "author"], name="articles_an_author_signs_once"
            ),
        ]

    def __str__(self) -> str:
        return str(self.author)


class MoreArticle(models.Model):
    """One article chosen by hand to stand below another."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="more_links")
    other = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = "more article"
        constraints = [
            models.UniqueConstraint(
                fields=["article", "other"], name="articles_more_lists_an_article_once"
            ),
            models.CheckConstraint(
                condition=~Q(article=F("other")),
                name="articles_more_never_lists_itself",
                violation_error_message="An article does not lead to itself.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.other)

    def clean(self) -> None:
        """Django leaves a constraint on the parent of an inline form to the database."""
        super().clean()
        if self.article_id and self.article_id == self.other_id:
            raise ValidationError({"other": "An article does not lead to itself."})


class FormerSlug(models.Model):
    """An address an article once had. It still leads there."""

    slug = models.SlugField(max_length=120, unique=True)
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="former_slugs")

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.slug


class RevisionQuerySet(models.QuerySet["Revision"]):
    def live(self, at: datetime | Expression | None = None) -> Self:
        """What a visitor reads now (or at that moment): of each article on the site, the latest
        whose hour came.
        """
        now = at or timezone.now()
        # Few, and found in an index of their own: cheaper than a look at the article of each row.
        retired = Article.objects.filter(retired_at__lte=now).values("pk")
        return self.filter(
            Q(live_until__isnull=True) | Q(live_until__gt=now),
            ~Q(article__in=retired),
            state=Revision.State.RELEASED,
            live_from__lte=now,
        )

    def released(self) -> Self:
        return self.filter(live_from__isnull=False)

    def scheduled(self) -> Self:
        return self.filter(live_from__gt=timezone.now())

    def working_copies(self) -> Self:
        return self.filter(state__in=[Revision.State.WORKING, Revision.State.IN_REVIEW])

    def newest_first(self) -> Self:
        return self.order_by("-published_at", "-pk")

    def latest_first(self) -> Self:
        """As they were written; those set aside come last, for nobody works on them."""
        is_aside = Case(When(state=Revision.State.SET_ASIDE, then=1), default=0)
        return self.order_by(is_aside, "-number")

    def for_listing(self) -> Self:
        """All that a card shows and nothing heavier: the body stays in the database."""
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


BYLINES = Prefetch(
    "article__bylines",
    queryset=Byline.objects.select_related("author__image").prefetch_related(
        "author__image__renditions"
    ),
)


class Revision(models.Model):
    class State(models.TextChoices):
        WORKING = "working", "Draft"
        IN_REVIEW = "in_review", "Waiting for review"
        RELEASED = "released", "Released"
        SET_ASIDE = "set_aside", "Set aside"  # discarded, or withdrawn when there were newer words

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=160)
    summary = models.TextField(
        max_length=300, blank=True, help_text="One or two sentences for cards and search results."
    )
    body = ProseField(blank=True)
    cover = models.ForeignKey(
        Image, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    pictures = models.ManyToManyField(
        Image, through="RevisionPicture", related_name="+", editable=False
    )
    seo_title = models.CharField(
        "title for search results", max_length=70, blank=True, help_text="When it should differ."
    )
    seo_description = models.CharField("description for search results", max_length=160, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.WORKING)
    live_from = models.DateTimeField(null=True, blank=True)
    # The `live_from` of the article's next released revision, so that what is live is told by this
    # row alone and never by a comparison with all the others.
    live_until = models.DateTimeField(null=True, blank=True, editable=False)
    # The first `live_from` of the article, carried from revision to revision, so that mending a
    # word does not lift an old article to the top of the list.
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
                condition=Q(state="released"),
                name="articles_newest_released_first",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["article", "number"], name="articles_a_number_names_one_revision"
            ),
            models.UniqueConstraint(
                fields=["article"],
                condition=Q(state__in=["working", "in_review"]),
                name="articles_one_working_copy",
                violation_error_message="This article already has a draft.",
            ),
            models.UniqueConstraint(
                fields=["article", "live_from"], name="articles_one_revision_a_moment"
            ),
            models.CheckConstraint(
                name="articles_state_is_known",
                condition=Q(state__in=["working", "in_review", "released", "set_aside"]),
            ),
            models.CheckConstraint(
                name="articles_released_has_its_moments",
                condition=Q(state="released", live_from__isnull=False, published_at__isnull=False)
                | Q(~Q(state="released"), live_from__isnull=True, published_at__isnull=True),
            ),
            # Together with a foreign key from `live_until` to the next `live_from`, which only
            # PostgreSQL can be given (by the migration), these make the released revisions of an
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
                condition=Q(state="released", live_until__isnull=True),
                name="articles_one_revision_is_the_last",
            ),
            models.CheckConstraint(
                name="articles_published_before_changed",
                condition=Q(published_at__isnull=True) | Q(published_at__lte=F("live_from")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} (no. {self.number})"

    def save(self, *args, **kwargs) -> None:
        """Saves, notes which pictures the body shows, so that none of them can be deleted, and
        keeps the words of a released revision for search.
        """
        with transaction.atomic():
            super().save(*args, **kwargs)
            self.pictures.set(Image.objects.filter(pk__in=picture_ids(self.body)))
            RevisionText.objects.keep(self)

    def get_absolute_url(self) -> str:
        return self.article.get_absolute_url()

    def rendered(self) -> RenderedBody:
        """The body as readers get it; the same words are not rendered twice in a row."""
        return render(self.body, self.pictures.all())

    @property
    def is_working_copy(self) -> bool:
        return self.state in (self.State.WORKING, self.State.IN_REVIEW)

    @property
    def is_updated(self) -> bool:
        """Whether readers before the last change read other words."""
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


class RevisionTextManager(models.Manager["RevisionText"]):
    def keep(self, revision: Revision) -> None:
        """Hold the words of a released revision; of one that is not, hold none."""
        if revision.state != Revision.State.RELEASED:
            self.filter(revision=revision).delete()
            return
        words = {
            "title": normal(revision.title),
            "summary": normal(revision.summary),
            "body": plain_text(revision.body),
        }
        self.update_or_create(revision=revision, defaults=words)
        SearchWord.objects.learn(*words.values())


class RevisionText(models.Model):
    """The words of a released revision, which search looks through.

    Written with the revision: when its hour comes, nothing has to happen. The database derives its
    own index from this row, so that there is never one that says something else.
    """

    revision = models.OneToOneField(
        Revision, on_delete=models.CASCADE, primary_key=True, related_name="text"
    )
    title = models.TextField()
    summary = models.TextField(blank=True)
    body = models.TextField(blank=True)

    objects = RevisionTextManager()

    def __str__(self) -> str:
        return self.title


class SearchWordManager(models.Manager["SearchWord"]):
    def learn(self, *texts: str) -> None:
        """Add the words of these texts. In alphabetical order: of two at once, one waits."""
        words = [SearchWord(word=word) for word in vocabulary(*texts)]
        self.bulk_create(words, ignore_conflicts=True, batch_size=1000)

    def forget(self) -> None:
        """Delete the words that no released revision says any more. Reads all of them."""
        texts = RevisionText.objects.values_list("title", "summary", "body")
        said = {word for text in texts.iterator(chunk_size=200) for word in vocabulary(*text)}
        unsaid = [pk for pk, word in self.values_list("pk", "word") if word not in said]
        for first in range(0, len(unsaid), 500):
            self.filter(pk__in=unsaid[first : first + 500]).delete()


class SearchWord(models.Model):
    """A word that a released revision has said, for those who mistype it or have not finished it.

    Nobody is shown one unless a live revision says it: words outlive their revisions here.
    """

    word = models.CharField(max_length=32, unique=True)

    objects = SearchWordManager()

    def __str__(self) -> str:
        return self.word


class SearchCount(models.Model):
    """How often visitors searched for the same words on one day, and nothing about who they are."""

    LONGEST = 80

    day = models.DateField()
    words = models.CharField(max_length=LONGEST)
    count = models.PositiveIntegerField("times", default=0)
    found = models.PositiveIntegerField("articles found", default=0, help_text="The last time.")

    class Meta:
        ordering = ["-day", "-count", "words"]
        verbose_name = "search"
        verbose_name_plural = "what people look for"
        constraints = [
            models.UniqueConstraint(
                fields=["words", "day"], name="articles_one_count_a_day_for_the_same_words"
            ),
        ]

    def __str__(self) -> str:
        return self.words
