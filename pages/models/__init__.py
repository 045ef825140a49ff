"""Site copy: everything around the articles, all of it edited in the admin."""

from pages.models.menus import MAX_SUFFIX, MENU_ROWS, MenuLink, SitePart
from pages.models.pages import Page, PagePicture
from pages.models.services import Feature, Service
from pages.models.settings import SiteSettings

__all__ = [
    "MAX_SUFFIX",
    "MENU_ROWS",
    "Feature",
    "MenuLink",
    "Page",
    "PagePicture",
    "Service",
    "SitePart",
    "SiteSettings",
]
