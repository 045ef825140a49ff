"""The admin's first page: for each who signs in, what waits for them."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.views.main import SEARCH_VAR
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, reverse
from django.utils import timezone
from django.utils.text import slugify

from web.contributions import Menu, every
from web.jobs import Job, jobs

# Each word is a comparison with every field searched, and for some a join.
MAX_WORDS = 20


AdminView = Callable[..., HttpResponseBase]


class Desk(AdminSite):
    site_header = "Desk"
    site_title = "desk"
    index_title = "Your desk"
    index_template = "admin/home.html"
    empty_value_display = "–"

    def get_urls(self) -> list[URLResolver | URLPattern]:
        own = [pattern for one in every() for pattern in one.admin_urls(self)]
        return [*own, *super().get_urls()]

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Django's, by the headings that apps give instead of by app; what has none comes last."""
        found = super().get_app_list(request, app_label)
        if app_label:
            return found
        models = {
            f"{app['app_label']}.{model['object_name']}": model
            for app in found
            for model in app["models"]
        }
        menus = [menu for one in every() for menu in one.navigation]
        menus.append(Menu("Other", tuple(models), position=1000))
        groups: dict[str, Any] = {}
        for menu in sorted(menus, key=lambda menu: menu.position):
            shown = [models.pop(label) for label in menu.models if label in models]
            groups.setdefault(menu.heading, []).extend(shown)
        return [
            {
                "name": heading,
                "app_label": slugify(heading),
                "app_url": shown[0]["admin_url"],
                "has_module_perms": True,
                "models": shown,
            }
            for heading, shown in groups.items()
            if shown
        ]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        return {**super().each_context(request), "version": settings.VERSION}

    def admin_view(self, view: AdminView, cacheable: bool = False) -> AdminView:  # type: ignore[override]  # it says: a view of the same kind
        owner = getattr(view, "__self__", None)
        # The list as a page, and as a file.
        if isinstance(owner, ModelAdmin) and view.__name__ in ("changelist_view", "export_action"):
            view = _checked_list(owner, view)
        return super().admin_view(view, cacheable)

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        now = timezone.now()
        context = {
            "waiting": [card for one in every() for card in one.home(request)],
            "warnings": [warning for one in every() for warning in one.warnings(request)],
            "jobs": self._jobs(request, now),
        }
        return super().index(request, {**context, **(extra_context or {})})

    def _jobs(self, request: HttpRequest, now: datetime) -> list[tuple[Job, bool]]:
        """Each periodic job with whether it is late, for those who watch over the emails."""
        if not request.user.has_perm("mail.view_message"):
            return []
        return [(job, job.is_late(now)) for job in jobs()]


def _checked_list(admin: ModelAdmin[Any], view: AdminView) -> AdminView:
    """The view of a list, which does nothing to rows before it knows that they are rows of it.

    A search for a pasted page of text is refused as well.
    """

    @wraps(view)
    def list_view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not admin.has_view_or_change_permission(request):
            raise PermissionDenied
        if len(request.GET.get(SEARCH_VAR, "").split()) > MAX_WORDS:
            return _all_of_it(admin, request, f"Search for at most {MAX_WORDS} words.")
        if not _are_rows(admin, request.POST.getlist(ACTION_CHECKBOX_NAME)):
            return _all_of_it(admin, request, "Your selection is not in this list.")
        return view(request, *args, **kwargs)

    return list_view


def _are_rows(admin: ModelAdmin[Any], selected: list[str]) -> bool:
    key = admin.model._meta.pk
    try:
        for one in selected:
            key.clean(one, None)
    except ValidationError:
        return False
    return True


def _all_of_it(admin: ModelAdmin[Any], request: HttpRequest, words: str) -> HttpResponse:
    messages.error(request, words)
    return redirect(_list(admin.model))


def _list(model: type[Model]) -> str:
    return reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_changelist")
