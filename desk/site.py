"""The admin as a desk: our screens among Django's, and the page of all tables."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import model_format_dict
from django.contrib.admin.views.main import SEARCH_VAR
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.text import slugify

from desk import audit, home, undo_page
from desk.audit import Kind
from web.contributions import Menu, every

# Each word is a comparison with every field searched, and for some a join.
MAX_WORDS = 20


AdminView = Callable[..., HttpResponseBase]


class Desk(AdminSite):
    site_header = "Desk"
    site_title = "desk"
    index_title = "All tables"
    index_template = "admin/tables.html"
    empty_value_display = "–"
    enable_nav_sidebar = False  # the shell has the navigation: templates/desk/_shell.html

    def get_urls(self) -> list[URLResolver | URLPattern]:
        own = [pattern for one in every() for pattern in one.admin_urls(self)]
        undo = path("undo/", self.admin_view(undo_page.page), name="undo")
        return [undo, *own, *super().get_urls()]

    def tables(self, request: HttpRequest) -> TemplateResponse:
        """Every table that the person may see: Django's index."""
        return super().index(request, {"title": "All tables", "subtitle": None})

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

    def admin_view(self, view: AdminView, cacheable: bool = False) -> AdminView:  # type: ignore[override]  # it says: a view of the same kind
        owner = getattr(view, "__self__", None)
        # The list as a page, and as a file.
        if isinstance(owner, ModelAdmin) and view.__name__ in ("changelist_view", "export_action"):
            view = _checked_list(owner, view)
        return super().admin_view(view, cacheable)

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        return home.home(request)


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
        selected = request.POST.getlist(ACTION_CHECKBOX_NAME)
        if not _are_rows(admin, selected):
            return _all_of_it(admin, request, "Your selection is not in this list.")
        action = admin.get_actions(request).get(request.POST.get("action", ""))
        answer = view(request, *args, **kwargs)
        if action and selected and answer.status_code == 302:  # it was done; else it asks
            is_all = "1" in request.POST.getlist("select_across")
            how_many = "all that match" if is_all else len(selected)
            label = (action[2] % model_format_dict(admin.opts)).rstrip("…")
            summary = f"{label}: {how_many} ({admin.opts.verbose_name_plural})."
            audit.record(Kind.BULK, summary, by=request.user)
        return answer

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
