from django.contrib import admin
from django.db.models import Sum
from django.utils import timezone
from django.utils.safestring import SafeString

from desk.read_only import ReadOnly
from privacy import periods_page, person_page, requests
from privacy.models import Deletion, Erasure, Hold, Night, NightCount, Period, Request, Wording
from prose.rendering import render


@admin.register(Wording)
class WordingAdmin(ReadOnly, admin.ModelAdmin):
    """Every version of the privacy page. Inquiries point to the one that was live."""

    list_display = ["number", "title", "since"]
    fields = ["number", "since", "title", "shown", "from_settings", "digest"]

    @admin.display(description="text")
    def shown(self, wording: Wording) -> SafeString:
        return render(wording.text).html

    @admin.display(description="from the settings")
    def from_settings(self, wording: Wording) -> SafeString:
        return render(wording.generated).html


@admin.register(Erasure)
class ErasureAdmin(ReadOnly, admin.ModelAdmin):
    """Receipts. A new one is made by erasing someone."""

    list_display = ["__str__", "at", "by", "people", "deleted"]
    list_select_related = ["by"]
    date_hierarchy = "at"
    fields = ["at", "by", "people", "deleted", "kept", "key"]

    def has_add_permission(self, request, obj=None) -> bool:
        return request.user.has_perm("privacy.add_erasure")

    def add_view(self, request, form_url="", extra_context=None):
        return person_page.page(request)


@admin.register(Deletion)
class DeletionAdmin(ReadOnly, admin.ModelAdmin):
    """Records that no longer exist. The database lists each, no matter who deleted it."""

    list_display = ["__str__", "deleted_at"]
    date_hierarchy = "deleted_at"


@admin.register(Period)
class PeriodAdmin(ReadOnly, admin.ModelAdmin):
    """One page for all of them: see `privacy.periods_page`."""

    def changelist_view(self, request, extra_context=None):
        return periods_page.page(request)


class NightCountInline(ReadOnly, admin.TabularInline):
    model = NightCount
    fields = ["rule", "before", "count", "error"]


@admin.register(Night)
class NightAdmin(ReadOnly, admin.ModelAdmin):
    """What was deleted because it was old, in counts."""

    list_display = ["day", "began_at", "finished_at", "deleted"]
    date_hierarchy = "day"
    fields = ["day", "began_at", "finished_at"]
    inlines = [NightCountInline]

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(total=Sum("counts__count"))

    @admin.display(description="deleted")
    def deleted(self, night: Night) -> int:
        return getattr(night, "total", 0) or 0


@admin.register(Hold)
class HoldAdmin(ReadOnly, admin.ModelAdmin):
    """People whose records no rule deletes. They are marked on the page of the person."""

    list_display = ["mailbox", "why", "by", "at"]
    list_select_related = ["by"]
    fields = ["mailbox", "why", "by", "at"]

    def has_delete_permission(self, request, obj=None) -> bool:
        return request.user.has_perm("privacy.delete_hold")


class WaitingFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return [("done", "Done"), ("all", "All")]

    def queryset(self, request, queryset):
        match self.value():
            case "done":
                return queryset.exclude(done_at=None)
            case "all":
                return queryset
            case _:
                return queryset.waiting()

    def choices(self, changelist):
        yield {**next(super().choices(changelist)), "display": "To do"}
        yield from list(super().choices(changelist))[1:]


@admin.register(Request)
class RequestAdmin(ReadOnly, admin.ModelAdmin):
    """Requests of visitors for their own data, and by when they have to be answered."""

    list_display = ["address", "kind", "confirmed_at", "answer_by", "done_at"]
    list_filter = [WaitingFilter]
    fields = ["kind", "address", "asked_at", "confirmed_at", "answer_by", "done_at", "done_by"]
    actions = ["mark_done"]
    change_form_template = "admin/privacy/request/change_form.html"

    def has_done_permission(self, request) -> bool:
        return request.user.has_perm("privacy.change_request")

    @admin.action(description="Mark as done", permissions=["done"])
    def mark_done(self, request, queryset):
        keys = list(queryset.values_list("pk", flat=True))
        count = requests.mark_done(keys, by=request.user, at=timezone.now())
        self.message_user(request, f"Marked as done: {count}.")
