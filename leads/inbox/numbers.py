"""How much waits: the counts of the tabs and of the navigation, in one query for each page."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, cast

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from desk.counts import counts
from leads.inbox.tabs import TABS, waiting
from leads.models import Kind, Lead, LeadQuerySet

Rows = QuerySet[Any]
ALL, PIPELINE = "all", "pipeline"


def of_kind(user: User, kind: str) -> LeadQuerySet:
    """What of one kind waits for an answer."""
    return waiting(user, timezone.now()).filter(kind=kind)


def numbers(request: HttpRequest) -> dict[str, int]:
    """By the key of the tab and of each kind, and what the navigation shows; asked once for each
    request.
    """
    user, now = cast(User, request.user), timezone.now()  # the desk is for staff
    tabs = {tab.key: partial(tab.counted or tab.rows, user, now) for tab in TABS}
    return counted(request, tabs | {kind.value: partial(of_kind, user, kind) for kind in Kind})


def of_navigation(request: HttpRequest) -> dict[str, int]:
    """What every page of the desk shows: no more than that is counted for it."""
    return counted(request, {})


def counted(request: HttpRequest, rows: Mapping[str, Callable[[], Rows]]) -> dict[str, int]:
    """How many rows each has, with what the navigation shows: in one query, unless that was asked
    for before.
    """
    found: dict[str, int] = getattr(request, "_sales_numbers", {})
    if not found.keys() >= {ALL, PIPELINE, *rows}:
        every: dict[str, Rows] = {
            ALL: Lead.objects.unanswered(),
            PIPELINE: Lead.objects.work().open(),
        }
        every |= {name: asked() for name, asked in rows.items()}
        found = dict(zip(every, counts([*every.values()]), strict=True))
        request._sales_numbers = found  # type: ignore[attr-defined]  # for the rest of the page
    return found
