"""The one place that changes what readers see: from draft to live, and back.

Every function locks the article first, so that two editors take turns, and writes its line into
the article's history. What was done in an `act` is taken back by `articles.undoing`.
"""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts.models import User
from articles import history, naming, signing, trail
from articles.checking.revisions import passed, refuse_confidential
from articles.history import Kind
from articles.models import Article, DraftState, Review, Revision
from articles.moving import lock, put_in_line, take_off, take_out_of_line, the_draft
from articles.trail import TEXT_FIELDS as TEXT_FIELDS
from desk.models import Act


@transaction.atomic
def save_draft(
    article: Article,
    *,
    text: dict[str, Any],
    by: User | None,
    note: str | None = None,
) -> Revision:
    """Save the text in the article's one draft, which starts from the latest revision.

    `text` maps names in TEXT_FIELDS to values; fields that it does not name stay as they are, and
    so does the note. Another text takes the draft out of review: what was submitted is there no
    longer. What the draft was before is kept for a while: see `trail`.
    """
    lock(article)
    draft, now = article.draft(), timezone.now()
    if draft is None:
        draft = _next_revision(article)
    else:
        trail.keep_before(draft, text=text, by=by, at=now)
    is_other = False
    for name in TEXT_FIELDS:
        if name in text:
            is_other = is_other or getattr(draft, name) != text[name]
            setattr(draft, name, text[name])
    if is_other:
        take_out_of_review(article, draft, by=by)
    draft.edited_by, draft.edited_at = by, now
    if note is not None:
        draft.note = note
    draft.save()
    if article.address_follows_title and "title" in text:
        naming.follow_title(article, draft.title)
    return draft


@transaction.atomic
def start(*, text: dict[str, Any], by: User | None) -> Revision:
    """A new article with its first words as its draft, signed by its writer if they are an author.
    Its address follows the title for now.
    """
    article = naming.made(str(text.get("title", "")))
    signing.sign_new(article, by=by)
    return save_draft(article, text=text, by=by)


@transaction.atomic
def bring_back(state: DraftState, *, by: User | None) -> Revision:
    """Make an earlier state of the draft the draft. What it is now is kept, too."""
    lock(state.article)
    if draft := state.article.draft():
        trail.keep(draft)
    text = {name: getattr(state, name) for name in TEXT_FIELDS}
    return save_draft(state.article, text=text, by=by)


@transaction.atomic
def publish(
    article: Article,
    *,
    at: datetime,
    by: User | None = None,
    act: Act | None = None,
) -> Revision:
    """Make the draft live from `at` on: now, or at a later time.

    Raises `ValidationError` when a check stands in the way, naming every one; when another
    revision goes live at the same moment; and when an older revision goes live later: nobody means
    to replace new text with old, yet a forgotten schedule would. Until then readers see the
    revision that is live; an article that was taken off the site has none, so it can only be
    published now. The history keeps what the checks said.
    """
    lock(article)
    draft = the_draft(article)
    ready = passed(draft, at=at)
    is_later = at > timezone.now()
    if article.off_site_since and is_later:
        state = "retired" if article.retired_at else "unpublished"
        raise ValidationError(
            f"The article is {state}. Republish it before you schedule a change, or publish now."
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
    naming.settle(article)
    before = {"state": draft.state, **history.off_site(article)}
    put_in_line(ready, at)
    if article.off_site_since:
        take_off(article)
    history.write(
        article,
        Kind.SCHEDULED if is_later else Kind.PUBLISHED,
        by=by,
        revision=draft,
        act=act,
        at=at,
        goes_live_at=at if is_later else None,
        checks=ready.checked.as_json(),
        before=before,
    )
    return draft


@transaction.atomic
def unschedule(revision: Revision, *, by: User | None = None, act: Act | None = None) -> Revision:
    """Make a scheduled revision the draft again, or discard it when there is a newer revision.

    Raises `ValidationError` when it is live already.
    """
    article = revision.article
    lock(article)
    revision.refresh_from_db()
    if revision.live_from is None or revision.live_from <= timezone.now():
        raise ValidationError("This revision is already live. Edit the article instead.")
    before = {"live_from": revision.live_from.isoformat()}
    later = article.revisions.published().filter(live_from__gt=revision.live_from)
    has_newer = article.draft() is not None or later.exists()
    take_out_of_line(revision, Revision.State.DISCARDED if has_newer else Revision.State.DRAFT)
    history.write(article, Kind.UNSCHEDULED, by=by, revision=revision, act=act, before=before)
    return revision


@transaction.atomic
def discard_draft(article: Article, *, by: User | None = None, act: Act | None = None) -> Revision:
    """Discard the draft; `restore` undoes this.

    Raises `ValidationError` when the article has no other revision.
    """
    lock(article)
    draft = the_draft(article)
    if not article.revisions.exclude(pk=draft.pk).exists():
        raise ValidationError("This draft is all the article has. Delete the article instead.")
    before = {"state": draft.state}
    draft.state = Revision.State.DISCARDED
    draft.save(update_fields=["state"])
    history.write(article, Kind.DISCARDED, by=by, revision=draft, act=act, before=before)
    return draft


@transaction.atomic
def restore(revision: Revision, *, by: User | None, act: Act | None = None) -> Revision:
    """Make the text of an older revision the draft.

    Raises `ValidationError` when there is a draft already: it would be overwritten.
    """
    lock(revision.article)
    if draft := revision.article.draft():
        raise ValidationError(
            f"{draft.edited_by or 'Someone'} has started a draft since you opened the page. "
            "Discard it first, then use the older revision."
        )
    draft = save_draft(
        revision.article,
        text={name: getattr(revision, name) for name in TEXT_FIELDS},
        by=by,
        note=f"Restored from revision {revision.number}",
    )
    said = f"The text of revision {revision.number}"
    history.write(
        revision.article, Kind.RESTORED, by=by, revision=draft, act=act, text=said, before={}
    )
    return draft


@transaction.atomic
def unpublish(
    article: Article, *, at: datetime, by: User | None = None, act: Act | None = None
) -> None:
    """Take the article off the site for now. Its addresses answer 404, and stay its own.

    Raises `ValidationError` when it has never been live, or is unpublished already.
    """
    _leave_the_site(article, Kind.UNPUBLISHED, at=at, by=by, act=act)


@transaction.atomic
def retire(
    article: Article, *, at: datetime, by: User | None = None, act: Act | None = None
) -> None:
    """Take the article off the site for good. Its addresses answer 410 Gone.

    Raises `ValidationError` when it has never been live, or is retired already.
    """
    _leave_the_site(article, Kind.RETIRED, at=at, by=by, act=act)


@transaction.atomic
def republish(article: Article, *, by: User | None = None, act: Act | None = None) -> None:
    """Undo `unpublish` and `retire`: the revision that was live is live again.

    Raises `ValidationError` when it was not taken off the site, when it has no such revision, and
    when it says by now what must not be published.
    """
    lock(article)
    if article.off_site_since is None:
        raise ValidationError("This article is neither unpublished nor retired.")
    begun = article.revisions.filter(live_from__lte=timezone.now()).order_by("-live_from").first()
    if begun is None:
        raise ValidationError("There is only a draft. Publish it instead.")
    refuse_confidential(begun)
    before = history.off_site(article)
    take_off(article)
    history.write(article, Kind.REPUBLISHED, by=by, revision=begun, act=act, before=before)


def moment(at: datetime | None) -> str:
    """A date and time as messages to editors show it, in their time zone."""
    return f"{timezone.localtime(at):%-d %B %Y, %H:%M %Z}" if at else ""


def _leave_the_site(
    article: Article, kind: Kind, *, at: datetime, by: User | None, act: Act | None
) -> None:
    lock(article)
    verb = "retired" if kind == Kind.RETIRED else "unpublished"
    if not article.was_ever_live():
        raise ValidationError(
            f"This article has never been live, so it cannot be {verb}. Unschedule or delete it "
            "instead."
        )
    already = article.retired_at if kind == Kind.RETIRED else article.unpublished_at
    if already:
        raise ValidationError(f"This article is {verb} already.")
    before = history.off_site(article)
    since = min(filter(None, (at, article.off_site_since)))  # never live in between
    take_off(article, **{f"{verb}_at": since})
    live = article.revisions.filter(live_from__lte=at).order_by("-live_from").first()
    history.write(article, kind, by=by, revision=live, act=act, at=at, before=before)


def take_out_of_review(article: Article, draft: Revision, *, by: User | None) -> None:
    """Its text is another one now: what was asked for it, or approved, no longer counts."""
    was_in_review = draft.state == Revision.State.IN_REVIEW
    draft.state = Revision.State.DRAFT
    if draft.pk is None:
        return
    review = Review.objects.filter(revision=draft).select_related("verdict").first()
    verdict = getattr(review, "verdict", None)
    if review and (verdict is None or verdict.is_approved):
        review.delete()
    if was_in_review or (verdict and verdict.is_approved):
        history.write(article, Kind.CHANGED, by=by, revision=draft)


def _next_revision(article: Article) -> Revision:
    """A new, unsaved revision with the text of the latest one."""
    latest = article.revisions.latest_first().first()
    if latest is None:
        return Revision(article=article, number=1)
    text = {name: getattr(latest, name) for name in TEXT_FIELDS}
    number = article.revisions.aggregate(last=Max("number"))["last"] + 1
    return Revision(article=article, number=number, **text)
