from functools import partial

from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate, pre_migrate

from web.migrating import failed


class LeadsConfig(AppConfig):
    name = "leads"
    verbose_name = "Sales"

    def ready(self) -> None:
        from desk import audited  # noqa: PLC0415 models are loaded only now
        from leads.search import sqlite, upkeep  # noqa: PLC0415 the same

        connection_created.connect(sqlite.bring_function, dispatch_uid="leads.bring_function")
        audited.watch(audited.Kind.SETTINGS, "leads.Recipient")
        before = partial(pre_migrate.connect, sender=self)
        before(upkeep.clear_the_way, dispatch_uid="leads.clear_the_way")
        post_migrate.connect(upkeep.keep_in_step, sender=self, dispatch_uid="leads.keep_in_step")
        failed.connect(upkeep.keep_in_step, dispatch_uid="leads.keep_in_step")
