"""The readers’ search over everything that staff work on: what is live, and the latest revision of
each article, whatever its state.

The text of a draft is stored when someone searches and the draft has changed since it was last
stored, because drafts are saved every few seconds.
"""

from collections.abc import Sequence

from django.db.models import F, Q, QuerySet

from articles import search
from articles.models import Revision, RevisionText
from articles.search import Name

# In one search; what is left is stored by the next.
MAX_STORED = 500


def find(words: str, names: Sequence[Name] | None = None) -> list[int]:
    """The articles that say the words, despite typing errors, the best first. Whoever has the
    names of authors, topics and series already hands them over.
    """
    store_drafts()
    found = search.search(words, among=_worked_on, names=names)
    return list(dict.fromkeys(found.matches.articles))


def store_drafts() -> None:
    """Store the texts of the drafts that have changed since."""
    changed = Revision.objects.drafts().filter(
        Q(text__isnull=True) | Q(text__draft_of__isnull=True) | Q(text__draft_of__lt=F("edited_at"))
    )
    for draft in changed.order_by("-edited_at")[:MAX_STORED]:
        RevisionText.objects.store(
            draft.pk,
            title=draft.title,
            summary=draft.summary,
            body=draft.body,
            draft_of=draft.edited_at,
        )


def _worked_on() -> QuerySet[Revision]:
    live = Revision.objects.live().values("pk")
    return Revision.objects.filter(Q(listed__isnull=False) | Q(pk__in=live))
