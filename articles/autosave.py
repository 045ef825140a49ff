"""What is typed goes into the article's draft by itself, with the form's own check for a second
editor: fields that only one changed are merged, and of one that both changed nothing is written
over. Nothing of it reaches readers, and the admin's log has no line of it.
"""

from dataclasses import dataclass, field
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from articles import naming, publishing
from articles.article_form import ArticleForm, TextForm, edited_revision
from articles.models import Article
from desk import merging_texts, merging_values
from desk.keeping import Sent
from desk.merging_texts import BASE, TOLD, TwoTexts
from desk.seen import OPENED
from desk.three_way import Choice

TEXT = frozenset(TextForm.base_fields)


class AutosaveForm(TextForm):
    """The fields of one turn. A draft may be unfinished: it needs no title."""

    def __init__(self, sent: Sent, *, article: Article, wrote: dict[str, str]) -> None:
        self._shown: dict[str, Any] = {}
        super().__init__(sent.as_form(TEXT), instance=article)
        self.fields = {name: one for name, one in self.fields.items() if name in sent.fields}
        if "title" in self.fields:
            self.fields["title"].required = False
        self.seen = {
            key: value for key, value in sent.seen.items() if key.rstrip(BASE + TOLD) in self.fields
        }
        self.wrote = wrote

    def hold(self) -> None:
        super().hold()
        self._shown = super().shown()

    def shown(self) -> dict[str, Any]:
        """Asked for once, when the row is held."""
        return self._shown

    def _post_clean(self) -> None:
        """Only the draft changes: there is nothing to check on the article."""


@dataclass
class Saved:
    """What became of a turn, for the page that sent it."""

    article: Article
    taken: list[str] = field(default_factory=list)  # names that the draft has now
    contested: dict[str, dict[str, Any]] = field(default_factory=dict)
    refused: dict[str, list[str]] = field(default_factory=dict)
    is_new: bool = False
    seen: dict[str, str] = field(default_factory=dict)
    now: dict[str, Any] = field(default_factory=dict)  # what others changed meanwhile

    @property
    def taken_alone(self) -> set[str]:
        """Of which the draft has what was sent, and nothing else."""
        return {name for name in self.taken if name not in self.now}

    def as_json(self) -> dict[str, Any]:
        said: dict[str, Any] = {
            "draft": self.taken,
            "contested": self.contested,
            "refused": self.refused,
            "seen": self.seen,
            "now": self.now,
        }
        if self.is_new:
            key = self.article.pk
            said |= {
                "form": f"{Article._meta.label_lower} {key}",
                "keep": reverse("admin:articles_article_keep", args=[key]),
                "page": reverse("admin:articles_article_change", args=[key]),
            }
        return said


def save(article: Article | None, sent: Sent, *, wrote: dict[str, str], by: User) -> Saved:
    """Take the turn into the draft. Without an article the first words make one."""
    is_new = article is None
    form = AutosaveForm(sent, article=article or Article(), wrote=wrote)
    form.is_valid()
    changed = dict(form.cleaned_data) if article is None else form.changes
    changed = {name: value for name, value in changed.items() if name not in form.errors}
    both = {name: _both(form, name) for name in form.both if name in form.fields}
    note = changed.pop("note", None)
    if article is None:
        article = publishing.start(text=changed, by=by).article
    elif changed or note is not None:
        publishing.save_draft(article, text=changed, by=by, note=note)
    saved = Saved(article, is_new=is_new, contested=both)
    for name in form.fields:
        if name in both:
            continue
        if name in form.errors:
            saved.refused[name] = [str(one) for one in form.errors[name]]
        else:
            saved.taken.append(name)
    shown = form.shown() | changed | ({} if note is None else {"note": note})
    _say_what_is_now(saved, sent, shown, merged={*form.taken_over})
    return saved


def _both(form: AutosaveForm, name: str) -> dict[str, Any]:
    """Both versions; of a text each is put together with what nobody contests."""
    theirs = form.shown()[name]
    said = {
        "label": form.label(name),
        "by": str(form.last_change(name, None)),
        "digest": _digest(name, theirs),
        "theirs": _entered(name, theirs),
    }
    texts = TwoTexts.of(form.fields[name], name, form.seen, form.changes[name], theirs)
    if texts is None:
        return said
    comparison = texts.comparison(f"{name}-change")
    return said | {
        "mine": texts.chosen(Choice.OURS),
        "theirs": texts.chosen(Choice.THEIRS),
        "both": texts.chosen(Choice.BOTH),
        "html": render_to_string("prose/_diff.html", {"comparison": comparison}),
    }


def _say_what_is_now(saved: Saved, sent: Sent, shown: dict[str, Any], merged: set[str]) -> None:
    """What the page has to take for seen; and what it does not show yet and has not changed."""
    if saved.is_new:
        whole = ArticleForm(instance=saved.article)
        saved.seen = whole.now_seen() | {OPENED: timezone.now().isoformat()}
        saved.now = {"slug": saved.article.slug}
        return
    if saved.article.address_follows_title:
        shown["slug"] = saved.article.slug
    for name, value in shown.items():
        is_ours = name in sent.fields
        if is_ours and name not in saved.taken:
            continue
        digest = _digest(name, value)
        is_moved = digest != sent.seen.get(name)
        if is_ours or is_moved:
            carried = merging_texts.carried(ArticleForm.base_fields[name], name, value)
            saved.seen |= {name: digest, **carried}
        if name in merged or (is_moved and not is_ours):
            saved.now[name] = _entered(name, value)


def _entered(name: str, value: Any) -> str:
    return str((value.pk if name == "cover" and value else value) or "")


def _digest(name: str, value: Any) -> str:
    return merging_values.digest(ArticleForm.base_fields.get(name), value)


def says_something(sent: Sent) -> bool:
    """Whether there is a word in it: an untouched room leaves no row."""
    values = [value for name in TEXT for value in sent.fields.get(name, [])]
    return any(value.strip() not in ("", "<p></p>") for value in values)


def leaves_address_to_title(article: Article, sent: Sent) -> bool:
    """Whether the page only shows the address that the title has anyway."""
    title = (edited := edited_revision(article)) and edited.title
    typed = sent.fields.get("slug", [""])[0]
    return bool(article.address_follows_title and title and typed == naming.slug_of(title))
