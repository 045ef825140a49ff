"""What the menus of header and footer lead to."""

from datetime import datetime
from functools import reduce
from operator import and_
from typing import Any, Self

from django.db import models
from django.db.models import Exists, Expression, OuterRef, Q
from django.urls import reverse
from django.utils.functional import cached_property

from articles.models import Article, Author, Revision, Series, Topic
from offices.models import Office
from pages.models.pages import Page


class SitePart(models.TextChoices):
    """Parts of the site that have an address but no row."""

    HOME = "home", "Home"
    ARTICLES = "articles", "Articles"
    TOPICS = "topics", "Topics"
    SERIES = "series", "Series"
    AUTHORS = "authors", "Authors"
    SEARCH = "search", "Search"
    FEED = "feed", "RSS feed"
    SERVICES = "services", "Services"
    OFFICES = "offices", "Offices"
    CONTACT = "contact", "Contact"
    BRIEF = "brief", "Write a brief"
    READINESS = "readiness", "Are you ready?"

    @property
    def url(self) -> str:
        return reverse(_URL_NAMES[self])


_URL_NAMES = {
    SitePart.HOME: "pages:home",
    SitePart.ARTICLES: "articles:list",
    SitePart.TOPICS: "articles:topics",
    SitePart.SERIES: "articles:series_index",
    SitePart.AUTHORS: "articles:authors",
    SitePart.SEARCH: "articles:search",
    SitePart.FEED: "articles:rss",
    SitePart.SERVICES: "pages:services",
    SitePart.OFFICES: "offices:list",
    SitePart.CONTACT: "leads:contact",
    SitePart.BRIEF: "leads:brief",
    SitePart.READINESS: "readiness:start",
}
MAX_SUFFIX = 60
# The foreign keys of a menu link. Each of these models has its address from its slug.
MENU_ROWS = ("page", "office", "topic", "series", "author", "article")


def _leads_to(model: type[models.Model], *, related_name: str = "+") -> models.ForeignKey[Any, Any]:
    return models.ForeignKey(
        model, on_delete=models.PROTECT, null=True, blank=True, related_name=related_name
    )


def _exactly_one(**is_empty: Q) -> Q:
    """Exactly one of these columns is filled. `is_empty` says what counts as empty for each."""
    condition = Q()
    for filled in is_empty:
        others = (empty for name, empty in is_empty.items() if name != filled)
        condition |= reduce(and_, others, ~is_empty[filled])
    return condition


class MenuLinkQuerySet(models.QuerySet["MenuLink"]):
    def shown(self, at: datetime | Expression | None = None) -> Self:
        """Those whose target visitors can open now (or at that moment)."""
        live = Revision.objects.live(at).filter(article=OuterRef("article"))
        return self.filter(
            Q(office__isnull=True) | Q(office__is_listed=True),
            Q(article__isnull=True) | Exists(live),
        )

    def left_out(self) -> Self:
        return self.exclude(pk__in=self.model.objects.shown().values("pk"))

    def in_order(self) -> Self:
        return self.order_by("position", "pk")


class MenuLink(models.Model):
    """Leads to a row, to a part of the site that the code makes, or to another address.

    A row that moves takes its links along, and is not deleted while a menu links to it. What
    visitors cannot open is left out of the menu.
    """

    class Place(models.TextChoices):
        HEADER = "header", "Header"
        FOOTER = "footer", "Footer"

    place = models.CharField(max_length=10, choices=Place, default=Place.HEADER)
    label = models.CharField(max_length=40, help_text="What visitors read.")
    page = _leads_to(Page, related_name="menu_links")
    office = _leads_to(Office)
    topic = _leads_to(Topic)
    series = _leads_to(Series)
    author = _leads_to(Author)
    article = _leads_to(Article)
    part = models.CharField("part of the site", max_length=20, choices=SitePart, blank=True)
    address = models.CharField(max_length=200, blank=True)
    suffix = models.CharField(
        "after the address",
        max_length=MAX_SUFFIX,
        blank=True,
        help_text="Optional. For example #team for a heading, or ?q=redis for a search.",
    )
    position = models.PositiveSmallIntegerField(default=0, help_text="Lower numbers come first.")

    objects = MenuLinkQuerySet.as_manager()

    class Meta:
        ordering = ["place", "position", "pk"]
        verbose_name = "menu link"
        constraints = [
            models.CheckConstraint(
                name="pages_menu_link_leads_to_one_target",
                condition=_exactly_one(
                    **{name: Q(**{f"{name}__isnull": True}) for name in MENU_ROWS},
                    part=Q(part=""),
                    address=Q(address=""),
                ),
                violation_error_message="Choose one target.",
            ),
            models.CheckConstraint(
                name="pages_menu_link_part_is_known",
                condition=Q(part__in=["", *SitePart.values]),
                violation_error_message="There is no such part of the site.",
            ),
            models.CheckConstraint(
                name="pages_menu_link_address_can_be_opened",
                condition=Q(address="")
                | (Q(address__startswith="/") & ~Q(address__startswith="//"))
                | Q(address__startswith="https://"),
                violation_error_message="Start with / for a page on this site, or with https://.",
            ),
            models.CheckConstraint(
                name="pages_menu_link_suffix_comes_after_a_page",
                condition=Q(suffix="")
                | (Q(address="") & (Q(suffix__startswith="#") | Q(suffix__startswith="?"))),
                violation_error_message="Start with # for a heading, or with ? for a query.",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @cached_property
    def url(self) -> str:
        if self.address:
            return self.address
        row = self.row
        return (row.get_absolute_url() if row else SitePart(self.part).url) + self.suffix

    @classmethod
    def model_of(cls, kind: str) -> type[models.Model]:
        model = cls._meta.get_field(kind).related_model
        assert isinstance(model, type)
        return model

    @property
    def kind(self) -> str:
        """Which of the foreign keys is set; empty when none is."""
        return next((name for name in MENU_ROWS if getattr(self, f"{name}_id")), "")

    @property
    def row(self) -> Page | Office | Topic | Series | Author | Article | None:
        """What it leads to, if that is a row."""
        return getattr(self, self.kind) if self.kind else None

    def why_left_out(self) -> str:
        """Why visitors do not see it; empty when they do."""
        if self.office and not self.office.is_listed:
            return f"the office “{self.office}” is not listed"
        if self.article and not Article.objects.live().filter(pk=self.article.pk).exists():
            return "the article is not live"
        return ""
