"""The page that shows what takes the disk, and when it will be full: drawn from what was written
down in the night, so that it counts nothing itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from web import disk, growth
from web.contributions import every
from web.disk import BACKUPS, BACKUPS_ELSEWHERE, DATABASE, FILES, UPLOADS, Outlook, Part
from web.models import DiskUse

# Of the drawing, in pixels: the line of a full disk, and the ground.
TOP, GROUND = 26.0, 176.0
POINTS = 60  # that the line of the days so far has at most
MIN_AHEAD = 60  # days
TIMES_AHEAD = 4  # as far as the days so far reach back
LABEL_ROOM = 12  # per cent of the width that a label needs to itself


@dataclass(frozen=True)
class Group:
    """What one kind of thing takes, and what to do about it."""

    name: str
    key: str  # how it is drawn
    size: int
    parts: list["Line"]
    advice: str
    url: str = ""
    is_here: bool = True


class Line(NamedTuple):
    """One part of a group; its bar is as long as its share of the largest part of all."""

    name: str
    size: int
    share: float
    why: str


class Piece(NamedTuple):
    """A piece of the bar that stands for the disk; `x` and `width` are per cent."""

    name: str
    key: str
    size: int
    x: float
    width: float


class Point(NamedTuple):
    x: float  # per cent
    y: float


class Label(NamedTuple):
    x: float
    anchor: str
    text: str


def page(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm("web.view_diskuse"):
        raise PermissionDenied
    ahead = disk.outlook()
    latest = DiskUse.objects.first()
    groups = list(_groups(latest)) if latest else []
    context = {
        **admin.site.each_context(request),
        "title": "Disk",
        "ahead": ahead,
        "headline": _headline(ahead),
        "latest": latest,
        "groups": groups,
        "pieces": list(_pieces(ahead, groups)),
        "days_needed": disk.MIN_DAYS,
        "drawing": Drawing.of(ahead) if ahead.is_known else None,
    }
    return render(request, "admin/web/disk.html", context)


def _headline(ahead: Outlook) -> tuple[str, str]:
    """What is to be said first, and of it what someone has to do something about."""
    free, total = disk.in_words(ahead.now.free), disk.in_words(ahead.now.total)
    if ahead.now.is_low:
        return "The disk is nearly full:", f"{free} of {total} is left"
    if not ahead.is_known:
        return f"{free} of {total} is free", ""
    if ahead.full_on is None:
        return f"{free} of {total} is free, enough for years", ""
    around = f"full around {ahead.full_on:%-d %B %Y}"
    if ahead.days_left is not None and ahead.days_left < disk.WARN_DAYS:
        return "The disk will be", around
    return f"The disk will be {around}", ""


def _groups(latest: DiskUse) -> Iterator[Group]:
    parts = [part for part in (Part(*one) for one in latest.parts) if part.size]
    most = max((part.size for part in parts), default=0) or 1
    why = {kind.what: kind.why for kind in growth.kinds()}
    why |= {folder.what: folder.why for folder in growth.folders()}
    advice = {said.group: said for one in every() for said in one.advice}
    kept = f"Kept for {settings.BACKUP_DAYS} days, as BACKUP_DAYS says."
    for name, key, text in (
        (DATABASE, "database", ""),
        (UPLOADS, "uploads", ""),
        (BACKUPS, "backups", kept),
        (BACKUPS_ELSEWHERE, "backups", kept),
        (FILES, "files", ""),
    ):
        own = sorted((one for one in parts if one.group == name), key=lambda one: -one.size)
        if own:
            lines = [
                Line(one.name, one.size, 100 * one.size / most, why.get(one.name, ""))
                for one in own
            ]
            size = sum(one.size for one in own)
            said = advice.get(name)
            url = reverse(said.url_name) if said else ""
            text = said.text if said else text
            yield Group(name, key, size, lines, text, url, disk.is_here(name))


def _pieces(ahead: Outlook, groups: list[Group]) -> Iterator[Piece]:
    """The whole disk: what is ours, what is not, and what is free."""
    here = [(one.name, one.key, one.size) for one in groups if one.is_here]
    ours = sum(size for _, _, size in here)
    if here:
        here.append(("Everything else", "others", max(ahead.now.used - ours, 0)))
    else:
        here.append(("Used", "others", ahead.now.used))
    here.append(("Free", "free", ahead.now.free))
    whole = sum(size for _, _, size in here) or 1
    x = 0.0
    for name, key, size in here:
        width = 100 * size / whole
        yield Piece(name, key, size, round(x, 2), round(width, 2))
        x += width


@dataclass(frozen=True)
class Drawing:
    """The days so far as a line, and those to come as a dotted one. It ends in a ball where the
    disk is full, if that is in sight.
    """

    past: list[tuple[Point, Point]]
    now: Point
    end: Point
    is_full: bool
    labels: list[Label]

    @classmethod
    def of(cls, ahead: Outlook) -> "Drawing":
        today = timezone.localdate()
        begin = ahead.days[0].day
        past = max((today - begin).days, 1)
        sight = max(MIN_AHEAD, TIMES_AHEAD * past)
        left = ahead.days_left
        is_full = left is not None and left <= sight
        last = today + timedelta(days=max(left, 1) if is_full and left is not None else sight)
        whole = (last - begin).days

        def place(day: date, used: float) -> Point:
            share = min(max(used / ahead.now.total, 0.0), 1.0)
            x = 100 * (day - begin).days / whole
            return Point(round(x, 2), round(GROUND - (GROUND - TOP) * share, 1))

        step = max(1, len(ahead.days) // POINTS)
        now = place(today, ahead.now.used)
        points = [place(one.day, one.used) for one in ahead.days[::step] if one.day < today]
        points.append(now)
        slope = max(ahead.a_day, 0.0)
        end = place(last, ahead.now.used + slope * (last - today).days)
        if is_full:
            end = end._replace(y=TOP)
        labels = [Label(now.x, "middle", "today")]
        if now.x > LABEL_ROOM:
            labels.insert(0, Label(0, "start", f"{begin:%-d %b %Y}"))
        if now.x < 100 - LABEL_ROOM:
            labels.append(Label(100, "end", f"{last:%-d %b %Y}"))
        pairs = list(pairwise(points))
        return cls(pairs, now, end, is_full, labels)
