"""What every template may ask of the site. Nothing is fetched until it is asked for."""

from functools import cached_property

from django.conf import settings
from django.http import HttpRequest

from offices.models import Office
from pages.models import MenuLink, Service, SiteSettings


class Site:
    """The parts that stand around every page, each fetched once a request at most."""

    @cached_property
    def settings(self) -> SiteSettings:
        return SiteSettings.load()

    @cached_property
    def header_links(self) -> list[MenuLink]:
        return [link for link in self._links if link.place == MenuLink.Place.HEADER]

    @cached_property
    def footer_links(self) -> list[MenuLink]:
        return [link for link in self._links if link.place == MenuLink.Place.FOOTER]

    @cached_property
    def services(self) -> list[Service]:
        return list(Service.objects.prefetch_related("features"))

    @cached_property
    def offices(self) -> list[Office]:
        return list(Office.objects.listed().in_order().with_images())

    @cached_property
    def _links(self) -> list[MenuLink]:
        return list(MenuLink.objects.in_order())


def site(request: HttpRequest) -> dict[str, object]:
    return {"site": Site(), "site_url": settings.SITE_URL}
