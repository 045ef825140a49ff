"""What stands around the words of an article while they are written: its state, its rail."""

from math import ceil
from typing import Any

from django.utils import timezone

from accounts.requests import StaffRequest
from articles import trail
from articles.admin import history_page
from articles.admin.acts import may_discard, standing
from articles.admin.publish_page import checks_of
from articles.lists import states
from articles.models import Article, ListedArticle, Revision
from prose.rendering import WORDS_A_MINUTE

LATEST = 4  # acts in the rail; all of them are in the history


def around(request: StaffRequest, article: Article | None) -> dict[str, Any]:
    """Of the empty room, too."""
    found = {
        "may_publish": request.user.has_perm("articles.publish_article"),
        "state": states.State("draft", "Draft"),
        "words": 0,
        "minutes": 1,
    }
    if article is None or article.pk is None:
        return found
    draft = article.draft()
    return found | {
        **_listed(article),
        "standing": standing(article),
        "is_live": Article.objects.live().filter(pk=article.pk).exists(),
        "was_ever_live": article.was_ever_live(),
        "has_draft": draft is not None,
        "in_review": draft is not None and draft.state == Revision.State.IN_REVIEW,
        "may_discard": draft is not None and may_discard(request, draft),
        "next_scheduled": article.scheduled_revision(),
        "former": article.former_slugs.all(),
        "history": article.revisions.select_related("edited_by").defer("body").order_by("-number"),
        "states": trail.latest(article),
        "checks": checks_of(article),
        "acts_of_late": [
            one for one in history_page.entries(article, most=3 * LATEST) if not one.is_revision
        ][:LATEST],
    }


def _listed(article: Article) -> dict[str, Any]:
    """What lists say of it."""
    rows = ListedArticle.objects.select_related("article", "revision__review__verdict")
    row = rows.defer("revision__body").filter(pk=article.pk).first()
    if row is None:
        return {}
    return {
        "state": states.state_of(row, timezone.now()),
        "words": row.words,
        "minutes": max(1, ceil(row.words / WORDS_A_MINUTE)),
    }
