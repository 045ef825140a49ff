"""The copy of the demo: services, pages, menu links and what the settings say."""

from functools import partial
from pathlib import Path
from typing import Any

from pages.models import Feature, MenuLink, Page, Service, SiteSettings
from web.demo import Demo, Part, content

CONTENT = content(Path(__file__).parent)
MENU = [("header", "About", "about", 35)]  # place, label, slug of a page, position


def load(demo: Demo) -> None:
    for position, entry in enumerate(CONTENT["services"]):
        demo.once(f"service {entry['heading']}", partial(_service, demo, entry, position))
    for entry in CONTENT["pages"]:
        if not Page.objects.filter(slug=entry["slug"]).exists():
            demo.once(f"page {entry['slug']}", partial(Page.objects.create, **entry))
    for place, label, slug, position in MENU:
        if page := Page.objects.filter(slug=slug).first():
            link = {"place": place, "label": label, "page": page, "position": position}
            demo.once(f"link {place} {slug}", partial(MenuLink.objects.create, **link))
    _fill_in_settings()


def _service(demo: Demo, entry: dict[str, Any], position: int) -> Service:
    service = Service.objects.create(
        heading=entry["heading"], text="\n\n".join(entry["paragraphs"]), position=position
    )
    for place, feature in enumerate(entry["features"]):
        made = Feature.objects.create(service=service, position=place, **feature)
        demo.note(f"feature {feature['title']}", made)
    return service


def _fill_in_settings() -> None:
    """Unless someone has written any of them."""
    settings, untouched = SiteSettings.load(), SiteSettings()
    if all(getattr(settings, name) == getattr(untouched, name) for name in CONTENT["site"]):
        for name, value in CONTENT["site"].items():
            setattr(settings, name, value)
        settings.save()


def reset_settings(demo: Demo) -> None:
    """Those that nobody has edited."""
    settings, untouched = SiteSettings.load(), SiteSettings()
    for name, value in CONTENT["site"].items():
        if getattr(settings, name) == value:
            setattr(settings, name, getattr(untouched, name))
    settings.save()


part = Part(
    load,
    position=10,  # every email names the site
    hangs_on={Feature: ("service",)},
    clean_up=reset_settings,
)
