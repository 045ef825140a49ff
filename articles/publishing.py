"""The one door for changes to what readers see: from working copy to live, and back out again.

Every function locks the article first, so two editors at once are one after the other.
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

# What a revision says, as against when and by whom.
WORDS = ["title", "summary", "body", "cover", "seo_title", "seo_description"]


@transaction.atomic
def save_working_copy(
    article: Article,
    *,
    words: dict[str, Any],
    by: User | None,
    note: str = "",
) -> Revision:
    """Keep the words in the article's one working copy, made from the latest revision if need be.

    `words` maps names in WORDS to values; what it does not name stays. Saving sends a copy that
    waited for review back to work.
    """
    _lock(article)
    copy = article.working_copy()
    if copy is None:
        copy = _next_revision(article)
    for name in WORDS:
        if name in words:
            setattr(copy, name, words[name])
    copy.state = Revision.State.WORKING
    copy.edited_by, copy.edited_at, copy.note = by, timezone.now(), note
    copy.save()
    return copy


@transaction.atomic
def ask_for_review(article: Article) -> Revision:
    """Mark the working copy as finished by its author. Raises `ValidationError` without one."""
    _lock(article)
    copy = _working_copy(article)
    copy.state = Revision.State.IN_REVIEW
    copy.save(update_fields=["state"])
    return copy


@transaction.atomic
def release(article: Article, *, at: datetime) -> Revision:
    """Let the working copy be live from `at` on: now, or an hour to come.

    Raises `ValidationError`, saying everything that is missing, when it is not fit to be read, when
    another revision takes over at the same moment, and when one with older words takes over later:
    nobody means to replace new words by old ones, yet a date forgotten would. Readers go on seeing
    the present one until then; of a retired article that is none, so it is published at once or
    not at all.
    """
    _lock(article)
    copy = _working_copy(article)
    if problems := what_is_missing(copy):
        raise ValidationError(problems)
    if article.retired_at and at > timezone.now():
        raise ValidationError(
            "The article is retired. Publish it now, or bring it back before you schedule it."
        )
    released = article.revisions.released()
    if released.filter(live_from=at).exists():
        raise ValidationError(
            "Another revision goes live at that very moment. Choose another time."
        )
    # All of them have older words: the working copy is always the latest revision.
    if older := released.filter(live_from__gt=at).order_by("live_from").first():
        raise ValidationError(
            f"No. {older.number}, whose words are older, is to go live on "
            f"{moment(older.live_from)} and would replace these. Withdraw it from the schedule "
            "first (its words stay among the revisions), or schedule these for a later hour."
        )
    first = released.order_by("live_from").first()
    released.filter(live_until=None).update(live_until=at)  # before another may be the last
    copy.state, copy.live_from = Revision.State.RELEASED, at
    copy.published_at = first.published_at if first else at
    copy.save()
    if article.retired_at:
        article.retired_at = None
        article.save(update_fields=["retired_at"])
    return copy


@transaction.atomic
def withdraw(revision: Revision) -> Revision:
    """Take a scheduled revision back to be the working copy.

    When there is a newer revision it is set aside instead: its words stay in the history. Raises
    `ValidationError` when its hour has come.
    """
    article = revision.article
    _lock(article)
    revision.refresh_from_db()
    if revision.live_from is None or revision.live_from <= timezone.now():
        raise ValidationError("This revision is live already. Edit the article instead.")
    since, until = revision.live_from, revision.live_until
    has_newer = article.revisions.filter(number__gt=revision.number).exists()
    revision.state = Revision.State.SET_ASIDE if has_newer else Revision.State.WORKING
    revision.live_from = revision.live_until = revision.published_at = None
    revision.save(update_fields=["state", "live_from", "live_until", "published_at"])
    article.revisions.filter(live_until=since).update(live_until=until)
    if first := article.revisions.released().order_by("live_from").first():
        article.revisions.released().update(published_at=first.live_from)
    return revision


@transaction.atomic
def discard_working_copy(article: Article) -> Revision:
    """Set aside the words never released: `restore` brings them back.

    Raises `ValidationError` when the article has no others.
    """
    _lock(article)
    copy = _working_copy(article)
    if not article.revisions.exclude(pk=copy.pk).exists():
        raise ValidationError(
            "These are the only words that the article has. To drop them, delete the article."
        )
    copy.state = Revision.State.SET_ASIDE
    copy.save(update_fields=["state"])
    return copy


@transaction.atomic
def restore(revision: Revision, *, by: User | None) -> Revision:
    """Make the words of an older revision the working copy."""
    return save_working_copy(
        revision.article,
        words={name: getattr(revision, name) for name in WORDS},
        by=by,
        note=f"Restored from no. {revision.number}",
    )


@transaction.atomic
def retire(article: Article, *, at: datetime) -> None:
    """Take the article off the site. Its address answers that it is gone; nothing is erased.

    Raises `ValidationError` when readers have never seen it.
    """
    _lock(article)
    if not article.was_ever_live():
        raise ValidationError(
            "Readers have never seen it, so there is nothing to retire. Withdraw what is "
            "scheduled, or delete the article."
        )
    article.retired_at = at
    article.save(update_fields=["retired_at"])


@transaction.atomic
def bring_back(article: Article) -> None:
    """Undo `retire`: the revision that was live is live again."""
    _lock(article)
    article.retired_at = None
    article.save(update_fields=["retired_at"])


def moment(at: datetime | None) -> str:
    """As our sentences name a moment, in the site's own time."""
    return f"{timezone.localtime(at):%-d %B %Y, %H:%M %Z}" if at else ""


def what_is_missing(revision: Revision) -> list[str]:
    """What keeps the revision from being read by visitors, in sentences for its author."""
    lacks = []
    if not revision.title.strip():
        lacks.append("The title is missing.")
    if not revision.summary.strip():
        lacks.append("The summary is missing: cards and search results show it.")
    if not revision.rendered().words:
        lacks.append("The text is empty.")
    lacks += what_is_lost(revision.body)
    # The table is asked: whoever loaded the article may hold the rows from before they were saved.
    if not Byline.objects.filter(article=revision.article_id).exists():
        lacks.append("Nobody signs it: name at least one author.")
    return lacks


def _lock(article: Article) -> None:
    locked = Article.objects.select_for_update()
    article.refresh_from_db(fields=["retired_at"], from_queryset=locked)


def _working_copy(article: Article) -> Revision:
    copy = article.working_copy()
    if copy is None:
        raise ValidationError("There is no draft: everything is published.")
    return copy


def _next_revision(article: Article) -> Revision:
    """A new revision, unsaved, that says what the latest one says."""
    latest = article.revisions.latest_first().first()
    if latest is None:
        return Revision(article=article, number=1)
    words = {name: getattr(latest, name) for name in WORDS}
    number = article.revisions.aggregate(last=Max("number"))["last"] + 1
    return Revision(article=article, number=number, **words)
