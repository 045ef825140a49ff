from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class PagesConfig(AppConfig):
    name = "pages"
    verbose_name = "Site"
    default = True

    def ready(self) -> None:
        # They need the models to be loaded.
        from leads import erasure  # noqa: PLC0415
        from page_cache import stamp  # noqa: PLC0415
        from pages import kept  # noqa: PLC0415
        from redirects import missing, moves  # noqa: PLC0415

        erasure.also_erase(missing.naming)

        pre_migrate.connect(
            stamp.remove_triggers, sender=self, dispatch_uid="pages.remove_triggers"
        )
        post_migrate.connect(
            stamp.keep_triggers_in_step,
            sender=self,
            dispatch_uid="pages.keep_triggers_in_step",
        )
        post_migrate.connect(
            kept.keep_what_was_seen, sender=self, dispatch_uid="pages.keep_what_was_seen"
        )
        post_migrate.connect(moves.lead_on, sender=self, dispatch_uid="pages.lead_on")
