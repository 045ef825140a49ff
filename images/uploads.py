"""The only way in for a picture. What is stored is our own file, never the uploaded one."""

import logging

from django.core.exceptions import ValidationError
from django.core.files import File
from django.db import IntegrityError, transaction
from django.utils import timezone

from images.models import Image, PendingUpload, remove_files_after_commit, store_file
from images.reencoding import Reencoded, reencode
from images.tasks import make_renditions

logger = logging.getLogger(__name__)

NOT_STORED = (
    "The picture could not be stored, so nothing was saved. Try again in a minute; if it keeps"
    " happening, tell an administrator."
)


class NotStored(ValidationError):
    """The store does not answer, has no room, or may not be written to."""

    def __init__(self) -> None:
        super().__init__(NOT_STORED, code="not_stored")


class AlreadyHere(ValidationError):
    """The library has this picture; `existing` is it."""

    def __init__(self, existing: Image) -> None:
        super().__init__(
            "This picture is in the library already, as “%(title)s”.",
            code="already_here",
            params={"title": existing.title},
        )
        self.existing = existing


def receive(
    upload: File[bytes],
    *,
    title: str,
    alt: str = "",
    is_decorative: bool = False,
    credit: str = "",
    focal_x: float = 0.5,
    focal_y: float = 0.5,
) -> Image:
    """Save a new image and ask for its renditions, or raise `ValidationError` and save nothing."""
    image = Image(
        title=title,
        alt=alt,
        is_decorative=is_decorative,
        credit=credit,
        focal_x=focal_x,
        focal_y=focal_y,
    )
    return keep(image, reencode(upload))


def keep(image: Image, picture: Reencoded) -> Image:
    """Save the image, new or old, with this picture; a picture it had before is removed.

    Raises `AlreadyHere` when another image holds the same picture, and `NotStored`.
    """
    refuse_duplicate(picture, besides=image)
    image.file = picture.name
    image.width, image.height = picture.width, picture.height
    image.digest = picture.digest
    image.renditions_due_at = timezone.now()
    image.full_clean()
    is_new = image.pk is None
    try:
        with transaction.atomic():
            if image.pk:
                Image.objects.select_for_update().get(pk=image.pk)  # no worker adds to it now
                remove_files_after_commit(image.file_names())
                image.renditions.all().delete()
            image.save()
            # After the row, and before it is committed: `owners.hold` waits for either.
            store(picture)
    except NotStored:
        if is_new:
            image.pk = None  # there is no such row
        raise
    except IntegrityError:  # uploaded twice in the same moment
        refuse_duplicate(picture, besides=image)
        raise
    PendingUpload.objects.filter(digest=picture.digest).delete()
    transaction.on_commit(lambda: make_renditions.delay(image.pk), robust=True)
    return image


def store(picture: Reencoded) -> None:
    """Leave its file in the store, or raise `NotStored`. Repeating it changes nothing."""
    try:
        store_file(picture.name, picture.content)
    except OSError as error:
        logger.error("The picture %s could not be stored: %r", picture.name, error)
        raise NotStored from error


def refuse_duplicate(picture: Reencoded, *, besides: Image) -> None:
    """Raise `AlreadyHere` when an image other than `besides` holds the same picture."""
    existing = Image.objects.filter(digest=picture.digest).exclude(pk=besides.pk).first()
    if existing:
        raise AlreadyHere(existing)
