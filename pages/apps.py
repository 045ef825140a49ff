from django.apps import AppConfig
from django.apps import apps as all_apps
from django.apps.registry import Apps
from django.db.models.signals import post_migrate


def keep_privacy_wording(using: str, apps: Apps = all_apps, **kwargs: object) -> None:
    """The privacy page that the first migration makes has its version from the start."""
    from pages.models import Page  # noqa: PLC0415 the models are loaded after this module
    from privacy import wordings  # noqa: PLC0415 its models, too

    try:
        for app, model in (("pages", "Page"), ("privacy", "Period"), ("offices", "Office")):
            apps.get_model(app, model)
    except LookupError:
        return  # migrated to a time before there was one
    if using == "default" and Page.objects.privacy_page().exists():
        wordings.renew()


class PagesConfig(AppConfig):
    name = "pages"
    verbose_name = "Site"

    def ready(self) -> None:
        from desk import audited  # noqa: PLC0415 the same

        audited.watch(audited.Kind.SETTINGS, "pages.SiteSettings", "pages.MenuLink")
        audited.watch(audited.Kind.PUBLISHING, "pages.Page", "pages.Service")
        post_migrate.connect(
            keep_privacy_wording, sender=self, dispatch_uid="pages.keep_privacy_wording"
        )
