"""The next seven days: what is scheduled, and what is planned."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.db.models import DateField, DateTimeField, Q, Value
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone

from articles.models import ListedArticle, Revision

DAYS = 7
MAX_A_DAY = 6


@dataclass(frozen=True)
class Item:
    title: str
    url: str
    is_planned: bool  # nothing goes live by itself
    clock: str = ""


@dataclass
class Day:
    date: date
    is_today: bool
    items: list[Item] = field(default_factory=list)

    @property
    def shown(self) -> list[Item]:
        return self.items[:MAX_A_DAY]

    @property
    def left_out(self) -> int:
        return max(len(self.items) - MAX_A_DAY, 0)


def week(now: datetime) -> list[Day]:
    """In the person's zone. One query."""
    today = timezone.localdate(now)
    days = [Day(today + timedelta(days=n), n == 0) for n in range(DAYS)]
    of_date = {day.date: day for day in days}
    end = timezone.make_aware(datetime.combine(today + timedelta(days=DAYS), time.min))
    scheduled = Revision.objects.filter(
        live_from__gt=now,
        live_from__lt=end,
        article__unpublished_at=None,
        article__retired_at=None,
    )
    # A day that somebody had in mind is over once the text is published or scheduled.
    planned = ListedArticle.objects.on_the_site().filter(
        Q(last_from=None) | ~Q(draft_state=""),
        article__planned_for__range=(today, days[-1].date),
    )
    moment = Cast(Value(None), DateTimeField())
    found = scheduled.order_by().values_list(
        "article", "title", "live_from", Cast(Value(None), DateField())
    )
    others = planned.order_by().values_list("article", "title", moment, "article__planned_for")
    for article, title, live_from, on in sorted(
        found.union(others, all=True), key=lambda row: (row[2] is None, row[2] or now, row[1])
    ):
        local = timezone.localtime(live_from) if live_from else None
        item = Item(title, _page(article), local is None, f"{local:%H:%M}" if local else "")
        of_date[local.date() if local else on].items.append(item)
    return days


def _page(article: int) -> str:
    return reverse("admin:articles_article_change", args=[article])
