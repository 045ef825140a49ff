"""Rows of an article that readers see at once."""

from django.contrib import admin
from django.http import HttpRequest

from articles.models import Article, Byline, MoreArticle
from articles.signing import author_of
from desk.labeled import LabeledColumns
from desk.merging_admin import MergingInline

MAX_ROWS = 50  # of authors, or of articles chosen by hand


class ArticleInline(MergingInline, LabeledColumns, admin.TabularInline):
    """Rows of an article that readers see at once."""

    extra = 0

    def has_add_permission(self, request, obj=None) -> bool:
        return may_touch(request, obj)

    has_change_permission = has_delete_permission = has_add_permission

    def has_view_permission(self, request, obj=None) -> bool:
        return request.user.has_perm("articles.view_article")

    def get_formset(self, request, obj=None, **kwargs):
        # Otherwise a forged number of rows has more than a thousand of them drawn.
        most = {"max_num": MAX_ROWS, "absolute_max": MAX_ROWS}
        return super().get_formset(request, obj, **kwargs | most)


class BylineInline(ArticleInline):
    model = Byline
    verbose_name = "author"
    verbose_name_plural = "authors"
    autocomplete_fields = ["author"]
    fields = ["author", "position"]

    def get_extra(self, request, obj=None, **kwargs) -> int:
        if obj is None or obj.pk is None:
            return 0 if author_of(request.user) else 1
        return 0 if obj.bylines.exists() else 1


class MoreInline(ArticleInline):
    model = MoreArticle
    fk_name = "article"
    verbose_name_plural = "related articles, chosen by hand (otherwise by topic)"
    autocomplete_fields = ["other"]
    fields = ["other", "position"]

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "other":
            kwargs["queryset"] = Article.objects.with_titles()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


def may_touch(request: HttpRequest, article: Article | None) -> bool:
    """Whether the person may change what readers of this article see at once."""
    if request.user.has_perm("articles.publish_article"):
        return True
    is_writer = request.user.has_perm("articles.change_article")
    return is_writer and (article is None or not article.revisions.published().exists())
