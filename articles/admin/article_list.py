"""Which articles Django's own list shows, and what of them. Ours is in `articles.lists`."""

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Prefetch
from django.utils import timezone
from django.utils.html import format_html

from articles.models import Article, Revision


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
            ("retired", "Retired"),
        ]

    def queryset(self, request, queryset):
        match self.value():
            case "live":
                return queryset.live()
            case "unpublished":
                return queryset.unpublished()
            case "retired":
                return queryset.retired()
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


class ShownInTable(admin.ModelAdmin[Article]):
    """The columns."""

    @admin.display(description="title", ordering="latest_title")
    def title(self, article: Article) -> str:
        return str(article)

    @admin.display(description="status")
    def status(self, article: Article) -> str:
        now = timezone.now()
        revisions = article.revisions.all()
        published = [revision.live_from for revision in revisions if revision.live_from]
        states = {revision.state for revision in revisions}
        if article.off_site_since and article.off_site_since <= now:
            label, kind = "Retired" if article.retired_at else "Unpublished", "failed"
        elif any(moment <= now for moment in published):
            label, kind = "Live", "sent"
        elif published:
            label, kind = f"Live from {timezone.localtime(min(published)):%-d %b}", "queued"
        else:
            label, kind = "Draft", "queued"
        badge = format_html('<span class="badge badge--{}">{}</span>', kind, label)
        if Revision.State.IN_REVIEW in states:
            return format_html("{} in review", badge)
        if published and Revision.State.DRAFT in states:
            return format_html("{} with a draft", badge)
        return badge

    @admin.display(description="by")
    def signed_by(self, article: Article) -> str:
        return ", ".join(byline.author.name for byline in article.bylines.all())

    @admin.display(description="edited", ordering="latest_edit")
    def edited(self, article):
        return article.latest_edit
