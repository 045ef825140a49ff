"""How long each kind of record is kept, and what goes tonight by that."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts.requests import StaffRequest
from privacy import retention, wordings
from privacy.models import Hold, Night, Period
from web.retention import Rule, in_words

FOREVER = "forever"


class PeriodError(Exception):
    """What was typed is no period of this rule."""


def page(request: StaffRequest) -> HttpResponse:
    """The periods, and a preview of the coming night: of those that are set, or that were typed."""
    if not request.user.has_perm("privacy.view_period"):
        raise PermissionDenied
    days = retention.periods()
    errors: dict[str, str] = {}
    if request.method == "POST":
        if not request.user.has_perm("privacy.change_period"):
            raise PermissionDenied
        typed, errors = _read(request)
        if not errors and request.POST.get("do") == "save":
            if count := _save(typed, days, request):
                said = "1 period was changed" if count == 1 else f"{count} periods were changed"
                messages.success(request, f"{said}. The privacy page says so from now on.")
            return redirect("admin:privacy_period_changelist")
        days |= typed
    due = list(retention.preview(timezone.now(), days))
    context = {
        **admin.site.each_context(request),
        "title": "Retention",
        "opts": Period._meta,
        "rows": list(_rows(due, request, errors)),
        "total": sum(one.count for one in due),
        "is_typed": request.method == "POST",
        "has_errors": bool(errors),
        "may_change": request.user.has_perm("privacy.change_period"),
        "latest": Night.objects.exclude(finished_at=None).order_by("-day").first(),
        "held": Hold.objects.count(),
    }
    return render(request, "admin/privacy/period/page.html", context)


def _rows(
    due: list[retention.Due], request: StaffRequest, errors: dict[str, str]
) -> Iterator[dict[str, Any]]:
    for one in due:
        key, days = one.rule.key, one.days
        yield {
            "due": one,
            "called": retention.called(one.rule, one.count) if one.rule.due else "",
            "value": request.POST.get(f"days {key}", "" if days is None else days),
            "is_forever": f"{FOREVER} {key}" in request.POST if errors else days is None,
            "error": errors.get(key, ""),
            "words": in_words(days),
            "default": in_words(one.rule.days),
        }


def _read(request: StaffRequest) -> tuple[dict[str, int | None], dict[str, str]]:
    """The periods that were typed, and what is wrong with them, by rule."""
    typed: dict[str, int | None] = {}
    errors: dict[str, str] = {}
    for rule in retention.rules():
        if rule.is_fixed or f"days {rule.key}" not in request.POST:
            continue
        try:
            typed[rule.key] = _days(rule, request)
        except PeriodError as error:
            errors[rule.key] = str(error)
    return typed, errors


def _days(rule: Rule, request: StaffRequest) -> int | None:
    if rule.may_be_forever and f"{FOREVER} {rule.key}" in request.POST:
        return None
    typed = request.POST[f"days {rule.key}"].strip()
    # Python reads other digits as well; a number so long would be no period either.
    is_number = typed.isascii() and typed.isdigit() and len(typed) <= 6
    days = int(typed) if is_number else 0
    if not rule.at_least <= days <= rule.at_most:
        raise PeriodError(f"Enter a number from {rule.at_least} to {rule.at_most}.")
    return days


@transaction.atomic
def _save(
    typed: dict[str, int | None], before: dict[str, int | None], request: StaffRequest
) -> int:
    changed = {key: days for key, days in typed.items() if days != before[key]}
    for key, days in changed.items():
        values = {"days": days, "by": request.user, "at": timezone.now()}
        Period.objects.update_or_create(rule=key, defaults=values)
    if changed:
        wordings.renew()
    return len(changed)
