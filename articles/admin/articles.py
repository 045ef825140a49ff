"""Writing, reviewing and publishing articles."""

from copy import copy
from functools import partial
from typing import ClassVar

from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.widgets import AutocompleteSelect, RelatedFieldWidgetWrapper
from django.core.exceptions import ValidationError
from django.db.models import OuterRef, Subquery
from django.forms import Script
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from articles import publishing, reviewing
from articles.admin import (
    compare_page,
    history_page,
    lanes_page,
    preview_pages,
    publish_page,
    review_pages,
    room,
)
from articles.admin.acts import act, carry_out, standing
from articles.admin.article_list import ArticleList, ShownInTable, StatusFilter
from articles.admin.autosaving import SavesItself
from articles.admin.company import InCompany
from articles.admin.fix_page import FixAdmin
from articles.admin.inlines import BylineInline, MoreInline, may_touch
from articles.admin.logged import LogsNoText
from articles.article_form import ArticleForm
from articles.models import Article, Byline, MoreArticle, Revision
from desk.merging_admin import MergingAdmin
from desk.moments import NEAR_MOMENTS
from desk.room import LEDE, PROSE, TITLE, RoomAdmin
from prose.editor_admin import EditorAdmin
from redirects.deleting import NamesWhatIsDeleted

# What of an article readers see at once, without a revision: for publishers only, once it is live.
SEEN_AT_ONCE = ["slug", "topics", "series", "series_position"]
OUT_OF_REVIEW = (
    "The text has changed, so the draft is no longer in review. Submit it again when it is ready."
)
# Buttons that save, and then lead to a page of their own
LEADS_TO = {
    "_preview": "preview",
    "_ask": "review",
    "_publish_dialog": "publish",
    "_schedule_dialog": "publish",
}
AT_ONCE = {
    "slug": "address",
    "topics": "topics",
    "series": "series",
    "series_position": "position in the series",
}


@admin.register(Article)
class ArticleAdmin(
    NamesWhatIsDeleted,
    LogsNoText,
    ShownInTable,
    InCompany,
    RoomAdmin,
    SavesItself,
    EditorAdmin,
    MergingAdmin,
):
    """Writing, reviewing and publishing. What readers see changes only by the publish buttons."""

    form = ArticleForm
    list_display = ["title", "status", "signed_by", "edited"]
    list_filter = [StatusFilter, "topics", "authors"]
    search_fields = ["revisions__title", "slug"]
    inlines = [BylineInline, MoreInline]
    formfield_overrides = NEAR_MOMENTS
    change_form_template = "admin/articles/article/change_form.html"
    paper = {"title": TITLE, "summary": LEDE, "body": PROSE}
    fieldsets = [
        (None, {"fields": ["title", "summary", "body", "cover"]}),
        ("Where readers find it", {"fields": ["slug", "topics", "series", "series_position"]}),
        ("For search results", {"fields": ["seo_title", "seo_description"]}),
        ("For colleagues", {"fields": ["note", "planned_for"]}),
    ]

    class Media:
        css: ClassVar = {"all": ["admin/articles/publish.css", "admin/desk/checks.css"]}
        js: ClassVar = [
            Script("admin/desk/places.js", type="module"),
            Script("admin/articles/publish.js", type="module"),
        ]

    def get_queryset(self, request):
        latest = Revision.objects.filter(article=OuterRef("pk")).order_by("-number")
        return (
            Article.objects.with_titles()
            .annotate(latest_edit=Subquery(latest.values("edited_at")[:1]))
            .order_by("-latest_edit")
        )

    def get_changelist(self, request, **kwargs):
        return ArticleList

    def was_public(self, row):
        return False  # what readers saw is not deleted

    def get_deleted_objects(self, objs, request):
        """What readers have seen is unpublished, not deleted, wherever deletion is tried."""
        objs = list(objs)
        named, counts, needed, protected = super().get_deleted_objects(objs, request)
        seen = Article.objects.ever_live().filter(pk__in=[article.pk for article in objs])
        return named, counts, needed, [*protected, *seen.with_titles()]

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        field = Revision._meta.get_field("cover")
        images = self.admin_site.get_model_admin(field.remote_field.model)
        cover = copy(form.base_fields["cover"])  # the form's own belongs to every request
        cover.widget = RelatedFieldWidgetWrapper(
            AutocompleteSelect(field, self.admin_site),
            field.remote_field,
            self.admin_site,
            can_add_related=images.has_add_permission(request),
        )
        form.base_fields["cover"] = cover
        return form

    def get_prepopulated_fields(self, request, obj=None):
        return {} if obj else {"slug": ["title"]}

    def get_readonly_fields(self, request, obj=None):
        return [] if may_touch(request, obj) else SEEN_AT_ONCE

    def get_urls(self):
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/preview/", wrap(preview_pages.page), name="articles_article_preview"),
            path("<int:pk>/beside/", wrap(preview_pages.beside), name="articles_article_beside"),
            path(
                "<int:pk>/revisions/<int:number>/",
                wrap(preview_pages.page),
                name="articles_article_revision",
            ),
            path(
                "<int:pk>/lanes/",
                wrap(partial(lanes_page.page, self)),
                name="articles_article_lanes",
            ),
            path("<int:pk>/fix/", wrap(self.fix), name="articles_article_fix"),
            *publish_page.urls(self),
            path(
                "<int:pk>/compare/",
                wrap(partial(compare_page.page, self)),
                name="articles_article_compare",
            ),
            path(
                "<int:pk>/act/", wrap(require_POST(partial(act, self))), name="articles_article_act"
            ),
            path("<int:pk>/review/", wrap(review_pages.ask), name="articles_article_review"),
            path(
                "<int:pk>/send-back/",
                wrap(review_pages.send_back),
                name="articles_article_send_back",
            ),
            path("<int:pk>/history/", wrap(history_page.page), name="articles_article_history"),
            *super().get_urls(),
        ]

    # Saving

    def save_related(self, request, form, formsets, change):
        """The text last: by then the bylines, which publishing needs, are saved."""
        super().save_related(request, form, formsets, change)
        article = form.instance
        if change and Article.objects.live().filter(pk=article.pk).exists():
            self._say_what_changed_at_once(request, form, formsets)
        if form.text_has_changed() or not article.revisions.exists():
            was_in_review = article.revisions.filter(state=Revision.State.IN_REVIEW).exists()
            saved = publishing.save_draft(
                article,
                text=form.text(),
                by=request.user,
                note=form.cleaned_data["note"],
            )
            if was_in_review and saved.state != Revision.State.IN_REVIEW:
                self.message_user(request, OUT_OF_REVIEW, messages.WARNING)
        try:
            if "_review" in request.POST:
                carry_out(
                    request,
                    article,
                    lambda one, act: reviewing.submit_for_review(one, by=request.user, act=act),
                )
        except ValidationError as error:
            for message in error.messages:
                self.message_user(request, f"Saved, but not submitted. {message}", messages.ERROR)

    def _say_what_changed_at_once(self, request: HttpRequest, form, formsets) -> None:
        names = [AT_ONCE[name] for name in AT_ONCE if name in form.changed_data]
        kinds = {Byline: "authors", MoreArticle: "related articles"}
        names += [kinds[rows.model] for rows in formsets if rows.has_changed()]
        if names:
            self.message_user(
                request, f"Already changed on the live page: {', '.join(names)}.", messages.WARNING
            )
        if "slug" in form.changed_data:
            old = reverse("articles:detail", args=[form.initial["slug"]])
            self.message_user(
                request,
                f"{old} now redirects to {form.instance.get_absolute_url()}.",
                messages.INFO,
            )

    def response_change(self, request, obj):
        return self._response(request, obj) or super().response_change(request, obj)

    def response_add(self, request, obj, post_url_continue=None):
        return self._response(request, obj) or super().response_add(request, obj, post_url_continue)

    def _response(self, request: HttpRequest, article: Article) -> HttpResponse | None:
        """Where each of our own buttons leads; Django's own are left to it, and so is a window
        that another form opened: it closes and hands over what was made.
        """
        if IS_POPUP_VAR in request.POST:
            return None
        for button, page in LEADS_TO.items():
            if button in request.POST:
                later = {"when": "later"} if button == "_schedule_dialog" else None
                address = f"admin:articles_article_{page}"
                return redirect(reverse(address, args=[article.pk], query=later))
        for button in ("_draft", "_review"):
            if button in request.POST:
                self.message_user(request, f"Saved. {standing(article)}", messages.SUCCESS)
                return redirect("admin:articles_article_change", article.pk)
        return None

    # Looking

    def render_change_form(self, request, context, *args, **kwargs):
        context |= room.around(request, kwargs.get("obj"))
        return super().render_change_form(request, context, *args, **kwargs)

    def view_on_site(self, article: Article) -> str | None:
        return article.get_absolute_url() if article.live_revision() else None

    def fix(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What readers see, to be fixed while a change waits."""
        return FixAdmin(Article, self.admin_site).changeform_view(request, str(pk))
