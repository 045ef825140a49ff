"""Time zones: each member of staff has one, in which the desk names days and hours."""

import zoneinfo
from collections.abc import Callable
from functools import cache

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone


@cache
def known() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def validate_zone(name: str) -> None:
    if name not in known():
        raise ValidationError("No such time zone. Use a name like Europe/Copenhagen.")


def find(typed: str) -> str:
    """The zone of that name, in any case, or of that city; empty for nothing typed.

    Raises `ValidationError` for what is neither, or the name of cities in several zones.
    """
    wanted = typed.strip().casefold().replace(" ", "_")
    if not wanted:
        return ""
    exactly = [name for name in known() if name.casefold() == wanted]
    cities = [name for name in known() if name.casefold().rpartition("/")[2] == wanted]
    for found in (exactly, cities):
        if len(found) == 1:
            return found[0]
    if cities:
        raise ValidationError(f"Choose one of {', '.join(sorted(cities))}.")
    raise ValidationError("No such time zone. Use a name like Europe/Copenhagen.")


def choices() -> list[tuple[str, str]]:
    """For a form: cities first by continent, and the site's own while nobody has chosen."""
    cities = sorted(name for name in known() if "/" in name and not name.startswith("Etc/"))
    return [("", f"The site’s: {settings.TIME_ZONE}"), ("UTC", "UTC"), *((n, n) for n in cities)]


def zone(name: str) -> zoneinfo.ZoneInfo:
    """The zone of that name; the site's own for none, or one this machine does not know."""
    return zoneinfo.ZoneInfo(name if name in known() else settings.TIME_ZONE)


class StaffZoneMiddleware:
    """Shows times on the desk in the signed-in user's zone. Does nothing for visitors."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith("/admin/") or not request.user.is_authenticated:
            return self.get_response(request)
        with timezone.override(zone(request.user.timezone)):
            return self.get_response(request)
