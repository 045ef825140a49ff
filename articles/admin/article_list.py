"""Which articles the list shows."""

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Prefetch

from articles.models import Revision


class StatusFilter(admin.SimpleListFilter):
    title = "status"
    parameter_name = "status"

    def lookups(self, request, model_admin):
        return [
            ("live", "Live"),
            ("scheduled", "Scheduled"),
            ("in_review", "In review"),
            ("draft", "With a draft"),
            ("unpublished", "Unpublished"),
        ]

    def queryset(self, request, queryset):
        match self.value():
            case "live":
                return queryset.live()
            case "unpublished":
                return queryset.unpublished()
            case "scheduled":
                wanted = Revision.objects.scheduled()
            case "in_review":
                wanted = Revision.objects.filter(state=Revision.State.IN_REVIEW)
            case "draft":
                wanted = Revision.objects.drafts()
            case _:
                return queryset
        return queryset.filter(pk__in=wanted.values("article"))


# For the list: the text stays in the database.
STATES = Prefetch("revisions", Revision.objects.defer("body"))


class ArticleList(ChangeList):
    """Prefetches what its columns show. A form must not: what it saves would be hidden by it."""

    def get_queryset(self, *args, **kwargs):
        return super().get_queryset(*args, **kwargs).prefetch_related("bylines__author", STATES)
