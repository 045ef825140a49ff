"""Rows that staff look at in the admin, and that are written elsewhere."""

from django.db.models import Model
from django.http import HttpRequest


class ReadOnly:
    """Before `ModelAdmin` or an inline: nobody adds, changes or deletes a row there."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
