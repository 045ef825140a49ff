from django.contrib import admin
from django.utils.safestring import SafeString

from desk.read_only import ReadOnly
from privacy import person_page
from privacy.models import Deletion, Erasure, Wording
from prose.rendering import render


@admin.register(Wording)
class WordingAdmin(ReadOnly, admin.ModelAdmin):
    """Every version of the privacy page. Inquiries point to the one that was live."""

    list_display = ["number", "title", "since"]
    fields = ["number", "since", "title", "shown", "digest"]

    @admin.display(description="text")
    def shown(self, wording: Wording) -> SafeString:
        return render(wording.text).html


@admin.register(Erasure)
class ErasureAdmin(ReadOnly, admin.ModelAdmin):
    """Receipts. A new one is made by erasing someone."""

    list_display = ["__str__", "at", "by", "people", "deleted"]
    list_select_related = ["by"]
    date_hierarchy = "at"
    fields = ["at", "by", "people", "deleted", "kept"]

    def has_add_permission(self, request, obj=None) -> bool:
        return request.user.has_perm("privacy.add_erasure")

    def add_view(self, request, form_url="", extra_context=None):
        return person_page.page(request)


@admin.register(Deletion)
class DeletionAdmin(ReadOnly, admin.ModelAdmin):
    """Records that no longer exist. The database lists each, no matter who deleted it."""

    list_display = ["__str__", "deleted_at"]
    date_hierarchy = "deleted_at"
