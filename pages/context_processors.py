"""What every template can use. Nothing is fetched until it is used."""

from functools import cached_property, lru_cache
from typing import TypeVar

from django.db import models
from django.db.models import F, OuterRef
from django.db.models.functions import Coalesce, JSONObject
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from articles.reading import image, image_columns
from offices.models import Office
from pages.models import MENU_ROWS, Feature, MenuLink, Page, Service, SiteSettings
from web.rows import JsonQuery, Parameter, Row, Rows, columns, fill, instance, parsed

Part = TypeVar("Part", bound=models.Model)


class Surroundings:
    """The parts around every page, as they were when fetched."""

    def __init__(self, row: Row) -> None:
        self.settings = _made(SiteSettings, row["settings"])
        links = [_link(link) for link in row["links"]]
        self.header_links = [link for link in links if link.place == MenuLink.Place.HEADER]
        self.footer_links = [link for link in links if link.place == MenuLink.Place.FOOTER]
        # The addresses of the pages that templates name, by their keys.
        self.pages = {
            page["key"].replace("-", "_"): reverse("pages:page", args=[page["slug"]])
            for page in row["pages"]
        }
        self.services = [_service(service) for service in row["services"]]
        self.offices = [_office(office) for office in row["offices"]]
        self._blocks: dict[str, tuple[int, SafeString]] = {}

    def block(self, name: str) -> SafeString:
        """The template filled from these parts, made anew each quarter of an hour: that is when
        a year begins or a clock is set forward, wherever on earth it hangs.
        """
        quarter = int(timezone.now().timestamp() // 900)
        made_in, block = self._blocks.get(name, (None, SafeString()))
        if made_in != quarter:
            parts = {"site": self, "services": self.services, "offices": self.offices}
            block = render_to_string(name, parts)
            self._blocks[name] = quarter, block
        return block


class Site:
    """The parts around every page, fetched at most once per request, in one query."""

    @cached_property
    def _parts(self) -> Surroundings:
        now = timezone.now()
        answer = _SURROUNDINGS.texts(now=now)
        if not answer:
            SiteSettings.load()  # someone deleted the row
            answer = _SURROUNDINGS.texts(now=now)
        return _surroundings(answer[0])

    def block(self, name: str) -> SafeString:
        return self._parts.block(name)

    @property
    def settings(self) -> SiteSettings:
        return self._parts.settings

    @property
    def header_links(self) -> list[MenuLink]:
        return self._parts.header_links

    @property
    def footer_links(self) -> list[MenuLink]:
        return self._parts.footer_links

    @property
    def pages(self) -> dict[str, str]:
        return self._parts.pages

    @property
    def services(self) -> list[Service]:
        return self._parts.services

    @property
    def offices(self) -> list[Office]:
        return self._parts.offices


def site(request: HttpRequest) -> dict[str, object]:
    return {"site": Site()}


def _features() -> Rows:
    features = Feature.objects.filter(service=OuterRef("pk")).order_by("position", "pk")
    return Rows(features, columns(Feature))


_SURROUNDINGS = JsonQuery(
    lambda: SiteSettings.objects.filter(pk=1),
    lambda: JSONObject(
        settings=columns(SiteSettings),
        links=Rows(
            MenuLink.objects.shown(Parameter("now", models.DateTimeField())).in_order(),
            columns(MenuLink, slug=Coalesce(*(F(f"{name}__slug") for name in MENU_ROWS))),
        ),
        pages=Rows(
            Page.objects.filter(key__isnull=False).order_by("key"), columns(Page, without=["body"])
        ),
        services=Rows(
            Service.objects.order_by("position", "pk"), columns(Service, features=_features())
        ),
        offices=Rows(
            Office.objects.listed().in_order(), columns(Office, image=image_columns("image"))
        ),
    ),
)


@lru_cache(maxsize=4)
def _surroundings(answer: str) -> Surroundings:
    """Cached by the text: the same rows need not be parsed again."""
    return Surroundings(parsed(answer))


def _made(model: type[Part], row: Row) -> Part:
    made = instance(model, row)
    assert made
    return made


def _link(row: Row) -> MenuLink:
    """With as much of the target row as its address needs."""
    link = _made(MenuLink, row)
    if link.kind:
        row_of = MenuLink.model_of(link.kind)
        setattr(link, link.kind, row_of(pk=row[f"{link.kind}_id"], slug=row["slug"]))
    return link


def _service(row: Row) -> Service:
    service = _made(Service, row)
    fill(service, "features", [_made(Feature, feature) for feature in row["features"]])
    return service


def _office(row: Row) -> Office:
    office = _made(Office, row)
    office.image = image(row["image"])
    return office
