"""All that is checked of a revision, while it is written and before readers get it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError

from articles.checking.confidential import check_confidential
from articles.checking.findings import CONFIDENTIAL, Finding, Kind, Place
from articles.checking.links import check_links
from articles.checking.passages import Body, Passage
from articles.checking.pictures import check_pictures, pictures_of, what_pictures_say
from articles.checking.wording import check_lengths, check_sentences, check_wording
from articles.models import Article, Byline, HistoryLine, Revision
from prose.text import text_of


@dataclass(frozen=True)
class Allowed:
    """A passage that a person with the right has allowed, with why."""

    finding: Finding
    by: str
    reason: str


@dataclass(frozen=True)
class Checked:
    findings: tuple[Finding, ...]
    allowed: tuple[Allowed, ...] = ()

    @property
    def blocking(self) -> list[Finding]:
        return [one for one in self.findings if one.is_blocking]

    @property
    def warnings(self) -> list[Finding]:
        return [one for one in self.findings if not one.is_blocking]

    @property
    def fine(self) -> int:
        """How many of all kinds of checks found nothing."""
        return len(Kind) - len({one.kind for one in self.findings})

    @property
    def no_private_names(self) -> bool:
        return not any(one.kind is Kind.PRIVATE for one in self.findings)

    @property
    def said(self) -> str:
        """“1 to fix, 2 to look at”; empty where there is nothing."""
        fix, look = len(self.blocking), len(self.warnings)
        parts = [f"{fix} to fix" if fix else "", f"{look} to look at" if look else ""]
        return ", ".join(filter(None, parts))

    def as_json(self) -> dict[str, Any]:
        """For the history: what stood when it was published, and what had been allowed."""
        return {
            "fine": self.fine,
            "stood": [{"kind": one.kind, "said": one.sentence} for one in self.findings],
            "allowed": [
                {"passage": one.finding.passage, "by": one.by, "reason": one.reason}
                for one in self.allowed
            ],
        }


@dataclass(frozen=True)
class Passed:
    """A revision in which nothing stands in the way. Only `passed` makes one."""

    revision: Revision
    checked: Checked


def passed(revision: Revision, *, at: datetime | None = None) -> Passed:
    """Raises `ValidationError` with a sentence for each thing that stands in the way."""
    checked = check(revision, at=at)
    if problems := [one.sentence for one in checked.blocking]:
        raise ValidationError(list(dict.fromkeys(problems)))
    return Passed(revision, checked)


def refuse_confidential(revision: Revision) -> None:
    """For what was published before and comes back: the list may have grown since.

    Raises `ValidationError`.
    """
    body = Body(revision.body)
    known = pictures_of(body, revision.cover_id)
    found = check_confidential(_passages(revision, body, what_pictures_say(body, known, None)))
    stands = _without_allowed(revision.article, list(found)).blocking
    if stands:
        raise ValidationError(list(dict.fromkeys(one.sentence for one in stands)))


def check(revision: Revision, *, at: datetime | None = None) -> Checked:
    """`at` is when readers will see it; now, if nothing is said."""
    body = Body(revision.body)
    known = pictures_of(body, revision.cover_id)
    pictures = what_pictures_say(body, known, revision.cover_id)
    found = [
        *_missing(revision, body),
        *check_pictures(body, known, revision.cover_id),
        *check_links(body, at=at),
        *check_confidential(_passages(revision, body, pictures)),
        *check_wording(body),
        *check_sentences(revision.summary),
        *_lengths(revision),
    ]
    return _without_allowed(revision.article, found)


def _missing(revision: Revision, body: Body) -> Iterator[Finding]:
    if not revision.title.strip():
        yield Finding(Kind.TITLE, True, "The title is missing.", Place("title"))
    if not revision.summary.strip():
        said = "The summary is missing. Lists and search results show it."
        yield Finding(Kind.SUMMARY, True, said, Place("summary"))
    if not text_of(body.root):
        yield Finding(Kind.TEXT, True, "The text is empty.", Place("body", noun="text"))
    # Ask the table: the article in memory may have been loaded before its bylines were saved.
    if not Byline.objects.filter(article=revision.article_id).exists():
        said = "It has no author. Add at least one."
        yield Finding(Kind.AUTHOR, True, said, Place("bylines", noun="authors"))


def _passages(revision: Revision, body: Body, pictures: Sequence[Passage]) -> list[Passage]:
    """Whatever of it readers or machines get, its address included."""
    fields = ("title", "summary", "seo_title", "seo_description")
    nouns = {"seo_title": "title for search results", "seo_description": "description"}
    lines = [
        Passage(name, text, noun=nouns.get(name, name))
        for name in fields
        if (text := getattr(revision, name))
    ]
    slug = Passage("slug", revision.article.slug, noun="address")
    return [*lines, slug, *body.passages, *pictures]


def _lengths(revision: Revision) -> Iterator[Finding]:
    title = "seo_title" if revision.seo_title else "title"
    description = "seo_description" if revision.seo_description else "summary"
    yield from check_lengths(
        revision.page_title, revision.page_description, fields=(title, description)
    )


def _without_allowed(article: Article, found: list[Finding]) -> Checked:
    """What was allowed no longer stands in the way, as long as the passage is the same."""
    if not any(one.kind in CONFIDENTIAL for one in found):
        return Checked(tuple(found))
    allowed = {
        line.checks["key"]: (line.by_name, line.checks["reason"])
        for line in HistoryLine.objects.allowing(article)
        if line.checks
    }
    return Checked(
        tuple(one for one in found if one.key not in allowed),
        tuple(Allowed(one, *allowed[one.key]) for one in found if one.key in allowed),
    )
