"""What the demo's writers have on their desks: drafts, reviews, and what readers looked for."""

from datetime import timedelta
from functools import partial
from typing import Any

from django.utils import timezone

from accounts.models import User
from accounts.roles import AUTHOR, PUBLISHER
from articles import publishing
from articles.models import Article, Review, Revision, SearchCount, Verdict
from web.demo import Demo


def writer() -> User | None:
    """The demo's author; on a site that has people of its own, the first one."""
    return User.objects.with_role(AUTHOR).order_by("pk").first()


def write_next(demo: Demo, entry: dict[str, Any]) -> None:
    """A draft behind a live article, and where its review stands. Nobody is emailed of it."""
    slug = entry["slug"]
    article, key = demo.row(Article, f"article {slug}"), f"next {slug}"
    latest = article and article.revisions.order_by("-number").first()
    if not article or not latest or demo.has(key):
        return
    by = writer()
    body = latest.body
    for old, new in entry["replace"]:
        body = body.replace(old, new)
    draft = publishing.save_draft(article, text={"body": body}, by=by, note=entry["note"])
    demo.note(key, draft)
    _review(demo, draft, entry["review"], by)


def _review(demo: Demo, draft: Revision, entry: dict[str, Any], by: User | None) -> None:
    asked_of = User.objects.with_role(PUBLISHER).order_by("pk").first()
    review = Review.objects.create(
        revision=draft,
        asked_by=by,
        asked_at=demo.now - timedelta(hours=entry["hours_ago"]),
        asked_of=asked_of,
        due_on=timezone.localdate(demo.now) + timedelta(days=entry["due_in_days"]),
        note=entry["note"],
    )
    demo.note(f"review {draft.article.slug}", review)
    if reason := entry.get("sent_back"):
        at = demo.now - timedelta(hours=entry["hours_ago"] - 2)
        verdict = Verdict.objects.create(
            review=review, is_approved=False, by=asked_of, at=at, reason=reason
        )
        demo.note(f"verdict {draft.article.slug}", verdict)
    else:
        draft.state = Revision.State.IN_REVIEW
        draft.save(update_fields=["state"])


def add_searches(demo: Demo, entries: list[dict[str, Any]]) -> None:
    for entry in entries:
        counted = {
            "query": entry["query"],
            "day": timezone.localdate(demo.now) - timedelta(days=entry["days_ago"]),
            "count": entry["count"],
            "results": 0,
        }
        demo.once(f"search {entry['query']}", partial(SearchCount.objects.create, **counted))
