from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate, pre_migrate


class WebConfig(AppConfig):
    name = "web"
    verbose_name = "Operation"

    def ready(self) -> None:
        # They need the models to be loaded; `jobs`, `task_ids` and `uploads` listen to Celery.
        from web import jobs, queries, task_ids, triggers  # noqa: F401, PLC0415 as said above
        from web.diagnosis import uploads  # noqa: F401, PLC0415 as said above
        from web.migrating import be_brief, failed  # noqa: PLC0415 as said above
        from web.rebuilding import keep_triggers  # noqa: PLC0415 only where it is needed

        # All tables are there by then, whichever app the signal is about.
        pre_migrate.connect(triggers.clear_the_way, sender=self, dispatch_uid="web.clear_the_way")
        connection_created.connect(keep_triggers, dispatch_uid="web.keep_triggers")
        connection_created.connect(queries.watch, dispatch_uid="web.watch_queries")
        connection_created.connect(be_brief, dispatch_uid="web.be_brief")
        for keep in (triggers.watch_what_is_shown, triggers.keep_what_is_never_deleted):
            post_migrate.connect(keep, sender=self, dispatch_uid=f"web.{keep.__name__}")
            failed.connect(keep, dispatch_uid=f"web.{keep.__name__}")
