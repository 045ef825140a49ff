"""How it stands with an article, as a dot and a word, and the days that concern it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from articles.models import ListedArticle, Review

DAYS = 7  # within them a day is named by its weekday


@dataclass(frozen=True)
class State:
    """Full is so, hollow is meant, half is on the way, a dash is gone."""

    dot: str
    words: str


def state_of(row: ListedArticle, now: datetime) -> State:
    """Of a row with its article, its latest revision, and the review of that."""
    review = getattr(row.revision, "review", None)
    if row.article.retired_at:
        return State("gone", "Retired")
    if row.article.unpublished_at:
        return State("gone", "Unpublished")
    in_review = row.draft_state == "in_review"
    if row.live_since and row.live_since <= now:
        if row.last_from and row.last_from > now:
            return State("live", "Live, a change is scheduled")
        if in_review:
            return State("live", "Live, a change is in review")
        return State("live", "Live, a change waits" if row.draft_state else "Live")
    if row.last_from:
        return State("scheduled", "Scheduled")
    if in_review:
        return State("review", f"In review, {_waited(review, now)}" if review else "In review")
    return State("draft", _of_a_draft(review))


def _of_a_draft(review: Review | None) -> str:
    verdict = getattr(review, "verdict", None)
    if verdict is None:
        return "Draft"
    return "Draft, approved" if verdict.is_approved else "Draft, sent back"


def _waited(review: Review, now: datetime) -> str:
    days = (timezone.localdate(now) - timezone.localdate(review.asked_at)).days
    return "today" if days < 1 else f"{days} day{'' if days == 1 else 's'}"


def planned(row: ListedArticle, now: datetime) -> str:
    """When it is to go live: the hour it is scheduled for, or else the day somebody has in mind."""
    if row.last_from and row.last_from > now and not row.article.off_site_since:
        local = timezone.localtime(row.last_from)
        is_soon = local.date() < timezone.localdate(now) + timedelta(days=DAYS)
        return f"{local:%a %H:%M}" if is_soon else f"{day(local.date(), now)}, {local:%H:%M}"
    return day(row.article.planned_for, now) if row.article.planned_for else ""


def since(row: ListedArticle, now: datetime) -> str:
    if row.live_since is None or row.live_since > now or row.article.off_site_since:
        return ""
    return f"{timezone.localtime(row.live_since):%-d %b %Y}"


def day(of: date, now: datetime) -> str:
    """“Thu 3 Dec”; the year where it is another one."""
    today = timezone.localdate(now)
    if today <= of < today + timedelta(days=DAYS):
        return f"{of:%a %-d %b}"
    return f"{of:%-d %b}" if of.year == today.year else f"{of:%-d %b %Y}"


def edited(row: ListedArticle, now: datetime) -> str:
    local = timezone.localtime(row.edited_at)
    if local.date() == timezone.localdate(now):
        return f"{local:%H:%M}"
    return day_before(local.date(), now)


def day_before(of: date, now: datetime) -> str:
    today = timezone.localdate(now)
    return f"{of:%-d %b}" if of.year == today.year else f"{of:%-d %b %Y}"
