"""The same picture in the formats and widths that pages offer to browsers."""

import base64
import hashlib
import logging
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any

import PIL.Image
from django.db import transaction
from django.utils import timezone

from images.models import Image, ImageQuerySet, Rendition, remove_files_after_commit, store_file
from web.media import StoreAway

logger = logging.getLogger(__name__)

WIDTHS = (480, 960, 1600)
# AVIF for every browser since 2023, JPEG for the others, for feeds and for cards. A format
# in between would cost every page a third list of candidates.
ENCODINGS: dict[Rendition.Format, dict[str, Any]] = {
    Rendition.Format.AVIF: {"quality": 55},
    Rendition.Format.JPEG: {"quality": 82, "progressive": True, "optimize": True},
}
LEASE = timedelta(minutes=10)  # far beyond the time limit of a task
RETRY = timedelta(hours=1)
RETRY_STORE = timedelta(minutes=1)


def widths_for(width: int) -> list[int]:
    """The widths made of an original this wide; none is wider than it."""
    return sorted({min(width, most) for most in WIDTHS})


def make(image_id: int) -> None:
    """Make the full set for one image, unless it exists or another worker is making it.

    A file that can't be read is logged and tried again in an hour; a store that does not answer, in
    a minute.
    """
    now = timezone.now()
    awaiting = Image.objects.awaiting_renditions(at=now).filter(pk=image_id)
    if not awaiting.update(renditions_due_at=now + LEASE):
        return
    image = Image.objects.filter(pk=image_id).first()
    if image is None:
        return
    try:
        made = list(_render(image))
    except StoreAway:
        logger.warning("Image %s has no renditions yet: the store does not answer", image.pk)
        _same_picture(image).update(renditions_due_at=timezone.now() + RETRY_STORE)
        return
    except Exception:  # decoders raise whatever the broken bytes make them raise
        logger.exception("Image %s has no renditions: %s can't be read", image.pk, image.file.name)
        _same_picture(image).update(renditions_due_at=timezone.now() + RETRY)
        return
    try:
        _replace(image, made)
    except OSError as error:
        logger.warning("The renditions of image %s could not be stored: %r", image.pk, error)
        _same_picture(image).update(renditions_due_at=timezone.now() + RETRY_STORE)


@transaction.atomic
def _replace(image: Image, made: list[tuple[Rendition, bytes]]) -> None:
    if not _same_picture(image).select_for_update().exists():
        return  # deleted, or given another picture while this one was rendered
    remove_files_after_commit(image.renditions.values_list("file", flat=True))
    image.renditions.all().delete()
    Rendition.objects.bulk_create(rendition for rendition, _ in made)
    for rendition, content in made:
        store_file(str(rendition.file), content)  # after the row: see `owners.hold`
    _same_picture(image).update(renditions_due_at=None)


def _same_picture(image: Image) -> ImageQuerySet:
    return Image.objects.filter(pk=image.pk, digest=image.digest)


def _render(image: Image) -> Iterator[tuple[Rendition, bytes]]:
    """Unsaved renditions, and what is in their files.

    Their names are short, for they stand in pages many times: a digest of the picture and of how
    it is encoded. Other bytes have another name.
    """
    folder = f"images/{_digest(image)}"
    with image.file.open("rb") as file, PIL.Image.open(file, formats=["JPEG", "PNG"]) as original:
        original.load()
        for width in widths_for(original.width):
            height = max(1, round(original.height * width / original.width))
            scaled = original.resize((width, height), reducing_gap=3.0)
            for format, options in ENCODINGS.items():
                written = BytesIO()
                opaque = format == Rendition.Format.JPEG
                (_on_white(scaled) if opaque else scaled).save(written, format, **options)
                name = f"{folder}/{width}.{format}"
                made = Rendition(image=image, format=format, width=width, height=height, file=name)
                yield made, written.getvalue()


def _digest(image: Image) -> str:
    """60 bits: among a million pictures, the chance that any two share one is 1 in 2 million."""
    made_of = f"{image.digest} {PIL.__version__} {ENCODINGS}".encode()
    return base64.b32encode(hashlib.sha256(made_of).digest())[:12].decode().lower()


def _on_white(picture: PIL.Image.Image) -> PIL.Image.Image:
    if picture.mode != "RGBA":
        return picture
    white = PIL.Image.new("RGB", picture.size, "white")
    white.paste(picture, mask=picture.getchannel("A"))
    return white
