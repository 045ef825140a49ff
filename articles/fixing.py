"""Two lanes: what readers see, and what waits behind it.

A typo in what readers see is fixed without touching what waits: the fix is a revision of its own,
live now. It is then offered to each version that waits, put together with what was written there.
Taking it in replaces that version by a new one, so both are kept and undo brings the old one back:
see `articles.undoing`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from accounts.models import User
from articles import comparing, history
from articles.checking.revisions import passed
from articles.history import Kind
from articles.models import Article, Revision
from articles.moving import lock, put_in_line, swap
from articles.publishing import TEXT_FIELDS, take_out_of_review
from desk.differences import Comparison
from desk.models import Act
from desk.three_way import Choice, Merged, merge_text
from prose.form import as_edited
from prose.merge import merge

FIXED = ["title", "summary", "body", "seo_title", "seo_description"]


def waiting(article: Article) -> list[Revision]:
    """What readers will see next: scheduled revisions in their order, and the draft behind them."""
    scheduled = article.revisions.scheduled().order_by("live_from")
    return [*scheduled.select_related("cover"), *article.revisions.drafts().select_related("cover")]


@transaction.atomic
def fix_live(
    article: Article,
    *,
    text: Mapping[str, str],
    of: Revision,
    at: datetime,
    by: User | None,
    act: Act | None = None,
) -> Revision:
    """Publish the fixed text of what readers see, now; what waits keeps its hour and its words.

    `of` is the revision that was fixed. Raises `ValidationError` if readers see another one by now,
    if nothing is different, or if something is missing.
    """
    lock(article)
    live = article.live_revision()
    if live is None:
        raise ValidationError("Readers see nothing of this article now. Publish it instead.")
    if live.pk != of.pk:
        raise ValidationError(
            f"Readers see revision {live.number} by now: it went live after you opened the page."
        )
    if problems := why_not(article, text):
        raise ValidationError(problems)
    fix = _copy(live, text)
    fix.edited_by, fix.edited_at, fix.note = by, at, f"Fix of revision {live.number}"
    ready = passed(fix, at=at)
    put_in_line(ready, at)
    history.write(
        article,
        Kind.FIXED,
        by=by,
        revision=fix,
        act=act,
        at=at,
        text=fix.note,
        checks=ready.checked.as_json(),
    )
    return fix


def why_not(article: Article, text: Mapping[str, str]) -> list[str]:
    """Why this text cannot be published in place of what readers see, in sentences."""
    live = article.live_revision()
    if live is None:
        return ["Readers see nothing of this article now. Publish it instead."]
    fix = _copy(live, text)
    if all(getattr(fix, name) == getattr(live, name) for name in FIXED):
        return ["Nothing is different from what readers see."]
    try:
        passed(fix)
    except ValidationError as error:
        return error.messages
    return []


@dataclass(frozen=True)
class Offer:
    """What a version that waits would be with the fixes that readers see by now."""

    revision: Revision
    text: dict[str, str]
    comparison: Comparison
    unfit: int  # places of a fix whose words are others here: they stay as they are here

    @property
    def is_open(self) -> bool:
        return bool(self.comparison)


def offer(revision: Revision) -> Offer | None:
    """None where there is no fix that it does not have."""
    article = revision.article
    live = article.live_revision()
    if live is None or live.number < revision.number:
        return None  # it was begun with all that readers see
    begun_from = (
        article.revisions.published()
        .filter(number__lt=revision.number, live_from__lt=live.live_from)
        .order_by("-live_from")
        .first()
    )
    if begun_from is None:
        return None
    merged = {name: _merged(name, begun_from, revision, live) for name in FIXED}
    text = {name: one.text(Choice.OURS) for name, one in merged.items()}
    unfit = sum(len(one.conflicts) for one in merged.values())
    found = Offer(revision, text, comparing.between(revision, _copy(revision, text)), unfit)
    return found if found.is_open or unfit else None


@transaction.atomic
def take_in(
    revision: Revision, *, seen: str, at: datetime, by: User | None, act: Act | None = None
) -> Revision:
    """Replace a version that waits by one with the fixes that it was offered.

    `seen` is the stamp of what was shown. Raises `ValidationError` if it has changed since.
    """
    article = revision.article
    lock(article)
    revision.refresh_from_db()
    if revision not in waiting(article):
        raise ValidationError("This version does not wait any more. Look again.")
    found = offer(revision)
    if found is None or not found.is_open or stamp(found) != seen:
        raise ValidationError("This version has changed since you opened the page. Look again.")
    made = _copy(revision, found.text)
    if revision.is_draft:
        take_out_of_review(article, revision, by=by)
    made.edited_by, made.edited_at, made.note = by, at, "With what was fixed meanwhile"
    swap(revision, made)
    before = {"replaced": revision.pk}
    history.write(article, Kind.TOOK_IN, by=by, revision=made, act=act, at=at, before=before)
    return made


def stamp(found: Offer) -> str:
    """The same as long as the offer is the same."""
    live = found.revision.article.live_revision()
    edited = found.revision.edited_at.isoformat()
    return f"{found.revision.pk} {edited} {live.pk if live else 0}"


def _merged(name: str, base: Revision, ours: Revision, theirs: Revision) -> Merged:
    three = [getattr(revision, name) for revision in (base, ours, theirs)]
    if name == "body":
        return merge(*map(as_edited, three))
    return merge_text(*three)


def _copy(of: Revision, text: Mapping[str, Any]) -> Revision:
    """A new, unsaved revision with that text, and all else of the other's."""
    last = of.article.revisions.aggregate(last=Max("number"))["last"]
    fields = {name: getattr(of, name) for name in TEXT_FIELDS} | dict(text)
    return Revision(article=of.article, number=last + 1, **fields)
