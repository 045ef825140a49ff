"""How the site is put together. The Celery app is loaded here, so that `shared_task` finds it."""

from config import checks  # noqa: F401 - registers them
from config.celery import app as celery_app

__all__ = ["celery_app"]
