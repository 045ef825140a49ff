"""The page with what was typed, when the row takes no changes any more."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib.admin import ModelAdmin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from desk.merging_values import digest, said
from desk.seen import SEEN, read_seen


@dataclass(frozen=True)
class Entry:
    label: str
    text: str
    is_changed: bool  # by this person, since the page was opened

    @property
    def is_html(self) -> bool:
        return isinstance(self.text, SafeString)


@dataclass(frozen=True)
class Group:
    """The fields of the page, or those of one of its rows."""

    title: str
    entries: list[Entry] = field(default_factory=list)

    @property
    def changed(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.is_changed]

    @property
    def unchanged(self) -> list[Entry]:
        return [entry for entry in self.entries if not entry.is_changed]


def page(admin: ModelAdmin[Any], request: HttpRequest, row: Any, reason: str) -> TemplateResponse:
    """Answers 409 with all that was sent, what this person changed first, to be copied."""
    groups = [group for group in _groups(admin, request) if group.entries]
    context = {
        **admin.admin_site.each_context(request),
        "title": "Not saved",
        "opts": admin.opts,
        "row": row,
        "reason": reason,
        "changed": [group for group in groups if group.changed],
        "unchanged": [group for group in groups if group.unchanged],
    }
    return TemplateResponse(request, "admin/not_saved.html", context, status=409)


def _groups(admin: ModelAdmin[Any], request: HttpRequest) -> Iterator[Group]:
    """As the forms are for a row that takes changes."""
    yield Group("", list(_entries(request, "", admin.get_form(request, None, change=True))))
    for inline in admin.get_inline_instances(request):
        formset = inline.get_formset(request, None)
        prefix = formset.get_default_prefix()
        count = request.POST.get(f"{prefix}-TOTAL_FORMS", "")
        rows = min(int(count), formset.absolute_max) if count.isdecimal() and len(count) < 5 else 0
        for number in range(rows):
            title = capfirst(f"{inline.verbose_name} {number + 1}")
            yield Group(title, list(_entries(request, f"{prefix}-{number}-", formset.form)))


def _entries(request: HttpRequest, prefix: str, form: Any) -> Iterator[Entry]:
    seen = read_seen(request.POST.get(f"{prefix}{SEEN}", ""))
    for name, formfield in form.base_fields.items():
        sent = formfield.widget.value_from_datadict(request.POST, request.FILES, prefix + name)
        if formfield.disabled or sent in formfield.empty_values:
            continue
        try:
            value = sent if isinstance(formfield, forms.FileField) else formfield.clean(sent)
        except ValidationError:
            value = sent
        text = said(formfield, value)
        if text:
            is_changed = digest(formfield, value) != seen.get(name)
            yield Entry(capfirst(str(formfield.label or name.replace("_", " "))), text, is_changed)
