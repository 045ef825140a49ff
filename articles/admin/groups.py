"""Authors, topics and series: how articles are grouped."""

from django.contrib import admin

from articles.models import Author, Series, Topic
from desk.merging_admin import MergingAdmin
from redirects.deleting import NamesWhatIsDeleted


@admin.register(Author)
class AuthorAdmin(NamesWhatIsDeleted, MergingAdmin):
    """Under whose name we write."""

    list_display = ["name", "job_title", "user"]
    list_select_related = ["user"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}
    autocomplete_fields = ["image"]


@admin.register(Topic)
class TopicAdmin(NamesWhatIsDeleted, MergingAdmin):
    list_display = ["name", "slug"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}

    def loses(self, row):
        return row.articles.with_titles()


@admin.register(Series)
class SeriesAdmin(NamesWhatIsDeleted, MergingAdmin):
    list_display = ["title", "slug"]
    search_fields = ["title"]
    prepopulated_fields = {"slug": ["title"]}

    def loses(self, row):
        return row.articles.with_titles()
