"""The admin, with our site in it."""

from django.contrib.admin import apps as admin_apps


class DeskConfig(admin_apps.AdminConfig):
    """Django's admin with our own index: what waits for the person who signs in."""

    default = False
    default_site = "desk.site.Desk"
