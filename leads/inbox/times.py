"""How long is left, in words: never only a color."""

from datetime import UTC, date, datetime, timedelta

from django.utils import timezone
from django.utils.dateparse import parse_datetime

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def amount(span: timedelta) -> str:
    """“24 min”, “2 h”, “1 h 19” while minutes matter, “3 days”."""
    span = abs(span)
    if span < HOUR:
        return f"{max(span // MINUTE, 1)} min"
    hours, minutes = span // HOUR, span % HOUR // MINUTE
    if hours < 3 and minutes:
        return f"{hours} h {minutes:02}"
    if span < 2 * DAY:
        return f"{hours} h"
    return f"{span // DAY} days"


def left(until: datetime, now: datetime) -> str:
    """“35 min left”, or “2 h late”."""
    return f"{amount(until - now)} {'late' if until < now else 'left'}"


def day(moment: datetime, now: datetime) -> str:
    """“today 08:44”, “tomorrow 09:20”, “Fri 27 Nov, 08:44”; another year is said."""
    local, today = timezone.localtime(moment), timezone.localtime(now).date()
    clock = f"{local:%H:%M}"
    match (local.date() - today).days:
        case 0:
            return f"today {clock}"
        case 1:
            return f"tomorrow {clock}"
        case -1:
            return f"yesterday {clock}"
    return f"{dated(local.date(), today)}, {clock}"


def dated(one: date, today: date) -> str:
    """“Fri 27 Nov”, or “27 Nov 2025” of another year."""
    return f"{one:%a %-d %b}" if one.year == today.year else f"{one:%-d %b %Y}"


def due(one: date, today: date) -> str:
    """Of a next step: “today”, “tomorrow”, “since Fri 27 Nov” or “Fri 27 Nov”."""
    if one == today:
        return "today"
    if one == today + DAY:
        return "tomorrow"
    return f"since {dated(one, today)}" if one < today else dated(one, today)


def moment(text: str | None) -> datetime | None:
    """Databases write moments in JSON in their own ways."""
    if not text:
        return None
    found = parse_datetime(text)
    if found and found.tzinfo is None:
        found = found.replace(tzinfo=UTC)
    return found
