"""Forms of the admin that say who else has them open: what `desk.presence` does, by address."""

from typing import Any

import js_asset
from django.core.exceptions import BadRequest
from django.forms import Script
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_POST

from desk import presence
from desk.keeping_admin import KeepingAdmin, form_key

PAGE = js_asset.Media(
    js=[Script("admin/desk/people.js", type="module")], css={"all": ["admin/desk/people.css"]}
)


class PresenceAdmin(KeepingAdmin):
    """A colleague who has the form open is shown on it, and may take over."""

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_presence"
        view = self.admin_site.admin_view(require_POST(self.presence_view))
        return [path("<path:object_id>/presence/", view, name=name), *super().get_urls()]

    def taken_over(self, row: Any) -> None:
        """What a subclass keeps of the row as somebody takes over from its writer."""

    def presence_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """They are here, leave, or take over. Says who else is, as a piece of HTML, and who has
        taken over.
        """
        request.is_unattended = True  # type: ignore[attr-defined]  # the page asks, nobody is at work
        row = self._row_that_may_be_changed(request, object_id)
        form, now = form_key(self, row), timezone.now()
        match request.POST.get("is", ""):
            case "here":
                presence.come(request.user, form, at=now)
            case "leaving":
                presence.leave(request.user, form, at=now)
            case "taking over":
                self.taken_over(row)
                presence.take_over(request.user, form, at=now)
            case _:
                raise BadRequest("“is” has to be here, leaving or taking over.")
        found = presence.people(request.user, form, at=now)
        return JsonResponse(
            {
                "people": render_to_string("desk/_people.html", {"people": found}),
                "taken_by": found.holder.short_name if found.holder else "",
            }
        )

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        row = kwargs.get("obj")
        if row is None or self.has_change_permission(request, row):
            if row and row.pk:
                form = form_key(self, row)
                context["people"] = presence.people(request.user, form, at=timezone.now())
            context["media"] = js_asset.Media.from_media(context["media"]) + PAGE
        return super().render_change_form(request, context, *args, **kwargs)
