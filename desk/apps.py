"""The admin, with our site in it; and what stands below all of its pages."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class AdminConfig(admin_apps.AdminConfig):
    """Django's admin with our own index: what waits for the person who signs in."""

    default = False
    default_site = "desk.site.Desk"


class DeskConfig(AppConfig):
    name = "desk"
    default = True
