"""When each periodic job last ran: written when it ends, shown in the admin, checked by /status."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from celery import Task
from celery.signals import task_success
from django.conf import settings
from django.utils import timezone

from web.models import JobRun

# Missing one turn is nothing; missing this many means that beat or the worker stands still.
TURNS_MISSED = 3
MIN_PATIENCE = timedelta(seconds=60)
# Since when this process could have seen a job run. Of one that never ran, nobody can say that it
# is late before it had its time: right after the first start, all of them are still to come.
WATCHING_SINCE = timezone.now()


@dataclass(frozen=True)
class Job:
    task: str
    every: timedelta
    last_ran_at: datetime | None

    @property
    def name(self) -> str:
        """In words: `mail.tasks.deliver_due_messages` is "Deliver due messages"."""
        return self.task.rpartition(".")[2].replace("_", " ").capitalize()

    def is_late(self, now: datetime) -> bool:
        patience = max(self.every * TURNS_MISSED, MIN_PATIENCE)
        return now - (self.last_ran_at or WATCHING_SINCE) > patience


@task_success.connect(dispatch_uid="pages.remember_run")
def remember_run(sender: Task[..., Any], **details: Any) -> None:
    """Celery's own signal, not one between our apps: the jobs know nothing of being watched."""
    if sender.name in settings.CELERY_BEAT_SCHEDULE:
        JobRun.objects.update_or_create(task=sender.name, defaults={"last_ran_at": timezone.now()})


def jobs() -> list[Job]:
    """Every periodic job, whether it ever ran or not."""
    ran = dict(JobRun.objects.values_list("task", "last_ran_at"))
    return [
        Job(task, timedelta(seconds=float(entry["schedule"])), ran.get(task))
        for task, entry in settings.CELERY_BEAT_SCHEDULE.items()
    ]
