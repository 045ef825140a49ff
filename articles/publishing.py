"""The one place that changes what readers see: from draft to live, and back.

Every function locks the article first, so that two editors take turns.
"""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts.models import User
from articles.checks import what_is_lost
from articles.models import Article, Byline, Revision

# The text of a revision, as opposed to its state and history.
TEXT_FIELDS = ["title", "summary", "body", "cover", "seo_title", "seo_description"]


@transaction.atomic
def save_draft(
    article: Article,
    *,
    text: dict[str, Any],
    by: User | None,
    note: str = "",
) -> Revision:
    """Save the text in the article's one draft, which starts from the latest revision.

    `text` maps names in TEXT_FIELDS to values; fields that it does not name stay as they are.
    Saving takes a draft out of review.
    """
    _lock(article)
    draft = article.draft()
    if draft is None:
        draft = _next_revision(article)
    for name in TEXT_FIELDS:
        if name in text:
            setattr(draft, name, text[name])
    draft.state = Revision.State.DRAFT
    draft.edited_by, draft.edited_at, draft.note = by, timezone.now(), note
    draft.save()
    return draft


@transaction.atomic
def submit_for_review(article: Article) -> Revision:
    """Mark the draft as ready for review. Raises `ValidationError` when there is none."""
    _lock(article)
    draft = _draft(article)
    draft.state = Revision.State.IN_REVIEW
    draft.save(update_fields=["state"])
    return draft


@transaction.atomic
def publish(article: Article, *, at: datetime) -> Revision:
    """Make the draft live from `at` on: now, or at a later time.

    Raises `ValidationError` when something is missing, naming everything that is; when another
    revision goes live at the same moment; and when an older revision goes live later: nobody means
    to replace new text with old, yet a forgotten schedule would. Until then readers see the
    revision that is live; an unpublished article has none, so it can only be published now.
    """
    _lock(article)
    draft = _draft(article)
    if problems := what_is_missing(draft):
        raise ValidationError(problems)
    if article.retired_at and at > timezone.now():
        raise ValidationError(
            "The article is unpublished. Republish it before you schedule a change, or publish now."
        )
    published = article.revisions.published()
    if published.filter(live_from=at).exists():
        raise ValidationError("Another revision goes live at that time. Choose a different time.")
    # All of them are older: the draft is always the latest revision.
    if older := published.filter(live_from__gt=at).order_by("live_from").first():
        raise ValidationError(
            f"Revision {older.number} is older, but is scheduled for {moment(older.live_from)} "
            "and would replace this one. Unschedule it first (it stays among the revisions), or "
            "choose a later time."
        )
    first = published.order_by("live_from").first()
    published.filter(live_until=None).update(live_until=at)  # before another may be the last
    draft.state, draft.live_from = Revision.State.PUBLISHED, at
    draft.published_at = first.published_at if first else at
    draft.save()
    if article.retired_at:
        article.retired_at = None
        article.save(update_fields=["retired_at"])
    return draft


@transaction.atomic
def unschedule(revision: Revision) -> Revision:
    """Make a scheduled revision the draft again, or discard it when there is a newer revision.

    Raises `ValidationError` when it is live already.
    """
    article = revision.article
    _lock(article)
    revision.refresh_from_db()
    if revision.live_from is None or revision.live_from <= timezone.now():
        raise ValidationError("This revision is already live. Edit the article instead.")
    since, until = revision.live_from, revision.live_until
    has_newer = article.revisions.filter(number__gt=revision.number).exists()
    revision.state = Revision.State.DISCARDED if has_newer else Revision.State.DRAFT
    revision.live_from = revision.live_until = revision.published_at = None
    revision.save(update_fields=["state", "live_from", "live_until", "published_at"])
    article.revisions.filter(live_until=since).update(live_until=until)
    if first := article.revisions.published().order_by("live_from").first():
        article.revisions.published().update(published_at=first.live_from)
    return revision


@transaction.atomic
def discard_draft(article: Article) -> Revision:
    """Discard the draft; `restore` undoes this.

    Raises `ValidationError` when the article has no other revision.
    """
    _lock(article)
    draft = _draft(article)
    if not article.revisions.exclude(pk=draft.pk).exists():
        raise ValidationError("This draft is all the article has. Delete the article instead.")
    draft.state = Revision.State.DISCARDED
    draft.save(update_fields=["state"])
    return draft


@transaction.atomic
def restore(revision: Revision, *, by: User | None) -> Revision:
    """Make the text of an older revision the draft.

    Raises `ValidationError` when there is a draft already: it would be overwritten.
    """
    _lock(revision.article)
    if draft := revision.article.draft():
        raise ValidationError(
            f"{draft.edited_by or 'Someone'} has started a draft since you opened the page. "
            "Discard it first, then use the older revision."
        )
    return save_draft(
        revision.article,
        text={name: getattr(revision, name) for name in TEXT_FIELDS},
        by=by,
        note=f"Restored from revision {revision.number}",
    )


@transaction.atomic
def unpublish(article: Article, *, at: datetime) -> None:
    """Take the article off the site. Its address answers 410 Gone; nothing is deleted.

    Raises `ValidationError` when it has never been live.
    """
    _lock(article)
    if not article.was_ever_live():
        raise ValidationError(
            "This article has never been live, so it cannot be unpublished. Unschedule or delete "
            "it instead."
        )
    article.retired_at = at
    article.save(update_fields=["retired_at"])


@transaction.atomic
def republish(article: Article) -> None:
    """Undo `unpublish`: the revision that was live is live again."""
    _lock(article)
    article.retired_at = None
    article.save(update_fields=["retired_at"])


def moment(at: datetime | None) -> str:
    """A date and time as messages to editors show it, in their time zone."""
    return f"{timezone.localtime(at):%-d %B %Y, %H:%M %Z}" if at else ""


def what_is_missing(revision: Revision) -> list[str]:
    """What the revision needs before it can be published, in sentences for its author."""
    lacks = []
    if not revision.title.strip():
        lacks.append("The title is missing.")
    if not revision.summary.strip():
        lacks.append("The summary is missing. Lists and search results show it.")
    if not revision.rendered().words:
        lacks.append("The text is empty.")
    lacks += what_is_lost(revision.body)
    # Ask the table: the article in memory may have been loaded before its bylines were saved.
    if not Byline.objects.filter(article=revision.article_id).exists():
        lacks.append("It has no author. Add at least one.")
    return lacks


def _lock(article: Article) -> None:
    locked = Article.objects.select_for_update()
    article.refresh_from_db(fields=["retired_at"], from_queryset=locked)


def _draft(article: Article) -> Revision:
    draft = article.draft()
    if draft is None:
        raise ValidationError("There is no draft: everything is published.")
    return draft


def _next_revision(article: Article) -> Revision:
    """A new, unsaved revision with the text of the latest one."""
    latest = article.revisions.latest_first().first()
    if latest is None:
        return Revision(article=article, number=1)
    text = {name: getattr(latest, name) for name in TEXT_FIELDS}
    number = article.revisions.aggregate(last=Max("number"))["last"] + 1
    return Revision(article=article, number=number, **text)
