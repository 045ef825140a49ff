from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.db.models.signals import post_migrate, pre_migrate


class DeskConfig(admin_apps.AdminConfig):
    """Django's admin with our own index: what waits for the person who signs in."""

    default = False
    default_site = "pages.desk.Desk"


class PagesConfig(AppConfig):
    name = "pages"
    verbose_name = "Site"
    default = True

    def ready(self) -> None:
        # They need the models to be loaded.
        from leads import erasure  # noqa: PLC0415
        from pages import changes, jobs, kept, missing, moves  # noqa: F401, PLC0415

        erasure.also_erase(missing.naming)

        pre_migrate.connect(
            changes.remove_triggers, sender=self, dispatch_uid="pages.remove_triggers"
        )
        post_migrate.connect(
            changes.keep_triggers_in_step,
            sender=self,
            dispatch_uid="pages.keep_triggers_in_step",
        )
        post_migrate.connect(
            kept.keep_what_was_seen, sender=self, dispatch_uid="pages.keep_what_was_seen"
        )
        post_migrate.connect(moves.lead_on, sender=self, dispatch_uid="pages.lead_on")
