"""Site copy: what stands around the articles, all of it edited in the admin."""

from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse

from articles.editor import ProseField


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

    class Meta:
        verbose_name = verbose_name_plural = "site settings"
        constraints = [
            models.CheckConstraint(name="pages_one_row_of_settings", condition=Q(pk=1)),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def load(cls) -> "SiteSettings":
        """The row, made with its defaults if somebody deleted it."""
        return cls.objects.get_or_create(pk=1)[0]


class Service(models.Model):
    """One block of what we offer: a heading, some paragraphs and a list of features."""

    heading = models.CharField(max_length=120)
    text = models.TextField(help_text="An empty line begins a new paragraph.")
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


class Page(models.Model):
    """Site copy with an address of its own, such as /about/."""

    # Addresses that lead elsewhere; a page there could never be opened.
    RESERVED = {
        "admin", "articles", "contact", "healthz", "media", "offices", "readiness", "readyz",
        "services", "static", "style",
    }  # fmt: skip

    slug = models.SlugField("address", max_length=80, unique=True)
    title = models.CharField(max_length=120)
    description = models.CharField(max_length=160, blank=True, help_text="For search results.")
    body = ProseField()
    edited_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("pages:page", args=[self.slug])

    def clean(self) -> None:
        super().clean()
        if self.slug in self.RESERVED:
            raise ValidationError({"slug": "Another part of the site has this address."})


class MenuLinkQuerySet(models.QuerySet["MenuLink"]):
    def in_order(self) -> Self:
        return self.order_by("position", "pk")


class MenuLink(models.Model):
    class Place(models.TextChoices):
        HEADER = "header", "Header"
        FOOTER = "footer", "Footer"

    place = models.CharField(max_length=10, choices=Place, default=Place.HEADER)
    label = models.CharField(max_length=40)
    path = models.CharField(
        max_length=200, help_text="Where it leads: /services/, or https://… for another site."
    )
    position = models.PositiveSmallIntegerField(default=0)

    objects = MenuLinkQuerySet.as_manager()

    class Meta:
        ordering = ["place", "position", "pk"]
        verbose_name = "menu link"
        constraints = [
            models.CheckConstraint(
                name="pages_menu_link_leads_somewhere",
                condition=(Q(path__startswith="/") & ~Q(path__startswith="//"))
                | Q(path__startswith="https://"),
                violation_error_message="Begin with / for a page of this site, or with https://.",
            ),
        ]

    def __str__(self) -> str:
        return self.label


class JobRun(models.Model):
    """When a periodic job last came to its end."""

    task = models.CharField(max_length=120, unique=True)
    last_ran_at = models.DateTimeField()

    class Meta:
        ordering = ["task"]
        verbose_name = "periodic job"

    def __str__(self) -> str:
        return self.task


class DemoRow(models.Model):
    """One row that `manage.py seed` made, so that `seed --remove` takes away just those."""

    key = models.CharField(max_length=200, unique=True, help_text="What the demo calls it.")
    model = models.CharField(max_length=100)
    row = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["model", "row"], name="pages_a_row_is_made_once"),
        ]

    def __str__(self) -> str:
        return self.key
