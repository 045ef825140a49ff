"""What two revisions of an article have apart, in the order in which readers meet it."""

from articles.models import Article, Revision
from desk.differences import Comparison, Kind, Row, text_rows, value_rows
from prose.diff import rows_of
from prose.form import as_edited

_LINES = [
    ("title", "Title"),
    ("summary", "Summary"),
]
_FOR_SEARCH = [
    ("seo_title", "Title for search results"),
    ("seo_description", "Description for search results"),
]


def between(old: Revision, new: Revision, *, is_whole: bool = False) -> Comparison:
    """Title, summary, cover, text, and what search results show."""
    rows = [
        *_lines(old, new, _LINES, with_same=is_whole),
        *value_rows(_cover(old), _cover(new), where="Cover"),
        *rows_of(as_edited(old.body), as_edited(new.body)),
        *_lines(old, new, _FOR_SEARCH),
    ]
    return Comparison(tuple(rows), is_whole=is_whole)


def what_publishing_changes(article: Article) -> Comparison | None:
    """What readers would see differently; None without a draft, or with nothing live to change."""
    draft, live = article.draft(), article.live_revision()
    return between(live, draft) if draft and live else None


def before(revision: Revision) -> Revision | None:
    """What a revision is to be compared with: for a draft what readers see, for a published one
    what they saw before it, else the one that was written before.
    """
    published = revision.article.revisions.published()
    if revision.live_from:
        return published.filter(live_from__lt=revision.live_from).order_by("-live_from").first()
    live = revision.article.live_revision() if revision.is_draft else None
    older = revision.article.revisions.filter(number__lt=revision.number)
    return live or older.latest_first().first()


def _lines(
    old: Revision, new: Revision, names: list[tuple[str, str]], *, with_same: bool = False
) -> list[Row]:
    rows: list[Row] = []
    for name, label in names:
        rows += text_rows(getattr(old, name), getattr(new, name), where=label)
    return [row for row in rows if with_same or row.kind != Kind.SAME]


def _cover(revision: Revision) -> str:
    return str(revision.cover) if revision.cover else ""
