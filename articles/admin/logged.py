"""What Django's log says of an article: nothing of its text, which has a history of its own."""

from typing import Any

from django.contrib import admin
from django.forms.utils import pretty_name

from articles.publishing import TEXT_FIELDS


class LogsNoText(admin.ModelAdmin[Any]):
    def construct_change_message(self, request, form, formsets, add=False):
        """Of what readers see at once. What becomes of the text stands in the article's history."""
        said = super().construct_change_message(request, form, formsets, add)
        of_the_text = {
            form.fields[name].label or pretty_name(name)
            for name in (*TEXT_FIELDS, "note")
            if name in form.fields
        }
        kept = []
        for one in said:
            if fields := one.get("changed", {}).get("fields"):
                if rest := [label for label in fields if label not in of_the_text]:
                    kept.append({"changed": {**one["changed"], "fields": rest}})
            else:
                kept.append(one)
        return kept

    def log_change(self, request, obj, message):
        return super().log_change(request, obj, message) if message else None
