from celery import shared_task
from django.utils import timezone

from web import disk, growth
from web.models import DiskUse


# Above what a million uploads take, and below the visibility timeout of the queue.
@shared_task(soft_time_limit=710, time_limit=720)
def look_after_the_disk() -> None:
    """Each hour, with work once a day: delete files that nobody needs, and write down how much disk
    is taken by what.
    """
    if not DiskUse.objects.filter(day=timezone.localdate()).exists():
        growth.delete_what_nobody_needs(timezone.now())
        disk.record()
