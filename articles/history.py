"""Writing an article's history, in the transaction that does what it tells of."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.models import User
from articles.models import Article, HistoryLine, Revision
from desk import audit
from desk.models import Act

Kind = HistoryLine.Kind
# What changes, or lets be changed, what visitors read.
AUDITED = {
    Kind.PUBLISHED,
    Kind.FIXED,
    Kind.SCHEDULED,
    Kind.UNSCHEDULED,
    Kind.UNPUBLISHED,
    Kind.RETIRED,
    Kind.REPUBLISHED,
    Kind.ALLOWED,
    Kind.UNDONE,
}


def write(
    article: Article,
    kind: HistoryLine.Kind,
    *,
    by: User | None,
    revision: Revision | None = None,
    act: Act | None = None,
    at: datetime | None = None,
    goes_live_at: datetime | None = None,
    text: str = "",
    checks: Any = None,
    before: dict[str, Any] | None = None,
    undoes: HistoryLine | None = None,
) -> HistoryLine:
    now = timezone.now()
    if kind in AUDITED:
        summary = f"{kind.label}{f': revision {revision.number}' if revision else ''}."
        audit.record(audit.Kind.PUBLISHING, summary, by=by, about=article)
    return HistoryLine.objects.create(
        article=article,
        revision=revision,
        kind=kind,
        at=min(at, now) if at else now,
        by=by,
        by_name=str(by) if by else "",
        act=act,
        goes_live_at=goes_live_at,
        text=text,
        checks=checks,
        before=before,
        undoes=undoes,
    )


def off_site(article: Article) -> dict[str, str | None]:
    """When it was taken off the site, for `before`."""
    return {
        "unpublished_at": _iso(article.unpublished_at),
        "retired_at": _iso(article.retired_at),
    }


def moment_of(before: dict[str, Any], name: str) -> datetime | None:
    value = before.get(name)
    return parse_datetime(value) if value else None


def clock(at: datetime) -> str:
    """“10:32” of today, “1 Dec, 10:32” of another day."""
    local = timezone.localtime(at)
    day = "" if local.date() == timezone.localdate() else f"{local:%-d %b}, "
    return f"{day}{local:%H:%M}"


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
