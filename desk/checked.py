"""Forms whose texts visitors read: what an app finds in them stands beside Save, and is said after
it. Nothing stops: these texts have no draft.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.utils import label_for_field
from django.forms import Script
from django.http import HttpRequest, HttpResponse

from web.contributions import every
from web.texts import Text

# What a field is: a text of the editor, paragraphs, or one line
HTML, PARAGRAPHS, LINE = "html", "paragraphs", "line"
MAX_SAID = 5


class CheckedAdmin(admin.ModelAdmin[Any]):
    """`checked` says which fields visitors read. Before `MergingAdmin`."""

    checked: ClassVar[Mapping[str, str]] = {}

    class Media:
        css: ClassVar = {"all": ["admin/desk/checks.css"]}
        js: ClassVar = [Script("admin/desk/places.js", type="module")]

    def checked_texts(self, row: Any) -> list[Text]:
        """As the row has them. Whoever has inlines adds theirs."""
        return [
            text_of(kind, name, str(label_for_field(name, self.model, self)), getattr(row, name))
            for name, kind in self.checked.items()
        ]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        row = kwargs.get("obj")
        context["text_checks"] = _check(self.checked_texts(row)) if row else None
        return super().render_change_form(request, context, *args, **kwargs)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        checks = _check(self.checked_texts(form.instance))
        found = [*checks.blocking, *checks.warnings] if checks else []
        for one in found[:MAX_SAID]:
            self.message_user(request, one.sentence, messages.WARNING)
        if len(found) > MAX_SAID:
            rest = f"And {len(found) - MAX_SAID} more, which stand in the form."
            self.message_user(request, rest, messages.WARNING)


def text_of(kind: str, field: str, label: str, value: str) -> Text:
    if kind == HTML:
        return Text(field, label, value)
    make = Text.plain if kind == PARAGRAPHS else Text.line
    return make(field, label, value)


def _check(texts: Sequence[Text]) -> Any:
    check = next((one.check_texts for one in every() if one.check_texts), None)
    return check(texts) if check else None
