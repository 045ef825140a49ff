"""The first page of the desk: for each who signs in what waits, what is due, what is new."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.text import Truncator

from web.contributions import every
from web.screens import Due, Headline, HomeCard, Part

NOTHING = Headline((Part("Nothing waits for you."),))


def home(request: HttpRequest) -> TemplateResponse:
    headlines = [line for one in every() if (line := one.headline(request))]
    lists = [each for one in every() for each in one.home_lists(request)]
    cards: list[HomeCard] = [card for one in every() for card in one.home(request)]
    context = {
        "title": "Home",
        "headline": min(headlines, key=lambda one: one.position, default=NOTHING),
        "day": Day.of([due for one in every() for due in one.day(request)]),
        "parts": [part for one in every() for part in one.home_parts(request)],
        "lists": sorted(lists, key=lambda one: one.position),
        "waiting": cards,
        "warnings": [warning for one in every() for warning in one.warnings(request)],
    }
    return TemplateResponse(request, "admin/home.html", context)


# The line of the day, in the units of its drawing: from eight to six.
BEGINS, ENDS = 8 * 60, 18 * 60
WIDTH = 1040
MAX_BALLS = 8
FLAG, HEIGHTS = 22, 4  # from one flag of a cluster to the next, and how many stand apart
CLUSTER = 170  # closer than this, flags would lie over each other
TOUCHING = 24  # closer than this, balls would


@dataclass(frozen=True)
class Ball:
    """What is due at a moment, or within some minutes, and how high its flag stands."""

    dues: list[Due]
    x: int
    top: int
    is_left: bool

    @property
    def due(self) -> Due:
        return self.dues[0]

    @property
    def url(self) -> str:
        """Of the one, or else of the list in which they all stand."""
        return (self.due.list_url if len(self.dues) > 1 else "") or self.due.url

    @property
    def text(self) -> str:
        more = len(self.dues) - 1
        name = Truncator(self.due.title).chars(20 if more else 28)
        return f"{name} and {more} more" if more else name

    @property
    def text_x(self) -> int:
        return self.x - 6 if self.is_left else self.x + 6

    @property
    def text_y(self) -> int:
        return self.top + 9


@dataclass(frozen=True)
class Day:
    """Today as a line with a ball for each due: the late ones and the next."""

    balls: list[Ball]
    now_x: int
    is_working_hours: bool
    summary: str

    @property
    def hours(self) -> list[tuple[int, str, str]]:
        """Those that are written below the line: where, which, and on which side of it."""
        marks = [(0, "08:00", "start"), (WIDTH // 2, "13:00", "middle"), (WIDTH, "18:00", "end")]
        return [one for one in marks if not self.is_working_hours or abs(one[0] - self.now_x) > 90]

    @classmethod
    def of(cls, dues: Iterable[Due]) -> "Day | None":
        """None for a day with nothing due in it."""
        ordered = sorted(dues, key=lambda due: due.minute)
        if not ordered:
            return None
        late = _together(due for due in ordered if due.is_late)[-MAX_BALLS // 2 :]
        coming = _together(due for due in ordered if not due.is_late)[: MAX_BALLS - len(late)]
        now = timezone.localtime()
        minute = now.hour * 60 + now.minute
        return cls(
            _balls([*late, *coming]), _x(minute), BEGINS <= minute <= ENDS, _summary(ordered)
        )


def _x(minute: int) -> int:
    """Where a moment stands; before and after the line, at its ends."""
    inside = min(max(minute, BEGINS), ENDS)
    return 10 + round((inside - BEGINS) / (ENDS - BEGINS) * (WIDTH - 20))


def _together(dues: Iterable[Due]) -> list[list[Due]]:
    """Those that share a ball: their places touch, or no more flags fit above each other."""
    groups: list[list[Due]] = []
    in_cluster = 0
    for due in dues:
        apart = _x(due.minute) - _x(groups[-1][0].minute) if groups else WIDTH
        in_cluster = in_cluster + 1 if apart < CLUSTER else 1
        if apart < TOUCHING or in_cluster > HEIGHTS:
            groups[-1].append(due)
            in_cluster -= 1
        else:
            groups.append([due])
    return groups


def _balls(groups: list[list[Due]]) -> list[Ball]:
    """Flags of a cluster go down from left to right, so that none lies over the next."""
    places = [_x(dues[0].minute) for dues in groups]
    balls = []
    for number, (dues, x) in enumerate(zip(groups, places, strict=True)):
        after = 0
        while number + after + 1 < len(places) and (
            places[number + after + 1] - places[number + after] < CLUSTER
        ):
            after += 1
        top = 77 - FLAG * (after % HEIGHTS) if after or _follows(places, number) else 55
        balls.append(Ball(dues, x, top, is_left=x > WIDTH - CLUSTER))
    return balls


def _follows(places: list[int], number: int) -> bool:
    return number > 0 and places[number] - places[number - 1] < CLUSTER


def _summary(dues: list[Due]) -> str:
    late = sum(due.is_late for due in dues)
    planned = sum(due.is_planned and not due.is_late for due in dues)
    rest = len(dues) - late - planned
    parts = [(late, "late"), (rest, "due"), (planned, "planned")]
    return "Today: " + ", ".join(f"{count} {word}" for count, word in parts if count)
