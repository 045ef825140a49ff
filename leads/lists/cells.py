"""What cells say, in words."""

from datetime import date, datetime

from django.utils import timezone
from django.utils.html import format_html

from accounts.models import User
from leads import money
from leads.bulk.acts import NOBODY


def days(since: datetime, now: datetime) -> str:
    count = max((now - since).days, 0)
    return f"{count} day{'' if count == 1 else 's'}"


def day(moment: datetime | None, now: datetime) -> str:
    """“4 Dec”; another year is said."""
    if moment is None:
        return ""
    local, today = timezone.localtime(moment), timezone.localtime(now)
    return f"{local:%-d %b}" if local.year == today.year else f"{local:%-d %b %Y}"


def clock(moment: datetime, now: datetime) -> str:
    return f"{day(moment, now)}, {timezone.localtime(moment):%H:%M}"


def owned(owner: User | None, url: str) -> str:
    """Leads to all that are theirs; “nobody” to what is nobody’s."""
    return format_html(
        '<a href="{}?owner={}" data-key="f" data-key-name="Leads of this owner">{}</a>',
        url,
        owner.pk if owner else NOBODY,
        owner.get_short_name() if owner else "nobody",
    )


def late(text: str, *, is_late: bool) -> str:
    return format_html('<span class="late">{}</span>', text) if is_late else text


def mark(text: str, style: str = "") -> str:
    return format_html('<span class="mark{}">{}</span>', f" mark--{style}" if style else "", text)


def step(text: str, due_on: date, now: datetime) -> str:
    today = timezone.localdate(now)
    overdue = f"{due_on:%-d %b}" if due_on.year == today.year else f"{due_on:%-d %b %Y}"
    return format_html("{} {}", late(overdue, is_late=due_on < today), text)


def amount(value: object, currency: str) -> str:
    return f"{money.display(value, currency)} {currency}" if value is not None else ""  # type: ignore[arg-type]  # a Decimal, from any row
