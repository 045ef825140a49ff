"""Keeps a picture when its form has other errors, so that nobody has to choose it again."""

import re
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from images.models import PendingUpload, remove_files_after_commit, store_file
from images.reencoding import Reencoded
from web.media import StoreAway

MAX_PENDING = timedelta(days=1)


def keep(picture: Reencoded, *, user_id: int, called: str) -> PendingUpload:
    """Keep the picture until its form is valid, or for a day."""
    with transaction.atomic():
        pending, _ = PendingUpload.objects.update_or_create(
            user_id=user_id,
            digest=picture.digest,
            defaults={
                "file": picture.name,
                "called": called[:200],
                "width": picture.width,
                "height": picture.height,
                "uploaded_at": timezone.now(),
            },
        )
        store_file(picture.name, picture.content)  # after the row: see `owners.hold`
    return pending


def find(digest: str, *, user_id: int) -> PendingUpload | None:
    if not re.fullmatch("[0-9a-f]{64}", digest):
        return None
    return PendingUpload.objects.filter(user_id=user_id, digest=digest).first()


def picture_of(pending: PendingUpload) -> Reencoded:
    """The picture itself. Raises `ValidationError` when its file is gone, or cannot be had now."""
    try:
        with default_storage.open(pending.file) as file:
            content = file.read()
    except StoreAway:
        raise ValidationError(
            "The picture cannot be read from the store at the moment. Try again in a minute."
        ) from None
    except OSError:
        raise ValidationError("The picture is no longer here. Please choose it again.") from None
    return Reencoded(
        content=content,
        width=pending.width,
        height=pending.height,
        digest=pending.digest,
        extension=pending.file.rpartition(".")[2],
    )


def delete_old(*, at: datetime) -> None:
    """Delete what was not used within a day."""
    with transaction.atomic():
        old = PendingUpload.objects.filter(uploaded_at__lt=at - MAX_PENDING)
        remove_files_after_commit(old.values_list("file", flat=True))
        old.delete()
