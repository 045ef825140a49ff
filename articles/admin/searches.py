"""What visitors search for."""

from django.contrib import admin
from django.db.models import Exists, OuterRef, Subquery, Sum

from articles.models import SearchCount
from desk.read_only import ReadOnly


class AnswerFilter(admin.SimpleListFilter):
    title = "results"
    parameter_name = "answer"

    def lookups(self, request, model_admin):
        return [("nothing", "No results"), ("something", "With results")]

    def queryset(self, request, queryset):
        match self.value():
            case "nothing":
                return queryset.filter(results=0)
            case "something":
                return queryset.exclude(results=0)
        return queryset


@admin.register(SearchCount)
class SearchCountAdmin(ReadOnly, admin.ModelAdmin):
    """What visitors search for: each search term once, with its latest results. Read-only."""

    list_display = ["query", "searches", "results", "day"]
    list_filter = [AnswerFilter, "day"]
    search_fields = ["query"]
    list_display_links = None

    def get_queryset(self, request):
        same = SearchCount.objects.filter(query=OuterRef("query")).order_by()
        total = same.values("query").annotate(total=Sum("count")).values("total")
        return (
            SearchCount.objects.filter(~Exists(same.filter(day__gt=OuterRef("day"))))
            .annotate(total=Subquery(total))
            .order_by(*self.get_ordering(request))
        )

    def get_ordering(self, request):
        return ["-total", "-day", "query"]

    @admin.display(description="searches", ordering="total")
    def searches(self, count):
        return count.total
