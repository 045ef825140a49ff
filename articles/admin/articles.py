"""Writing, reviewing and publishing articles."""

from copy import copy
from datetime import datetime
from functools import partial

from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.widgets import AutocompleteSelect, RelatedFieldWidgetWrapper
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from articles import publishing
from articles.admin.acts import act, may_discard, standing
from articles.admin.article_list import ArticleList, StatusFilter
from articles.admin.inlines import BylineInline, MoreInline, may_touch
from articles.article_form import ArticleForm, edited_revision
from articles.models import Article, Byline, MoreArticle, Revision
from articles.views import reading_context
from desk.merging_admin import MergingAdmin
from desk.moments import NEAR_MOMENTS
from prose.editor_admin import EditorAdmin
from redirects.deleting import NamesWhatIsDeleted

# What of an article readers see at once, without a revision: for publishers only, once it is live.
SEEN_AT_ONCE = ["slug", "topics", "series", "series_position"]
READ_AT_ONCE = (
    "Readers see changes to these fields, to the authors, and to the related articles as soon as "
    "you save, whichever button you use. Everything else waits until you publish."
)
AT_ONCE = {
    "slug": "address",
    "topics": "topics",
    "series": "series",
    "series_position": "position in the series",
}


@admin.register(Article)
class ArticleAdmin(NamesWhatIsDeleted, EditorAdmin, MergingAdmin):
    """Writing, reviewing and publishing. What readers see changes only by the publish buttons."""

    form = ArticleForm
    list_display = ["title", "status", "signed_by", "edited"]
    list_filter = [StatusFilter, "topics", "authors"]
    search_fields = ["revisions__title", "slug"]
    inlines = [BylineInline, MoreInline]
    formfield_overrides = NEAR_MOMENTS
    change_form_template = "admin/articles/article/change_form.html"
    fieldsets = [
        (None, {"fields": ["title", "summary", "body", "cover"]}),
        ("Where readers find it", {"fields": ["slug", "topics", ("series", "series_position")]}),
        (
            "For search results",
            {"classes": ["collapse"], "fields": ["seo_title", "seo_description"]},
        ),
        ("For colleagues", {"fields": ["note", "planned_for", "go_live_at"]}),
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

    def get_fieldsets(self, request, obj=None):
        fieldsets = list(self.fieldsets)
        if obj and Article.objects.live().filter(pk=obj.pk).exists():
            _, at_once = fieldsets[1]
            fieldsets[1] = ("Changes immediately", {**at_once, "description": READ_AT_ONCE})
        if request.user.has_perm("articles.publish_article"):
            return fieldsets
        *others, (name, options) = fieldsets
        mine = [field for field in options["fields"] if field != "go_live_at"]
        return [*others, (name, {**options, "fields": mine})]

    def get_readonly_fields(self, request, obj=None):
        return [] if may_touch(request, obj) else SEEN_AT_ONCE

    def get_urls(self):
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/preview/", wrap(self.preview), name="articles_article_preview"),
            path(
                "<int:pk>/revisions/<int:number>/",
                wrap(self.preview),
                name="articles_article_revision",
            ),
            path(
                "<int:pk>/act/", wrap(require_POST(partial(act, self))), name="articles_article_act"
            ),
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
            publishing.save_draft(
                article,
                text=form.text(),
                by=request.user,
                note=form.cleaned_data["note"],
            )
        try:
            if "_review" in request.POST:
                publishing.submit_for_review(article)
            elif form.wants_to_publish:
                self._publish_now_or_later(request, article, form.cleaned_data["go_live_at"])
        except ValidationError as error:
            for message in error.messages:
                self.message_user(request, f"Saved, but not published. {message}", messages.ERROR)

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

    def _publish_now_or_later(
        self, request: HttpRequest, article: Article, at: datetime | None
    ) -> None:
        if not request.user.has_perm("articles.publish_article"):
            raise PermissionDenied("Only publishers can publish.")
        is_scheduled = "_schedule" in request.POST
        publishing.publish(article, at=at if is_scheduled and at else timezone.now())

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
        if "_preview" in request.POST:
            return redirect("admin:articles_article_preview", article.pk)
        for button in ("_draft", "_review", "_publish", "_schedule"):
            if button in request.POST:
                self.message_user(request, f"Saved. {standing(article)}", messages.SUCCESS)
                return redirect("admin:articles_article_change", article.pk)
        return None

    # Looking

    def render_change_form(self, request, context, *args, **kwargs):
        article = kwargs.get("obj")
        context["may_publish"] = request.user.has_perm("articles.publish_article")
        if article and article.pk:
            context["standing"] = standing(article)
            context["is_live"] = Article.objects.live().filter(pk=article.pk).exists()
            context["was_ever_live"] = article.was_ever_live()
            draft = article.draft()
            context["has_draft"] = draft is not None
            context["may_discard"] = draft is not None and may_discard(request, draft)
            context["next_scheduled"] = article.scheduled_revision()
            context["former"] = article.former_slugs.all()
            context["history"] = article.revisions.select_related("edited_by").order_by("-number")
        return super().render_change_form(request, context, *args, **kwargs)

    def view_on_site(self, article: Article) -> str | None:
        return article.get_absolute_url() if article.live_revision() else None

    def preview(self, request: HttpRequest, pk: int, number: int | None = None) -> HttpResponse:
        """The page as readers would get it, from the draft or from an older revision."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        revisions = Revision.objects.filter(article=pk).for_reading()
        if number is None:
            article = get_object_or_404(Article, pk=pk)
            revision = get_object_or_404(revisions, pk=getattr(edited_revision(article), "pk", 0))
        else:
            revision = get_object_or_404(revisions, number=number)
        revision.published_at = revision.published_at or timezone.now()
        return render(request, "articles/detail.html", reading_context(revision, is_preview=True))

    # The list

    @admin.display(description="title", ordering="latest_title")
    def title(self, article: Article) -> str:
        return str(article)

    @admin.display(description="status")
    def status(self, article: Article) -> str:
        now = timezone.now()
        revisions = article.revisions.all()
        published = [revision.live_from for revision in revisions if revision.live_from]
        states = {revision.state for revision in revisions}
        if article.retired_at and article.retired_at <= now:
            label, kind = "Unpublished", "failed"
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
