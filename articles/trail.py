"""What a draft was before: one state for each sitting, one every ten minutes, and one before each
save that takes words away. So a bad save is undone, and autosave fills no table.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import unescape
from typing import Any

from accounts.models import User
from articles.models import Article, DraftState, Revision
from desk.losing import takes_words_away
from web.retention import YEAR, Rule

# The text of a revision, as opposed to its state and history.
TEXT_FIELDS = ["title", "summary", "body", "cover", "seo_title", "seo_description"]
WRITTEN = [name for name in TEXT_FIELDS if name != "cover"]

EVERY = timedelta(minutes=10)
# Whoever comes back after so long has sat down anew.
SITTING = timedelta(minutes=30)
MAX_SHOWN = 20
MAX_BEGINNING = 100  # characters

_WORD = re.compile(r"\w+")
_TAG = re.compile(r"<[^>]*>")


def keep_before(draft: Revision, *, text: dict[str, Any], by: User | None, at: datetime) -> None:
    """Keep what the draft says, where what is saved in its place may be regretted."""
    latest = draft.article.draft_states.newest_first().values_list("at", flat=True).first()
    is_another_sitting = draft.edited_by != by or at - draft.edited_at > SITTING
    is_time = latest is None or draft.edited_at - latest >= EVERY
    if is_another_sitting or is_time or _takes_words_away(draft, text):
        keep(draft)


def keep(draft: Revision) -> None:
    """Keep what the draft says now. Nothing is kept twice, and no empty page."""
    said = {name: getattr(draft, name) for name in TEXT_FIELDS}
    if any(said.values()):
        state = DraftState(
            article_id=draft.article_id, by_id=draft.edited_by_id, at=draft.edited_at, **said
        )
        DraftState.objects.bulk_create([state], ignore_conflicts=True)


RULE = Rule(
    "articles.drafts",
    "articles.DraftState",
    "What drafts of articles were before",
    "they were written",
    days=30,
    at_least=7,
    at_most=YEAR,
    due=DraftState.objects.before,
    may_be_forever=True,
)


@dataclass(frozen=True)
class Earlier:
    """A state as the history shows it."""

    state: DraftState
    words: int
    beginning: str


def latest(article: Article) -> list[Earlier]:
    """What the draft was before, newest first, and how each differs at a glance."""
    found = []
    for state in article.draft_states.select_related("by").newest_first()[:MAX_SHOWN]:
        text = " ".join(_TAG.sub(" ", f"{state.summary} {state.body}").split())
        beginning = unescape(text[:MAX_BEGINNING]).strip()
        found.append(Earlier(state, len(_WORD.findall(text)), beginning))
    return found


def _takes_words_away(draft: Revision, text: dict[str, Any]) -> bool:
    return any(
        takes_words_away(getattr(draft, name), text[name]) for name in WRITTEN if name in text
    )
