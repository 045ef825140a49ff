"""Pictures: uploaded once, used anywhere. Files enter by `images.uploads` only."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

MISSING_ALT = "Describe the picture, or mark it as decorative."


class ImageQuerySet(models.QuerySet["Image"]):
    def matching(self, words: str) -> Self:
        """Every word, of the first twenty, stands somewhere in title, alt text or credit."""
        found = self
        for word in words.replace("\0", " ").split()[:20]:
            found = found.filter(
                Q(title__icontains=word) | Q(alt__icontains=word) | Q(credit__icontains=word)
            )
        return found

    def awaiting_renditions(self, at: datetime) -> Self:
        """Without a full set of renditions, and neither claimed by a worker nor just tried."""
        return self.filter(renditions_due_at__lte=at)

    def newest_first(self) -> Self:
        return self.order_by("-uploaded_at", "-pk")

    def with_renditions(self) -> Self:
        """All that `pictures.picture` reads. From another model: prefetch `cover__renditions`."""
        return self.prefetch_related("renditions")

    def delete(self) -> tuple[int, dict[str, int]]:
        """The rows now, their files once that is committed."""
        names = [
            *self.values_list("file", flat=True),
            *Rendition.objects.filter(image__in=self.values("pk")).values_list("file", flat=True),
        ]
        with transaction.atomic():
            deleted = super().delete()
            remove_files_after_commit(names)
        return deleted

    delete.alters_data = True  # type: ignore[attr-defined]  # Django reads it from there
    delete.queryset_only = True  # type: ignore[attr-defined]  # Django reads it from there


class Candidate(NamedTuple):
    """What a page needs to know of a rendition."""

    format: str
    width: int
    file: str


class Image(models.Model):
    file = models.FileField(max_length=200)
    title = models.CharField(
        max_length=120, help_text="For finding it in the library; readers never see it."
    )
    alt = models.CharField(
        "alternative text",
        max_length=250,
        blank=True,
        help_text="What the picture says, for those who can't see it: “Two engineers at a "
        "whiteboard”, not “image of…”.",
    )
    is_decorative = models.BooleanField(
        "decorative",
        default=False,
        help_text="It adds nothing to the text, so it needs no description.",
    )
    credit = models.CharField(
        max_length=120, blank=True, help_text="Who made it, if they require credit."
    )
    focal_x = models.FloatField(
        "focal point, across",
        default=0.5,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
        help_text="From 0, the left edge, to 1, the right edge. Cropping keeps this spot.",
    )
    focal_y = models.FloatField(
        "focal point, down",
        default=0.5,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
        help_text="From 0, the top, to 1, the bottom.",
    )
    width = models.PositiveIntegerField(editable=False)
    height = models.PositiveIntegerField(editable=False)
    digest = models.CharField(
        max_length=64, unique=True, editable=False, help_text="SHA-256 of the file as stored."
    )
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        help_text="Who can edit its texts without permission to change other pictures.",
    )
    uploaded_at = models.DateTimeField(default=timezone.now, editable=False)
    # When a worker may next make the renditions; empty once the set is full.
    renditions_due_at = models.DateTimeField(
        default=timezone.now, null=True, editable=False, db_index=True
    )

    # What `candidates` answers, where it was fetched together with the image.
    known_candidates: "list[Candidate] | None" = None
    # Where a form shows a picture that it could not save yet.
    pending_source = ""

    objects = ImageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="images_alt_unless_decorative",
                condition=Q(is_decorative=True) | Q(alt__regex=r"\S"),
                violation_error_message=MISSING_ALT,
            ),
            models.CheckConstraint(
                name="images_focal_point_inside",
                condition=Q(focal_x__range=(0, 1), focal_y__range=(0, 1)),
                violation_error_message="The focal point must be inside the picture.",
            ),
            models.CheckConstraint(
                name="images_image_has_pixels",
                condition=Q(width__gt=0, height__gt=0),
                violation_error_message="A picture has at least one pixel.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        super().clean()
        self.alt = self.alt.strip()
        if not self.alt and not self.is_decorative:
            raise ValidationError({"alt": MISSING_ALT})

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """The row now, its files and renditions once that is committed."""
        names = self.file_names()
        with transaction.atomic():
            deleted = super().delete(*args, **kwargs)
            remove_files_after_commit(names)
        return deleted

    def candidates(self) -> "list[Candidate]":
        """The files that a browser may choose from, the narrowest first. No query after
        `with_renditions`.
        """
        if self.known_candidates is not None:
            return self.known_candidates
        made = [Candidate(one.format, one.width, str(one.file)) for one in self.renditions.all()]
        return sorted(made, key=lambda candidate: candidate.width)

    def file_names(self) -> list[str]:
        """Every stored file of this image, as the database knows it."""
        stored = Image.objects.filter(pk=self.pk).values_list("file", flat=True)
        return [*stored, *self.renditions.values_list("file", flat=True)]


class Rendition(models.Model):
    """The image in one format and one width, made by a worker."""

    class Format(models.TextChoices):
        AVIF = "avif", "AVIF"
        JPEG = "jpeg", "JPEG"

    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="renditions")
    format = models.CharField(max_length=4, choices=Format)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    file = models.FileField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["image", "format", "width"], name="images_one_rendition_of_each_kind"
            ),
            models.CheckConstraint(
                name="images_rendition_has_pixels", condition=Q(width__gt=0, height__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_format_display()}, {self.width} × {self.height}"


class PendingUpload(models.Model):
    """A picture that came with a form which was refused for something else.

    It waits a day for the form to come back right, so that nobody has to choose the file again.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)
    file = models.CharField(max_length=200)
    called = models.CharField(max_length=200, help_text="The original file name.")
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    uploaded_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "digest"], name="images_one_pending_of_each"),
        ]

    def __str__(self) -> str:
        return self.called


HOLDERS = (Image, Rendition, PendingUpload)  # of files: each names one in `file`


def store_file(name: str, content: bytes) -> None:
    """Leave exactly this content under exactly this name. Repeating it changes nothing."""
    if default_storage.exists(name):
        if default_storage.size(name) == len(content):
            return
        default_storage.delete(name)  # half written by a process that died
    stored_as = default_storage.save(name, ContentFile(content))
    if stored_as != name:
        default_storage.delete(stored_as)  # someone stored the same content meanwhile


def remove_files_after_commit(names: Iterable[str]) -> None:
    """Delete files whose rows are gone, once that is committed.

    Names are made from the content, so the same picture may be back by then: a file that a
    row still holds stays.
    """
    candidates = set(names)  # now: the rows that are asked may be gone at the commit

    def remove() -> None:
        for name in candidates:
            if not any(holder.objects.filter(file=name).exists() for holder in HOLDERS):
                default_storage.delete(name)

    transaction.on_commit(remove, robust=True)
