"""Who has to have a second factor, and from when on nothing else is shown to those who have none.

Each app says which rights ask for one (`Contribution.needs_second_factor`). The days of grace
(SECOND_FACTOR_GRACE_DAYS) begin at the first sign-in with such a right.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.defaultfilters import date
from django.utils import timezone

from accounts.models import User
from web.contributions import every

HAS_FACTOR = "has_second_factor"  # of a session that began with one
# All that can be reached without it once it is overdue.
OPEN = {"login", "logout", "second_factor", "recovery_codes", "open_link", "choose_password"}


def is_needed(user: User) -> bool:
    rights = [right for one in every() for right in one.needs_second_factor]
    return user.is_superuser or any(map(user.has_perm, rights))


def note(request: HttpRequest, user: User, *, has_factor: bool) -> None:
    """They have just signed in."""
    request.session[HAS_FACTOR] = has_factor
    grace = settings.SECOND_FACTOR_GRACE_DAYS
    if has_factor or grace is None or not is_needed(user):
        due_at = None
    else:
        due_at = user.second_factor_due_at or timezone.now() + timedelta(days=grace)
    if due_at != user.second_factor_due_at:
        user.second_factor_due_at = due_at
        user.save(update_fields=["second_factor_due_at"])


def warnings(request: HttpRequest) -> Iterator[str]:
    """For the home page, while the days of grace last."""
    user = request.user
    if isinstance(user, User) and user.second_factor_due_at and not request.session.get(HAS_FACTOR):
        day = date(timezone.localtime(user.second_factor_due_at), "F j")
        yield f"Your account needs a second factor by {day}. Set it up in Your account."


class SecondFactorMiddleware:
    """Leads those whose grace is over to where they set it up, and to nothing else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        match = request.resolver_match
        if match is None or match.namespace != "admin" or match.url_name in OPEN:
            return None
        user = request.user
        if settings.SECOND_FACTOR_GRACE_DAYS is None or not isinstance(user, User):
            return None
        due_at = user.second_factor_due_at
        if due_at is None or due_at > timezone.now() or request.session.get(HAS_FACTOR):
            return None
        return redirect("admin:second_factor")
