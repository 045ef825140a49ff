"""The private list. Administrators alone see it; its names stand in no log."""

from typing import Any

from django.contrib import admin

from articles.models import PrivateName
from desk.merging_admin import MergingAdmin


class Unnamed:
    """In place of a row where Django's log would write its name."""

    def __init__(self, row: PrivateName) -> None:
        self.pk, self._meta = row.pk, row._meta

    def __str__(self) -> str:
        return f"No. {self.pk}"


@admin.register(PrivateName)
class PrivateNameAdmin(MergingAdmin):
    """What must not be published. An article that says one of them cannot go live."""

    list_display = ["name", "kind", "note", "added_by", "added_at"]
    list_filter = ["kind"]
    list_select_related = ["added_by"]
    search_fields = ["name", "note"]
    fields = ["name", "kind", "note"]

    def save_model(self, request, obj, form, change):
        if not change:
            obj.added_by = request.user
        super().save_model(request, obj, form, change)

    def log_addition(self, request, obj, message):
        return super().log_addition(request, Unnamed(obj), message)

    def log_change(self, request, obj, message):
        return super().log_change(request, Unnamed(obj), message)

    def log_deletions(self, request, queryset):
        rows: Any = [Unnamed(row) for row in queryset]
        return super().log_deletions(request, rows)
