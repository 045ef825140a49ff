"""What the pages of articles are made of, in as few questions as there are kinds of answer.

Everything here is asked of the clock at each call. Lists and cards cost the same however many
articles there are, but for the counting and stepping over of rows that PostgreSQL does in an index.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone

from articles.models import (
    Article,
    Author,
    Byline,
    MoreArticle,
    Revision,
    RevisionPicture,
    Series,
    Topic,
)
from images.models import Candidate, Image, Rendition
from web.rows import JsonQuery, Parameter, Row, Rows, columns, fill, instance

MORE = 4
MAX_TEASERS = 12
NOW = Parameter("now", models.DateTimeField())
ARTICLE = Parameter("article", models.BigIntegerField())
SERIES = Parameter("series", models.BigIntegerField())
SLUG = Parameter("slug", models.CharField())
TEASERS = [Parameter(f"teaser_{place}", models.BigIntegerField()) for place in range(MAX_TEASERS)]


@dataclass
class Part:
    """An article's place in its series, among those that readers can open now."""

    series: Series
    number: int
    count: int
    previous: Revision | None
    next: Revision | None


def live_revision(slug: str) -> Revision | None:
    """The live revision at this address with all that its page shows, or None. One query."""
    rows = _READING.rows(now=timezone.now(), slug=slug)
    return _revision(rows[0]) if rows else None


def teasers(wanted: QuerySet[Revision]) -> list[Revision]:
    """All that the cards of these revisions show, in the queryset's order. Two queries."""
    return _teasers(list(wanted.values_list("pk", flat=True)))


def more_like(article: Article) -> list[Revision]:
    """Cards to stand below the article: those chosen by hand, then the latest that share a topic
    with it, then the latest. Two queries.
    """
    [row] = _MORE.rows(now=timezone.now(), article=article.pk)
    chosen = [pk for pk in row["by_hand"] if pk is not None]
    return _teasers(list(dict.fromkeys([*chosen, *row["sharing"], *row["latest"]]))[:MORE])


def part_of_series(article: Article) -> Part | None:
    """Where in its series the article stands, or None when it stands alone. At most one query."""
    if article.series is None:
        return None
    rows = _PARTS.rows(now=timezone.now(), series=article.series_id)
    parts = [revision for row in rows if (revision := _revision(row))]
    place = next((n for n, part in enumerate(parts) if part.article_id == article.pk), None)
    if place is None or len(parts) < 2:
        return None
    return Part(
        series=article.series,
        number=place + 1,
        count=len(parts),
        previous=parts[place - 1] if place else None,
        next=parts[place + 1] if place + 1 < len(parts) else None,
    )


def in_order_of_series(revisions: QuerySet[Revision]) -> QuerySet[Revision]:
    """As a series is read: by place, then those without a place as they came out."""
    place = F("article__series_position").asc(nulls_last=True)
    return revisions.order_by(place, "published_at", "pk")


# What is asked


def image_columns(at: str) -> JSONObject:
    """The image at the end of a foreign key, with what a browser may choose from."""
    renditions = Rendition.objects.filter(image=OuterRef(f"{at}_id")).order_by("width", "pk")
    candidate = JSONObject(format=F("format"), width=F("width"), file=F("file"))
    return columns(Image, f"{at}__", candidates=Rows(renditions, candidate))


def image(row: Row) -> Image | None:
    """The image that `image_columns` tells of, as after `with_renditions`."""
    made = instance(Image, row)
    if made:
        made.known_candidates = [Candidate(**one) for one in row["candidates"]]
    return made


def _topics() -> QuerySet[Topic]:
    return Topic.objects.filter(articles=OuterRef("article")).order_by("name")


def _of_its_article() -> QuerySet[Byline]:
    return Byline.objects.filter(article=OuterRef("article")).order_by("position", "pk")


def _pictures() -> QuerySet[RevisionPicture]:
    return RevisionPicture.objects.filter(revision=OuterRef("pk")).order_by("pk")


_READING = JsonQuery(
    lambda: Revision.objects.live(at=NOW).filter(article__slug=SLUG),
    lambda: columns(
        Revision,
        article=columns(Article, "article__"),
        series=columns(Series, "article__series__"),
        cover=image_columns("cover"),
        pictures=Rows(_pictures(), JSONObject(image=image_columns("image"))),
        topics=Rows(_topics(), columns(Topic)),
        bylines=Rows(
            _of_its_article(),
            columns(
                Byline, author=columns(Author, "author__"), image=image_columns("author__image")
            ),
        ),
    ),
)

_TEASERS = JsonQuery(
    lambda: Revision.objects.filter(Q(pk__in=TEASERS)),
    lambda: columns(
        Revision,
        without=["body"],
        article=columns(Article, "article__"),
        cover=image_columns("cover"),
        topics=Rows(_topics(), columns(Topic)),
        bylines=Rows(_of_its_article(), columns(Byline, author=columns(Author, "author__"))),
    ),
)

_PARTS = JsonQuery(
    lambda: in_order_of_series(Revision.objects.live(at=NOW).filter(article__series=SERIES)),
    lambda: columns(Revision, without=["body"], article=columns(Article, "article__")),
)


def _others() -> QuerySet[Revision]:
    return Revision.objects.live(at=NOW).exclude(article=ARTICLE).newest_first()


def _chosen() -> QuerySet[MoreArticle]:
    return MoreArticle.objects.filter(article=ARTICLE).order_by("position", "pk")


def _live_other() -> Subquery:
    live = Revision.objects.live(at=NOW).filter(article=OuterRef("other"))
    return Subquery(live.values("pk")[:1])


def _sharing() -> QuerySet[Revision]:
    on = Article.topics.through.objects
    ours = on.filter(article=ARTICLE).values("topic")
    return _others().filter(Exists(on.filter(article=OuterRef("article"), topic__in=ours)))


_MORE = JsonQuery(
    lambda: Article.objects.filter(pk=ARTICLE),
    lambda: JSONObject(
        by_hand=Rows(_chosen(), _live_other()),
        sharing=Rows(_sharing()[:MORE], F("pk")),
        latest=Rows(_others()[:MORE], F("pk")),
    ),
)


# What is made of the answers


def _teasers(pks: list[int]) -> list[Revision]:
    if not pks:
        return []
    wanted = [*pks, *[pks[0]] * (MAX_TEASERS - len(pks))]
    rows = _TEASERS.rows(**{f"teaser_{place}": pk for place, pk in enumerate(wanted)})
    made = {row["id"]: _revision(row) for row in rows}
    return [teaser for pk in pks if (teaser := made.get(pk))]


def _revision(row: Row) -> Revision | None:
    """The revision with whatever else the row tells of."""
    revision = instance(Revision, row)
    article = instance(Article, row["article"])
    assert revision and article
    revision.article = article
    if "cover" in row:
        revision.cover = image(row["cover"])
    if "series" in row:
        article.series = instance(Series, row["series"])
    if "topics" in row:
        fill(article, "topics", _instances(Topic, row["topics"]))
    if "bylines" in row:
        fill(article, "bylines", [_byline(one) for one in row["bylines"]])
    if "pictures" in row:
        fill(revision, "pictures", filter(None, (image(one["image"]) for one in row["pictures"])))
    return revision


def _byline(row: Row) -> Byline:
    byline, author = instance(Byline, row), instance(Author, row["author"])
    assert byline and author
    byline.author = author
    if "image" in row:
        author.image = image(row["image"])
    return byline


def _instances(model: type[models.Model], rows: Iterable[Row]) -> list[models.Model]:
    return [made for row in rows if (made := instance(model, row))]
