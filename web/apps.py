from functools import partial

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class WebConfig(AppConfig):
    name = "web"
    verbose_name = "Operation"

    def ready(self) -> None:
        # They need the models to be loaded; `jobs` listens to Celery.
        from page_cache import stamp  # noqa: PLC0415 as said above
        from web import jobs, triggers  # noqa: F401, PLC0415 as said above

        # All tables are there by then, whichever app the signal is about.
        after = partial(post_migrate.connect, sender=self)
        pre_migrate.connect(stamp.remove_triggers, sender=self, dispatch_uid="web.remove_triggers")
        after(triggers.watch_what_is_shown, dispatch_uid="web.watch_what_is_shown")
        after(triggers.keep_what_is_never_deleted, dispatch_uid="web.keep_what_is_never_deleted")
