"""Letting a passage through that the guard holds back: a name, a reason, a line of history."""

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from articles import history
from articles.checking.revisions import check
from articles.history import Kind
from articles.models import Article, HistoryLine
from articles.moving import lock, the_draft
from desk.models import Act

MAX_REASON = 500


@transaction.atomic
def allow(
    article: Article, key: str, *, reason: str, by: User, act: Act | None = None
) -> HistoryLine:
    """Let the passage with this key be published, as long as it is the same.

    Raises `ValidationError` without a reason, and when the passage is not there any more.
    """
    lock(article)
    draft = the_draft(article)
    reason = reason.strip()
    if not reason:
        raise ValidationError({"reason": "Say why it may be published."})
    if len(reason) > MAX_REASON:
        raise ValidationError({"reason": f"Say it in {MAX_REASON} characters or fewer."})
    found = next((one for one in check(draft).blocking if key and one.key == key), None)
    if found is None:
        raise ValidationError("This passage has changed since you opened the page. Look again.")
    said = {"key": found.key, "kind": found.kind, "passage": found.passage, "reason": reason}
    return history.write(
        article,
        Kind.ALLOWED,
        by=by,
        revision=draft,
        act=act,
        text=f"“{found.passage}” {reason}",
        checks=said,
        before={},
    )
