"""A typo in what readers see, fixed while a change waits: the live text in a form of its own.

The same form as an article's, without what belongs to the draft. Two who fix the same text at the
same time are put together as everywhere, and what goes live meanwhile counts as a colleague's.
"""

from typing import Any, ClassVar

from django.contrib import messages
from django.shortcuts import redirect
from django.utils import timezone

from articles import fixing
from articles.admin.acts import carry_out
from articles.article_form import REVISION_FIELDS
from articles.models import Article
from desk.contested import Change
from desk.merging import MergingForm
from desk.merging_admin import MergingAdmin
from desk.room import LEDE, PROSE, TITLE, RoomAdmin
from prose.editor import sanitize
from prose.editor_admin import EditorAdmin


class FixForm(MergingForm[Article]):
    """The text that readers see."""

    title = REVISION_FIELDS["title"]
    summary = REVISION_FIELDS["summary"]
    body = REVISION_FIELDS["body"]
    seo_title = REVISION_FIELDS["seo_title"]
    seo_description = REVISION_FIELDS["seo_description"]

    class Meta:
        model = Article
        fields: ClassVar[list[str]] = []

    def shown(self) -> dict[str, Any]:
        live = self.instance.live_revision()
        return {name: getattr(live, name) for name in fixing.FIXED} if live else {}

    def last_change(self, name: str, since: Any) -> Change:
        live = self.instance.live_revision()
        return Change(str(live.edited_by or "A colleague"), live.edited_at) if live else Change()

    def clean_body(self) -> str:
        return sanitize(self.cleaned_data["body"])

    def clean(self) -> dict[str, Any]:
        super().clean()
        if self.taken_over:
            labels = ", ".join(self.label(name) for name in self.taken_over)
            self.add_error(
                None,
                "Nothing was published: what readers see has changed while you had the page open. "
                f"The form shows it as it is now: {labels}. Read it, then press the button again.",
            )
        elif not self.errors:
            for problem in fixing.why_not(self.instance, self.text()):
                self.add_error(None, problem)
        return self.cleaned_data

    def text(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in fixing.FIXED}


class FixAdmin(RoomAdmin, EditorAdmin, MergingAdmin):
    """Not registered: `ArticleAdmin` has its one page."""

    form = FixForm
    lane = "live"  # what is typed here is no draft's
    change_form_template = "admin/articles/article/fix.html"
    paper = {"title": TITLE, "summary": LEDE, "body": PROSE}
    fieldsets = [
        (None, {"fields": ["title", "summary", "body"]}),
        ("For search results", {"fields": ["seo_title", "seo_description"]}),
    ]

    def get_queryset(self, request):
        return Article.objects.live().with_titles()

    def has_add_permission(self, request) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return request.user.has_perm("articles.publish_article")

    has_view_permission = has_change_permission

    def save_model(self, request, obj, form, change):
        """Nothing of the article itself changes."""

    def save_related(self, request, form, formsets, change):
        text, now = form.text(), timezone.now()
        live = form.instance.live_revision()
        carry_out(
            request,
            form.instance,
            lambda one, act: fixing.fix_live(
                one, text=text, of=live, at=now, by=request.user, act=act
            ),
        )
        messages.success(request, "Readers see the fix now.")
        self.let_go(request, form, formsets, change)

    def construct_change_message(self, request, form, formsets, add=False):
        return "Fixed the live text."

    def response_change(self, request, obj):
        if fixing.waiting(obj):
            return redirect("admin:articles_article_lanes", obj.pk)
        return redirect("admin:articles_article_change", obj.pk)
