"""Review: an author asks for it, a publisher approves the text or sends it back with a reason.

A review is about the text that was submitted: `publishing.save_draft` ends it when that changes.
Each function writes its line into the article's history, and the email that tells of it.
"""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.roles import ADMINISTRATOR, PUBLISHER
from articles import history, review_emails
from articles.history import Kind
from articles.models import Article, Review, Revision, Verdict
from articles.moving import lock, the_draft
from desk.models import Act


def publishers() -> list[User]:
    """Who may be asked for a review."""
    return list(
        User.objects.filter(is_active=True, groups__name__in=[PUBLISHER, ADMINISTRATOR]).distinct()
    )


@transaction.atomic
def submit_for_review(
    article: Article,
    *,
    by: User | None = None,
    of: User | None = None,
    due_on: date | None = None,
    note: str = "",
    act: Act | None = None,
) -> Revision:
    """Ask someone, or any publisher, to read the draft. They are emailed of it.

    Asked again, what was asked before no longer counts. Raises `ValidationError` when there is no
    draft.
    """
    lock(article)
    draft = the_draft(article)
    before = {"state": draft.state, "review": _kept(draft)}
    Review.objects.filter(revision=draft).delete()
    review = Review.objects.create(
        revision=draft,
        asked_by=by,
        asked_at=timezone.now(),
        asked_of=of,
        due_on=due_on,
        note=note.strip(),
    )
    _set_state(draft, Revision.State.IN_REVIEW)
    asked = f"of {of}" if of else ""
    due = f"due {due_on:%-d %B %Y}" if due_on else ""
    said = ", ".join(filter(None, [asked, due]))
    text = ": ".join(filter(None, [said, review.note]))
    history.write(article, Kind.SUBMITTED, by=by, revision=draft, act=act, text=text, before=before)
    review_emails.tell_of_request(review, to=[of] if of else publishers(), act=act)
    return draft


def approve(article: Article, *, by: User, act: Act | None = None) -> Verdict:
    """The text may be published as it is.

    Raises `ValidationError` when it is not in review.
    """
    return _decide(article, is_approved=True, reason="", by=by, act=act)


def send_back(article: Article, reason: str, *, by: User, act: Act | None = None) -> Verdict:
    """The author should change something first. They are emailed the reason.

    Raises `ValidationError` without a reason, and when it is not in review.
    """
    if not reason.strip():
        raise ValidationError({"reason": "Say what should change."})
    return _decide(article, is_approved=False, reason=reason.strip(), by=by, act=act)


@transaction.atomic
def _decide(
    article: Article, *, is_approved: bool, reason: str, by: User, act: Act | None
) -> Verdict:
    lock(article)
    draft = article.draft()
    if draft is None or draft.state != Revision.State.IN_REVIEW:
        raise ValidationError(not_in_review(article))
    review, _ = Review.objects.get_or_create(
        revision=draft,
        defaults={"asked_by": draft.edited_by, "asked_at": draft.edited_at},
    )
    verdict = Verdict.objects.create(
        review=review, is_approved=is_approved, by=by, at=timezone.now(), reason=reason
    )
    _set_state(draft, Revision.State.DRAFT)
    kind = Kind.APPROVED if is_approved else Kind.SENT_BACK
    history.write(article, kind, by=by, revision=draft, act=act, text=reason, before={})
    review_emails.tell_of_verdict(verdict, act=act)
    return verdict


def not_in_review(article: Article) -> str:
    """Why nothing can be decided, with who did what last."""
    last = article.history_lines.exclude(kind=Kind.UNDONE).first()
    if last is None:
        return "This article is not in review."
    who = last.by_name or "Someone"
    return (
        f"This article is no longer in review. Last in its history: "
        f"{last.get_kind_display().lower()}, {who}, {history.clock(last.at)}."
    )


def bring_back(draft: Revision, before: dict[str, Any]) -> None:
    """The opposite of `submit_for_review`: the review that was there before, if any."""
    Review.objects.filter(revision=draft).delete()
    _set_state(draft, before["state"])
    if kept := before.get("review"):
        verdict = kept.pop("verdict", None)
        review = Review.objects.create(revision=draft, **kept)
        if verdict:
            Verdict.objects.create(review=review, **verdict)


def reopen(draft: Revision) -> None:
    """The opposite of a verdict."""
    Verdict.objects.filter(review__revision=draft).delete()
    _set_state(draft, Revision.State.IN_REVIEW)


def _set_state(draft: Revision, state: str) -> None:
    draft.state = state
    draft.save(update_fields=["state"])


def _kept(draft: Revision) -> dict[str, Any] | None:
    review = Review.objects.filter(revision=draft).select_related("verdict").first()
    if review is None:
        return None
    kept: dict[str, Any] = {
        "asked_by_id": review.asked_by_id,
        "asked_at": review.asked_at.isoformat(),
        "asked_of_id": review.asked_of_id,
        "due_on": review.due_on.isoformat() if review.due_on else None,
        "note": review.note,
    }
    if verdict := getattr(review, "verdict", None):
        kept["verdict"] = {
            "is_approved": verdict.is_approved,
            "by_id": verdict.by_id,
            "at": verdict.at.isoformat(),
            "reason": verdict.reason,
        }
    return kept


def is_approved(revision: Revision | None) -> bool:
    """Whether a publisher approved this very text."""
    return bool(
        revision and Verdict.objects.filter(review__revision=revision, is_approved=True).exists()
    )


def waited(review: Review, now: datetime) -> str:
    """“2 days”, as lists say it."""
    days = (timezone.localdate(now) - timezone.localdate(review.asked_at)).days
    return "today" if days < 1 else f"{days} day{'' if days == 1 else 's'}"
