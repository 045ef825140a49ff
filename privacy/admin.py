from django.contrib import admin
from django.utils.safestring import SafeString

from desk.read_only import ReadOnly
from privacy.models import Wording
from prose.rendering import render


@admin.register(Wording)
class WordingAdmin(ReadOnly, admin.ModelAdmin):
    """Every version of the privacy page. Inquiries point to the one that was live."""

    list_display = ["number", "title", "since"]
    fields = ["number", "since", "title", "shown", "digest"]

    @admin.display(description="text")
    def shown(self, wording: Wording) -> SafeString:
        return render(wording.text).html
