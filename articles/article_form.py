"""The form on which an article is written."""

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from articles import publishing
from articles.models import Article, Revision
from articles.trail import TEXT_FIELDS
from desk.contested import Change
from desk.merging import MergingForm
from desk.room import LineInput
from prose.editor import sanitize

REVISION_FIELDS = forms.fields_for_model(
    Revision,
    fields=[*TEXT_FIELDS, "note"],
    widgets={
        "title": LineInput,
        "summary": AdminTextareaWidget({"rows": 2}),
        "seo_title": AdminTextInputWidget,
        "seo_description": AdminTextInputWidget,
        "note": AdminTextInputWidget,
    },
)


FOR_COLLEAGUES = {"note", "planned_for"}  # readers never see them


class TextForm(MergingForm[Article]):
    """The text of an article’s draft."""

    title = REVISION_FIELDS["title"]
    summary = REVISION_FIELDS["summary"]
    body = REVISION_FIELDS["body"]
    cover = REVISION_FIELDS["cover"]
    seo_title = REVISION_FIELDS["seo_title"]
    seo_description = REVISION_FIELDS["seo_description"]
    note = REVISION_FIELDS["note"]

    class Meta:
        model = Article
        fields: ClassVar[list[str]] = []

    def shown(self) -> dict[str, Any]:
        """The article's own fields, and the text of the draft or else of the latest revision."""
        revision = edited_revision(self.instance)
        if revision is None:
            return super().shown()
        text = {name: getattr(revision, name) for name in TEXT_FIELDS}
        note = revision.note if revision.is_draft else ""  # a published one keeps its own
        return {**super().shown(), **text, "note": note}

    def as_entered(self, name: str, value: Any) -> Any:
        return value.pk if name == "cover" and value else value

    def last_change(self, name: str, since: datetime | None) -> Change:
        """By the log of the admin, or else by the revision: it knows who saved it last."""
        found = super().last_change(name, since)
        revision = edited_revision(self.instance)
        if found.at or revision is None or self._column(name):
            return found
        return Change(str(revision.edited_by or "A colleague"), revision.edited_at)

    def clean_body(self) -> str:
        """As it will be stored, so that it is the same as before where nobody changed it."""
        return sanitize(self.cleaned_data["body"])


class ArticleForm(TextForm):
    """An article and the text of its draft, on one page."""

    together = (("series", "series_position"),)

    class Meta:
        model = Article
        fields = ["slug", "topics", "series", "series_position", "planned_for"]
        widgets = {"topics": forms.CheckboxSelectMultiple}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if isinstance(series := self.fields.get("series"), forms.ModelChoiceField):
            series.empty_label = "None"

    @property
    def wants_a_review(self) -> bool:
        return "_review" in self.data or "_ask" in self.data

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # django-stubs do not know it
        if self.has_error("slug", "unique"):
            taken = Article.objects.with_titles().get(slug=self.instance.slug)
            del self.errors["slug"]
            self.add_error("slug", _address_is_taken(taken))

    def clean(self) -> dict[str, Any]:
        super().clean()
        if self.wants_a_review:
            self._refuse_unread_text()
            self._check_that_it_is_whole()
        return self.cleaned_data

    def _check_that_it_is_whole(self) -> None:
        if not self.cleaned_data.get("summary"):
            self.add_error("summary", "Lists and search results show it.")
        if not self.cleaned_data.get("body"):
            self.add_error("body", "The text is empty.")

    def text(self) -> dict[str, object]:
        return {name: self.cleaned_data[name] for name in TEXT_FIELDS}

    def text_has_changed(self) -> bool:
        """Whether there is anything to save; a new note alone counts, too."""
        if edited_revision(self.instance) is None:
            return True
        return bool(self.changes.keys() & {*TEXT_FIELDS, "note"})

    def _refuse_unread_text(self) -> None:
        """Nobody submits what a colleague wrote after they opened the page."""
        unread = [name for name in self.taken_over if name not in FOR_COLLEAGUES]
        if unread:
            labels = ", ".join(self.label(name) for name in unread)
            self.add_error(
                None,
                "Nothing was submitted: a colleague changed this while you had the page open. "
                f"The form shows it as it is now: {labels}. Read it, then press the button again.",
            )


def edited_revision(article: Article) -> Revision | None:
    """What an editor sees: the draft, or else the latest revision."""
    if article.pk is None:
        return None
    return article.draft() or article.revisions.latest_first().first()


def stamp(revision: Revision | None) -> str:
    return f"{revision.pk} {revision.edited_at.isoformat()}" if revision else ""


def _address_is_taken(by: Article) -> SafeString:
    """Links there: it may be this very article, just saved and then returned to by Back."""
    latest = by.revisions.order_by("-number").first()
    saved = f", saved {publishing.moment(latest.edited_at)}" if latest else ""
    return format_html(
        'This address belongs to <a href="{}">{}</a>{}. Continue there, or choose another address. '
        "Your text is still in this form.",
        reverse("admin:articles_article_change", args=[by.pk]),
        by,
        saved,
    )
