"""Rows that staff look at in the admin, and that are written elsewhere."""


class ReadOnly:
    """Before `ModelAdmin` or an inline: nobody adds, changes or deletes a row there."""

    def has_add_permission(self, request, obj=None) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False
