"""Site copy: what stands around the articles, all of it edited in the admin."""

from datetime import datetime
from functools import reduce
from itertools import product
from operator import and_
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator, URLValidator
from django.db import models, transaction
from django.db.models import Exists, Expression, OuterRef, Q, Value
from django.db.models.functions import Concat
from django.urls import reverse
from django.utils.functional import cached_property

from articles.models import Article, Author, Revision, Series, Topic
from images.models import Image
from offices.models import Office
from privacy import wordings
from prose.editor import ProseField
from prose.figures import picture_ids
from web.addresses import absolute, is_taken


def validate_contact(contact: str) -> None:
    """A mail address or an https:// address: what RFC 9116, section 2.5.3, can name."""
    is_page = contact.startswith("https://")
    try:
        (URLValidator(["https"]) if is_page else EmailValidator())(contact)
    except ValidationError as error:
        raise ValidationError(
            "Enter an email address, or a page starting with https://."
        ) from error


class SiteSettings(models.Model):
    """One row, made by a migration: what every page says about the site."""

    name = models.CharField(max_length=80, default="Clean Systems Consulting")
    tagline = models.CharField(max_length=160, blank=True)
    description = models.CharField(
        max_length=160, blank=True, help_text="For search results of the home page."
    )
    home_heading = models.CharField(max_length=120, default="Backend engineering, written down")
    home_intro = models.TextField(blank=True)
    form_heading = models.CharField(max_length=120, default="Tell us about your project")
    form_intro = models.CharField(
        max_length=250,
        blank=True,
        default="A few sentences are enough. A person answers within one working day.",
    )
    footer_text = models.TextField(blank=True)
    security_contact = models.CharField(
        max_length=200,
        blank=True,
        validators=[validate_contact],
        help_text="Where to report vulnerabilities: an email address, or a page that starts with "
        "https://. If empty, the contact page is used.",
    )

    class Meta:
        verbose_name = verbose_name_plural = "site settings"
        constraints = [
            models.CheckConstraint(name="pages_one_row_of_settings", condition=Q(pk=1)),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def load(cls) -> "SiteSettings":
        """The row, made with its defaults if someone deleted it."""
        return cls.objects.get_or_create(pk=1)[0]


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


class PageQuerySet(models.QuerySet["Page"]):
    def privacy_page(self) -> tuple[str, str] | None:
        """Its title and text; None while there is no such page."""
        return self.filter(key=Page.PRIVACY).values_list("title", "body").first()

    def unlinked(self) -> Self:
        """Those that neither a menu, nor a text that readers see, nor a template links to."""
        starts = ['href="/', f'href="{absolute("/")}']
        names_it = Q()
        for start, end in product(starts, '/"?#'):
            address = Concat(Value(start), OuterRef("slug"), Value(end))
            names_it |= Q(body__contains=address)
        return self.filter(
            ~Exists(MenuLink.objects.filter(page=OuterRef("pk"))),
            ~Exists(Page.objects.filter(names_it).exclude(pk=OuterRef("pk"))),
            ~Exists(Revision.objects.live().filter(names_it)),
            key__isnull=True,
        )


class Page(models.Model):
    """Site copy with an address of its own, such as /about/."""

    # Those that the code links to, by the address they have at first. Emails sent long ago and the
    # form on every page lead to the privacy page, so it is never deleted; the other one is linked
    # where there is one.
    PRIVACY, HOW_WE_WORK = "privacy", "how-we-work"
    NAMED = (PRIVACY, HOW_WE_WORK)

    slug = models.SlugField(
        "address",
        max_length=80,
        unique=True,
        help_text="If you change it, the old address redirects here.",
    )
    # What the code calls it, wherever it moves. NULL for all others.
    key = models.CharField(max_length=20, unique=True, null=True, editable=False)  # noqa: DJ001 unique
    title = models.CharField(max_length=120)
    description = models.CharField(max_length=160, blank=True, help_text="For search results.")
    body = ProseField()
    pictures = models.ManyToManyField(
        Image, through="PagePicture", related_name="+", editable=False
    )
    edited_at = models.DateTimeField(auto_now=True)

    objects = PageQuerySet.as_manager()

    class Meta:
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Saves, and notes which pictures the body shows, so that none of them can be deleted.

        New words on the privacy page are its next version.
        """
        with transaction.atomic():
            if self.slug in self.NAMED and not Page.objects.filter(key=self.slug).exists():
                self.key = self.key or self.slug
            super().save(*args, **kwargs)
            self.pictures.set(Image.objects.filter(pk__in=picture_ids(self.body)))
            if self.key == self.PRIVACY:
                wordings.live()

    def get_absolute_url(self) -> str:
        return reverse("pages:page", args=[self.slug])

    def clean(self) -> None:
        super().clean()
        if is_taken("pages:page", self.slug):
            raise ValidationError({"slug": "Another part of the site uses this address."})


class PagePicture(models.Model):
    """A picture in the body of a page. It keeps the picture from being deleted."""

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="+")
    image = models.ForeignKey(Image, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["page", "image"], name="pages_a_picture_counts_once"),
        ]

    def __str__(self) -> str:
        return str(self.image)


class SitePart(models.TextChoices):
    """What has an address without a row that says so."""

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


def _leads_to(model: type[models.Model]) -> models.ForeignKey[Any, Any]:
    return models.ForeignKey(
        model, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )


def _exactly_one(**is_empty: Q) -> Q:
    """That of these columns one is filled. `is_empty` says for each what an empty one is."""
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
    page = _leads_to(Page)
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
