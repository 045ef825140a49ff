"""An hour to go live, as it is where people read and work."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from articles.models import Article, Revision
from desk.zones import zone
from web.contributions import every
from web.hours import WorkingHours

MAX_SHOWN = 5
# Of the drawing of a day, 24 hours from left to right.
WIDTH = 120


@dataclass(frozen=True)
class Clock:
    """One place: its name, its hour, and where that stands on its day."""

    name: str
    local: datetime
    hours: WorkingHours | None = None

    @property
    def shown(self) -> str:
        """“15:00”. Made here: a template would tell the hour in the person's own zone."""
        return f"{self.local:%H:%M}"

    @property
    def weekday(self) -> str:
        return f"{self.local:%a}"

    @property
    def at(self) -> int:
        return _across(self.local.time())

    @property
    def opens(self) -> int | None:
        """Where its working day begins; None on a day off."""
        return _across(self.hours.opens_at) if self.hours and self._works else None

    @property
    def closes(self) -> int | None:
        return _across(self.hours.closes_at) if self.hours and self._works else None

    @property
    def said(self) -> str:
        if self.hours is None:
            return ""
        return "at work" if self.hours.is_open(self.local) else "not at work"

    @property
    def _works(self) -> bool:
        return self.hours is not None and str(self.local.isoweekday()) in self.hours.weekdays


def clocks(at: datetime) -> list[Clock]:
    """The person's own first, then each office's."""
    own = timezone.localtime(at)
    name = timezone.get_current_timezone_name()
    offices = [one for part in every() for one in part.working_hours()]
    found = [Clock(one.name, at.astimezone(zone(one.zone)), one) for one in offices]
    mine = next((one for one in found if one.hours and one.hours.zone == name), None)
    if mine is None:
        city = name.rpartition("/")[2].replace("_", " ")
        return [Clock(f"{city}, yours", own), *found]
    rest = [one for one in found if one is not mine]
    return [Clock(f"{mine.name}, yours", mine.local, mine.hours), *rest]


def that_day(article: Article, at: datetime) -> list[Revision]:
    """What else goes live on the day, by the person's calendar."""
    begin = timezone.make_aware(datetime.combine(timezone.localdate(at), time.min))
    end = timezone.make_aware(datetime.combine(_next(timezone.localdate(at)), time.min))
    found = (
        Revision.objects.scheduled()
        .filter(live_from__gte=begin, live_from__lt=end)
        .filter(article__unpublished_at=None, article__retired_at=None)
        .exclude(article=article)
    )
    return list(found.defer("body").order_by("live_from")[:MAX_SHOWN])


def how_far(at: datetime) -> str:
    """“today”, “tomorrow”, “in 12 days”."""
    days = (timezone.localdate(at) - timezone.localdate()).days
    return {0: "today", 1: "tomorrow"}.get(days, f"in {days} days")


def _next(day: date) -> date:
    return day + timedelta(days=1)


def _across(clock: time) -> int:
    return round((clock.hour + clock.minute / 60) * WIDTH / 24)
