"""How long there is until a deadline, or how long ago it was, in a few words."""

from datetime import date, datetime, timedelta

from django.utils import timezone

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NUMBERS = [
    *("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen"),
    *("nineteen", "twenty"),
]


def time_left(deadline: datetime, *, now: datetime) -> str:
    """“24 min late”, “35 min left”, “1 h 19 left”, “tomorrow 09:20”, “Wed 09:20”, “12 Jan”."""
    if deadline <= now:
        return f"{_rounded(now - deadline)} late"
    there, here = timezone.localtime(deadline), timezone.localtime(now)
    days = (there.date() - here.date()).days
    if days == 0 or deadline - now < 8 * HOUR:
        return f"{_exact(deadline - now)} left"
    if days == 1:
        return f"tomorrow {there:%H:%M}"
    return f"{there:%a %H:%M}" if days < 7 else f"{there.day} {there:%b}"


def since(day: date, *, today: date) -> str:
    """A day on which something is due: “today”, “since Fri”, “since 12 Nov”."""
    if day >= today:
        return "today" if day == today else f"{day.day} {day:%b}"
    return f"since {day:%a}" if (today - day).days < 7 else f"since {day.day} {day:%b}"


def in_words(count: int) -> str:
    """“three”; above twenty in digits."""
    return NUMBERS[count] if count < len(NUMBERS) else f"{count:,}"


def _rounded(span: timedelta) -> str:
    if span < HOUR:
        return f"{max(span // timedelta(minutes=1), 1)} min"
    if span < 2 * DAY:
        return f"{span // HOUR} h"
    return f"{span // DAY} days"


def _exact(span: timedelta) -> str:
    minutes = max(span // timedelta(minutes=1), 1)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60:02}" if minutes < 360 else f"{minutes // 60} h"
