"""All that is checked of a revision, while it is written and before readers get it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError

from articles.checking.confidential import check_confidential
from articles.checking.findings import CONFIDENTIAL, Allowed, Checked, Finding, Kind, Place
from articles.checking.passages import Body, Passage
from articles.checking.pictures import pictures_of, what_pictures_say
from articles.checking.texts import findings_in
from articles.checking.wording import check_lengths, check_sentences
from articles.models import Article, Byline, HistoryLine, Revision
from prose.text import text_of


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
    pictures = what_pictures_say(body, known, None)
    found = check_confidential([*_lines(revision), *body.passages, *pictures])
    stands = _without_allowed(revision.article, list(found)).blocking
    if stands:
        raise ValidationError(list(dict.fromkeys(one.sentence for one in stands)))


def check(revision: Revision, *, at: datetime | None = None) -> Checked:
    """`at` is when readers will see it; now, if nothing is said."""
    body = Body(revision.body)
    found = [
        *_missing(revision, body),
        *findings_in(body, _lines(revision), cover=revision.cover_id, at=at),
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


def _lines(revision: Revision) -> list[Passage]:
    """Whatever readers or machines get of it beside its text, its address included."""
    fields = ("title", "summary", "seo_title", "seo_description")
    nouns = {"seo_title": "title for search results", "seo_description": "description"}
    lines = [
        Passage(name, text, noun=nouns.get(name, name))
        for name in fields
        if (text := getattr(revision, name))
    ]
    slug = Passage("slug", revision.article.slug, noun="address")
    return [*lines, slug]


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
