"""Site copy with addresses of its own."""

from itertools import product
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.functions import Concat
from django.urls import reverse

from articles.models import Revision
from images.models import Image
from privacy import wordings
from prose.editor import ProseField
from prose.figures import picture_ids
from prose.own_links import ATTRIBUTE
from web.addresses import absolute, is_taken

TEXT = models.TextField()


class PageQuerySet(models.QuerySet["Page"]):
    def privacy_page(self) -> "models.QuerySet[Page, Any]":
        """Its title and text; no row while there is no such page."""
        return self.filter(key=Page.PRIVACY).order_by().values("title", text=F("body"))

    def unlinked(self) -> Self:
        """Those that no menu, no public text and no template links to."""
        starts = ['href="/', f'href="{absolute("/")}']
        names_it = Q()
        for start, end in product(starts, '/"?#'):
            address = Concat(Value(start), OuterRef("slug"), Value(end))
            names_it |= Q(body__contains=address)
        named = Concat(Value(f'{ATTRIBUTE}="page:'), OuterRef("pk"), Value('"'), output_field=TEXT)
        names_it |= Q(body__contains=named)
        return self.filter(
            ~Exists(Page.objects.filter(names_it).exclude(pk=OuterRef("pk"))),
            ~Exists(Revision.objects.live().filter(names_it)),
            key__isnull=True,
            menu_links__isnull=True,
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
