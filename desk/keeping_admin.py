"""Forms of the admin that keep what is typed into them: what `desk.keeping` does, by address.

A page says where it is kept and by whom; the scripts below `static/admin/keeping/` do the rest, and
do nothing on a page without a form.
"""

import re
from collections import Counter
from typing import Any

import js_asset
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.forms import Script
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from desk import keeping
from desk.kept_fields import Names, words_are_gone
from desk.models import KeptForm

LANE = re.compile(r"[a-z]{1,12}")
WINDOWS = "kept_windows"  # of a form that is sent: whose words it has
# What our modules import from each other: by name, because their files' names carry a hash.
MODULES = js_asset.Media(
    importmap=js_asset.ImportMap(
        {
            f"keeping/{name}": f"admin/keeping/{name}.js"
            for name in ("fields", "indicator", "offers", "server", "signin", "store", "tabs")
        }
    )
)


class KeepingAdmin(admin.ModelAdmin[Any]):
    """Nothing that is typed into its form is lost. `keep_draft` says what has a draft."""

    drafted: frozenset[str] = frozenset()  # fields of which the draft keeps its own history
    lane = ""  # of a second form for the same row, whose words are no draft's

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_keep"
        view = self.admin_site.admin_view(self.keep_view)
        return [
            path("keep/", view, name=f"{name}_new"),
            path("<path:object_id>/keep/", view, name=name),
            *super().get_urls(),
        ]

    # What a subclass may say

    def keep_draft(
        self, request: HttpRequest, row: Any, kept: KeptForm, sent: keeping.Sent
    ) -> tuple[keeping.Sent, dict[str, Any]]:
        """Put into a draft what it takes. Returns what is left, and what the page has to know."""
        return sent, {}

    def last_saved(self, row: Any) -> str:
        """When a page that was opened just now has last been saved, if that is known: ISO 8601."""
        return ""

    # The page

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        row = kwargs.get("obj")
        may_change = (
            self.has_change_permission(request, row) if row else self.has_add_permission(request)
        )
        if may_change:
            sent = request.POST.get(WINDOWS, "") if request.method == "POST" else ""
            windows = _windows(sent)
            turns = keeping.turns(request.user, form_key(self, row), windows[:1])
            page = js_asset.Media(
                js=[
                    Script(
                        "admin/keeping/keeping.js",
                        type="module",
                        **{
                            "data-keeping": keeping_url(self, row),
                            "data-compare": ""
                            if self.lane
                            else keeping_url(self, row, "compare_typed"),
                            "data-form": form_key(self, row),
                            "data-person": str(request.user.pk),
                            "data-name": str(request.user),
                            "data-login": reverse("admin:login"),
                            "data-new": "" if row else "yes",
                            "data-last": self.last_saved(row) if row else "",
                            "data-windows": " ".join(windows),
                            "data-turn": str(max(turns.values(), default=0)),
                        },
                    )
                ],
                css={"all": ["admin/keeping/keeping.css"]},
            )
            media = js_asset.Media.from_media(context["media"]) + page + MODULES
            context["media"] = media.with_nonce(str(request.csp_nonce))  # type: ignore[attr-defined]  # by its middleware
        return super().render_change_form(request, context, *args, **kwargs)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """A turn that is on its way while the form is saved waits, or is waited for."""
        windows = _windows(request.POST.get(WINDOWS, "")) if request.method == "POST" else []
        if not windows:
            return super().changeform_view(request, object_id, form_url, extra_context)
        row = self.get_object(request, unquote(object_id)) if object_id else None
        with transaction.atomic():
            if row or not object_id:
                keeping.hold_all(request.user, form_key(self, row), windows)
            return super().changeform_view(request, object_id, form_url, extra_context)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        self.let_go(request, form, formsets, change)

    def let_go(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The form was saved: what was kept of it goes, and what it took away is kept."""
        if change:
            gone: keeping.Fields = {}
            for one in [form, *(each for rows in formsets for each in rows.initial_forms)]:
                gone |= _words_gone(one, but=self.drafted)
            keeping.keep_before(request.user, form_key(self, form.instance), gone)
        if windows := _windows(request.POST.get(WINDOWS, "")):
            row = form.instance if change else None
            saved = {name: request.POST.getlist(name) for name in request.POST}
            names = self._names(request, row)
            keeping.mark_saved(request.user, form_key(self, row), windows, saved, names)

    # While someone types

    def keep_view(self, request: HttpRequest, object_id: str = "") -> HttpResponse:
        """Who asks and with which token; or what is kept; or keep more."""
        row = self._row_that_may_be_changed(request, object_id)
        lane = request.GET.get("lane", "")
        form = form_key(self, row, lane if LANE.fullmatch(lane) else "")
        if request.method != "POST":
            asked = " ".join(request.GET.getlist("window"))
            return JsonResponse(
                {
                    "token": get_token(request),
                    "person": str(request.user.pk),
                    "kept": [_as_json(one) for one in keeping.offered(request.user, form)],
                    "saved": keeping.saved(request.user, form, _windows(asked)),
                    "turns": keeping.turns(request.user, form, _windows(asked)),
                }
            )
        try:
            sent = keeping.read(request)
        except keeping.TooLongError:
            return JsonResponse({"why": "too long"}, status=413)
        except keeping.NonsenseError:
            return JsonResponse({"why": "nonsense"}, status=400)
        if sent.person not in ("", str(request.user.pk)):
            raise PermissionDenied  # someone else signed in at this browser since
        with transaction.atomic():
            return JsonResponse(self._kept(request, row, form, sent))

    def _kept(
        self, request: HttpRequest, row: Any, form: str, sent: keeping.Sent
    ) -> dict[str, Any]:
        if sent.forget:
            keeping.forget(request.user, form, sent.forget)
            return {"state": "forgotten"}
        kept = keeping.hold(request.user, form, sent.window)
        if kept.over_at:
            return {"state": "saved", "is_over": True}
        if sent.is_apart and kept.turn >= sent.turn:  # it arrived, and only the answer was lost
            return {"state": "saved"}
        if kept.made:  # the row has a page of its own by now, which may send as well
            keeping.hold(request.user, f"{form} {kept.made}", sent.window)
        rest, said = sent, dict[str, Any]()
        if sent.turn >= kept.turn and not (sent.is_apart or "lane" in request.GET):
            rest, said = self.keep_draft(request, row, kept, sent)
        is_asked = rest.fields or kept.data
        names = self._names(request, row) if is_asked else Names()
        if "form" in said:  # which the words have made: the rest waits there
            keeping.keep(kept, rest.without({*rest.fields}), names)
            kept = keeping.hold(request.user, said["form"], sent.window)
        keeping.keep(kept, rest, names)
        return {"state": "saved", "at": timezone.now().isoformat(), **said}

    def _row_that_may_be_changed(self, request: HttpRequest, object_id: str) -> Any:
        """None for the empty form."""
        if not object_id:
            if not self.has_add_permission(request):
                raise PermissionDenied
            return None
        row = self.get_object(request, unquote(object_id))
        if row is None:
            raise Http404
        if not self.has_change_permission(request, row):
            raise PermissionDenied
        return row

    def _names(self, request: HttpRequest, row: Any) -> Names:
        names = Names()
        names.add(self.get_form(request, row, change=row is not None))
        prefixes: Counter[str] = Counter()
        for formset, _ in self.get_formsets_with_inlines(request, row):
            prefix = formset.get_default_prefix()
            prefixes[prefix] += 1
            count = prefixes[prefix]
            names.add(formset.form, prefix if count == 1 else f"{prefix}-{count}")
        return names


def form_key(model_admin: admin.ModelAdmin[Any], row: Any, lane: str = "") -> str:
    lane = lane or getattr(model_admin, "lane", "")
    key = str(row.pk) if row and row.pk else ""
    return " ".join(filter(None, (model_admin.opts.label_lower, key, lane)))


def keeping_url(model_admin: admin.ModelAdmin[Any], row: Any, view: str = "keep") -> str:
    name = f"admin:{model_admin.opts.label_lower.replace('.', '_')}_{view}"
    url = reverse(name, args=[row.pk]) if row and row.pk else reverse(f"{name}_new")
    lane = getattr(model_admin, "lane", "")
    return f"{url}?lane={lane}" if lane else url


def _words_gone(form: Any, *, but: frozenset[str]) -> keeping.Fields:
    """Of a form that was saved: the texts as they were, from which words are gone now."""
    gone = {}
    for name in form.changed_data:
        was, now = (str(values.get(name) or "") for values in (form.initial, form.cleaned_data))
        if name not in but and words_are_gone(form.fields.get(name), was, now):
            gone[form.add_prefix(name)] = [was]
    return gone


def _windows(sent: str) -> list[str]:
    found = [one for one in sent.split()[: keeping.MAX_KEPT] if keeping.WINDOW.fullmatch(one)]
    return list(dict.fromkeys(found))


def _as_json(one: KeptForm) -> dict[str, Any]:
    return {
        "window": one.window,
        "began": one.began_at.isoformat(),
        "at": one.at.isoformat(),
        "before": one.is_before,
        **(one.data or {}),
    }


def kept_as(request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> str | None:
    """The key of the row that the words of this empty form became by themselves."""
    windows = _windows(request.POST.get(WINDOWS, ""))
    mine = KeptForm.objects.of(request.user, form_key(model_admin, None))
    made = mine.filter(window__in=windows).exclude(made="").values_list("made", flat=True)
    return made.first()


def written_by(
    request: HttpRequest, model_admin: admin.ModelAdmin[Any], row: Any
) -> dict[str, str]:
    """Digests of what the page of this form has put into the draft while someone typed."""
    windows = _windows(request.POST.get(WINDOWS, ""))
    if row is None or not windows:
        return {}
    forms = [form_key(model_admin, row), form_key(model_admin, None)]
    rows = KeptForm.objects.filter(user=request.user.pk, form__in=forms, window__in=windows)
    found: dict[str, str] = {}
    for wrote in rows.order_by("at").values_list("wrote", flat=True):
        found |= wrote
    return found
