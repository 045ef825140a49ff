"""What somebody typed into a form, compared with what is stored.

For what a browser has kept: it sends the fields by their names, as the form would. Nothing is
stored, and fields that it does not send are left alone.
"""

from typing import Any

from django.contrib.admin import ModelAdmin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, JsonResponse
from django.template.loader import render_to_string
from django.utils.text import capfirst

from desk.differences import Comparison, value_rows
from desk.merging_texts import compare, is_long
from desk.merging_values import said


def view(
    model_admin: ModelAdmin[Any], request: HttpRequest, object_id: str | None = None
) -> JsonResponse:
    """By field: how many changes in words, and the HTML that shows them."""
    row = None
    if object_id is None:
        is_allowed = model_admin.has_add_permission(request)
    else:
        row = model_admin.get_object(request, unquote(object_id))
        if row is None:
            raise Http404
        is_allowed = model_admin.has_change_permission(request, row)
    if not is_allowed:
        raise PermissionDenied
    form: Any = model_admin.get_form(request, row, change=row is not None)(instance=row)
    stored = form.shown() if row else {}
    fields: dict[str, dict[str, str | int]] = {}
    for name in form.fields:
        if name in request.POST:
            value = form.present(name, stored[name]) if name in stored else None
            if found := _compared(request, form, name, value):
                fields[name] = {
                    "label": capfirst(str(form.fields[name].label or name)),
                    "said": found.said,
                    "count": found.count,
                    "words_added": found.words_added,
                    "words_removed": found.words_removed,
                    "html": render_to_string("prose/_diff.html", {"comparison": found}),
                }
    return JsonResponse({"fields": fields})


def _compared(request: HttpRequest, form: Any, name: str, stored: Any) -> Comparison:
    field = form.fields[name]
    typed = field.widget.value_from_datadict(request.POST, request.FILES, name)
    try:
        value = field.clean(typed)
    except ValidationError:
        value = typed
    prefix = f"{name}-change"
    if is_long(field):
        return compare(field, str(stored or ""), str(value or ""), prefix=prefix)
    label = capfirst(str(field.label or name))
    return Comparison(
        tuple(value_rows(said(field, stored), said(field, value), where=label)), prefix
    )
