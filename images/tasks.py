from celery import shared_task
from django.utils import timezone

from images import pending, renditions
from images.models import Image

AT_ONCE = 50  # what the worker makes in about a minute; the next sweep takes the rest


@shared_task
def make_renditions(image_id: int) -> None:
    """Make the full set of one image. Safe to repeat, and safe when two run at once."""
    renditions.make(image_id)


@shared_task
def make_missing_renditions() -> None:
    """Each minute: requeue what a lost broker or a dead worker dropped."""
    awaiting = Image.objects.awaiting_renditions(at=timezone.now()).order_by("renditions_due_at")
    for image_id in awaiting.values_list("pk", flat=True)[:AT_ONCE]:
        make_renditions.delay(image_id)


@shared_task
def delete_old_pending_uploads() -> None:
    """Each hour."""
    pending.delete_old(at=timezone.now())
