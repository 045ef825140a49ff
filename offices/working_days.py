"""One working day, as an office counts: its time zone, its weekdays, its hours."""

import zoneinfo
from datetime import date, datetime, time, timedelta

from django.conf import settings

from offices.models import Office

# Of nobody's office, and of hours that no working day can have.
WEEKDAYS, OPENS_AT, CLOSES_AT = "12345", time(9), time(17)


def one_working_day_after(moment: datetime, office: Office | None) -> datetime:
    """When one working day of the office has passed since then, counting its hours only.

    On Thursday at 15:00 that is Friday at 15:00; what comes after hours or on a day off counts as
    of the next opening, so it is the closing of that day. By the office's clock: where clocks
    change between, the time of day stays.
    """
    zone = _zone(office)
    weekdays, opens, closes = _hours(office)
    local = moment.astimezone(zone)
    day, at = local.date(), local.time()

    def next_working(day: date) -> date:
        day += timedelta(days=1)
        while str(day.isoweekday()) not in weekdays:
            day += timedelta(days=1)
        return day

    if str(day.isoweekday()) not in weekdays or at >= closes:
        day, at = next_working(day), opens
    if at <= opens:
        return datetime.combine(day, closes, zone)
    return datetime.combine(next_working(day), at, zone)


def _zone(office: Office | None) -> zoneinfo.ZoneInfo:
    """An office's zone may be unknown on this machine; that must cost nobody an inquiry."""
    try:
        return zoneinfo.ZoneInfo(office.timezone if office else settings.TIME_ZONE)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return zoneinfo.ZoneInfo(settings.TIME_ZONE)


def _hours(office: Office | None) -> tuple[str, time, time]:
    if office and office.weekdays and office.opens_at < office.closes_at:
        return office.weekdays, office.opens_at, office.closes_at
    return WEEKDAYS, OPENS_AT, CLOSES_AT
