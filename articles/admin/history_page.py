"""Everything that happened to an article, on a page and as a part of others."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from accounts.requests import StaffRequest
from articles import publishing
from articles.history import Kind
from articles.models import Article, HistoryLine, Revision

MAX_ENTRIES = 200
# They say when a revision goes live.
BEGINNINGS = (Kind.PUBLISHED, Kind.SCHEDULED, Kind.FIXED)


@dataclass(frozen=True)
class Entry:
    """One line of the history as a page shows it: something done, or a revision as it was saved."""

    at: datetime
    who: str
    what: str
    words: str = ""
    url: str = ""  # of the revision
    notes: tuple[str, ...] = ()  # what the checks said
    is_undone: bool = False
    is_revision: bool = False


def entries(article: Article, *, most: int = MAX_ENTRIES) -> list[Entry]:
    """The newest first. Two queries."""
    lines = article.history_lines.select_related("revision", "undone_by", "by")[:most]
    told = list(lines)
    revisions = article.revisions.defer("body").select_related("edited_by").order_by("-number")
    saved = list(revisions[:most])
    found = [*(_done(article, one) for one in told), *(_saved(article, one) for one in saved)]
    # What went live before there was a history of it.
    begun = {one.revision_id for one in told if one.kind in BEGINNINGS}
    found += [
        Entry(one.live_from, "", f"Revision {one.number} went live", url=_address(article, one))
        for one in saved
        if one.live_from and one.pk not in begun and len(told) < most
    ]
    return sorted(found, key=lambda one: one.at, reverse=True)[:most]


def _done(article: Article, line: HistoryLine) -> Entry:
    revision = line.revision
    what = str(line.get_kind_display()) if line.kind != Kind.UNDONE else line.text
    if revision:
        what += f", revision {revision.number}"
    if line.goes_live_at:
        what += f" for {publishing.moment(line.goes_live_at)}"
    return Entry(
        line.at,
        line.by_name or "Someone",
        what,
        words=line.text if line.kind != Kind.UNDONE else "",
        url=_address(article, revision) if revision else "",
        notes=tuple(_checked(line.checks or {})),
        is_undone=hasattr(line, "undone_by"),
    )


def _checked(checks: dict[str, Any]) -> Iterator[str]:
    """Which warnings stood, and what had been allowed."""
    for one in checks.get("stood", []):
        yield f"Published all the same: {one['said']}"
    for one in checks.get("allowed", []):
        yield f"“{one['passage']}” was allowed by {one['by']}: {one['reason']}"


def _saved(article: Article, revision: Revision) -> Entry:
    return Entry(
        revision.edited_at,
        str(revision.edited_by or "Someone"),
        f"Revision {revision.number} saved",
        words=revision.note,
        url=_address(article, revision),
        is_revision=True,
    )


def _address(article: Article, revision: Revision) -> str:
    return reverse("admin:articles_article_revision", args=[article.pk, revision.number])


def page(request: StaffRequest, pk: int) -> HttpResponse:
    if not request.user.has_perm("articles.view_article"):
        raise PermissionDenied
    article = get_object_or_404(Article.objects.with_titles(), pk=pk)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": f"History of “{article}”",
        "article": article,
        "entries": entries(article),
    }
    return render(request, "articles/desk/history.html", context)
