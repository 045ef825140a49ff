from functools import partial

from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate, pre_migrate


class WebConfig(AppConfig):
    name = "web"
    verbose_name = "Operation"

    def ready(self) -> None:
        # They need the models to be loaded; `jobs` listens to Celery.
        from page_cache import stamp  # noqa: PLC0415 as said above
        from web import jobs, triggers  # noqa: F401, PLC0415 as said above
        from web.rebuilding import keep_triggers  # noqa: PLC0415 only where it is needed

        # All tables are there by then, whichever app the signal is about.
        after = partial(post_migrate.connect, sender=self)
        before = partial(pre_migrate.connect, sender=self)
        before(stamp.remove_triggers, dispatch_uid="web.remove_triggers")
        before(triggers.clear_the_way, dispatch_uid="web.clear_the_way")
        connection_created.connect(keep_triggers, dispatch_uid="web.keep_triggers")
        after(triggers.watch_what_is_shown, dispatch_uid="web.watch_what_is_shown")
        after(triggers.keep_what_is_never_deleted, dispatch_uid="web.keep_what_is_never_deleted")
