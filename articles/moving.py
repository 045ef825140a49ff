"""Steps of which publishing and its opposites are made. The article is locked."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils import timezone

from articles.checking.revisions import Passed, passed, refuse_confidential
from articles.models import Article, Revision


def lock(article: Article) -> None:
    # No stronger than what a form holds the row by (desk.merging): to raise a lock while others
    # refer to the row is a deadlock.
    locked = Article.objects.select_for_update(of=("self",), no_key=True)
    fields = ["unpublished_at", "retired_at", "address_follows_title", "slug"]
    article.refresh_from_db(fields=fields, from_queryset=locked)


def the_draft(article: Article) -> Revision:
    draft = article.draft()
    if draft is None:
        raise ValidationError("There is no draft: everything is published.")
    return draft


def take_off(
    article: Article,
    *,
    unpublished_at: datetime | None = None,
    retired_at: datetime | None = None,
) -> None:
    """Off the site since one of the moments; with neither, back on it."""
    article.unpublished_at, article.retired_at = unpublished_at, retired_at
    article.save(update_fields=["unpublished_at", "retired_at"])


def put_in_line(ready: Passed, at: datetime) -> None:
    """Have it go live at that moment, among the other published revisions.

    There is no other way to readers, and none into here around the checks.
    """
    revision = ready.revision
    published = revision.article.revisions.published().exclude(pk=revision.pk)
    earlier = published.filter(live_from__lt=at).order_by("-live_from").first()
    later = published.filter(live_from__gt=at).order_by("live_from").first()
    if earlier:  # before another may be the last
        published.filter(pk=earlier.pk).update(live_until=at)
    revision.state, revision.live_from = Revision.State.PUBLISHED, at
    revision.live_until = later.live_from if later else None
    first = published.order_by("live_from").first()
    revision.published_at = min(first.published_at or at, at) if first else at
    revision.save()
    if later and not earlier:
        published.update(published_at=at)


def take_out_of_line(revision: Revision, state: str) -> None:
    """The opposite of `put_in_line`.

    Raises `ValidationError` if readers would see again what must not be published by now.
    """
    article, since, until = revision.article, revision.live_from, revision.live_until
    revision.state = state
    revision.live_from = revision.live_until = revision.published_at = None
    revision.save(update_fields=["state", "live_from", "live_until", "published_at"])
    article.revisions.filter(live_until=since).update(live_until=until)
    if first := article.revisions.published().order_by("live_from").first():
        article.revisions.published().update(published_at=first.live_from)
    was_seen = since is not None and since <= timezone.now()
    if was_seen and not article.off_site_since and (live := article.live_revision()):
        refuse_confidential(live)


def swap(old: Revision, new: Revision) -> None:
    """Have the new revision wait in the place of the old one, which is discarded.

    What was in review is a draft then: it is another text.
    """
    at = old.live_from
    if at is None:
        old.state = Revision.State.DISCARDED
        old.save(update_fields=["state"])
        new.state = Revision.State.DRAFT
        new.save()
    else:
        ready = passed(new, at=at)
        take_out_of_line(old, Revision.State.DISCARDED)
        put_in_line(ready, at)
