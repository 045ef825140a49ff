from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class DeskConfig(admin_apps.AdminConfig):
    """Django's admin with our own index: what waits for the person who signs in."""

    default = False
    default_site = "pages.desk.Desk"


class PagesConfig(AppConfig):
    name = "pages"
    verbose_name = "Site"
    default = True

    def ready(self) -> None:
        from pages import jobs  # noqa: F401, PLC0415 connects the recorder once models are loaded
