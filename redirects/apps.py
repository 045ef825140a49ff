from django.apps import AppConfig
from django.db.models.signals import post_migrate

from web.migrating import failed


class RedirectsConfig(AppConfig):
    name = "redirects"
    verbose_name = "Addresses"

    def ready(self) -> None:
        from redirects import moves  # noqa: PLC0415 it needs the models

        post_migrate.connect(moves.lead_on, sender=self, dispatch_uid="redirects.lead_on")
        failed.connect(moves.lead_on, dispatch_uid="redirects.lead_on")
