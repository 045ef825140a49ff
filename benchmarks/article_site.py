"""A site with as many articles as wanted, asked through Django's own handler."""

import gc
import random
import time
from dataclasses import dataclass, field
from datetime import timedelta
from math import ceil
from typing import Any
from wsgiref.util import setup_testing_defaults

from django.core.wsgi import get_wsgi_application
from django.db import connection, transaction
from django.db.models import Count
from django.test.utils import CaptureQueriesContext
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
from articles.views import ArticleList
from demo.seeding import seed
from images.models import Image, Rendition
from images.renditions import WIDTHS

TOPICS, SERIES, PARTS = 12, 5, 4
WARM_UP = 5


@dataclass
class Asked:
    """What some requests cost: the dearest one's queries, and the milliseconds of each."""

    queries: int = 0
    spent: list[float] = field(default_factory=list)


class ArticleSite:
    """Begins as the demo: its offices, services, pictures, and its articles to be multiplied."""

    def __init__(self) -> None:
        self.now = timezone.now()
        seed(self.now)
        self.chance = random.Random(3)  # the same articles at every run
        self.handler = get_wsgi_application()
        self.models = list(Revision.objects.live().prefetch_related("pictures"))
        self.authors = list(Author.objects.all())
        self.topics = Topic.objects.bulk_create(
            Topic(name=f"Topic {number}", slug=f"topic-{number}") for number in range(TOPICS)
        )
        self.series = Series.objects.bulk_create(
            Series(title=f"Series {number}", slug=f"series-{number}") for number in range(SERIES)
        )
        Rendition.objects.bulk_create(
            Rendition(
                image=image,
                format=format,
                width=width,
                height=max(1, image.height * width // image.width),
                file=f"images/{image.digest[:2]}/{image.digest}/{width}-0123456789ab.{format}",
            )
            for image in Image.objects.all()
            for format in Rendition.Format
            for width in WIDTHS
        )

    def grow_to(self, count: int) -> None:
        """Add articles until there are so many, as if they had come out over the last years."""
        old = Article.objects.count()
        with transaction.atomic():
            articles = Article.objects.bulk_create(
                self._article(number) for number in range(old, count)
            )
            revisions = Revision.objects.bulk_create(
                revision for article in articles for revision in self._revisions(article)
            )
            self._link(articles, revisions)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")  # autovacuum does so within a minute

    def _article(self, number: int) -> Article:
        series, position = divmod(number - len(self.models), PARTS)
        in_series = 0 <= series < SERIES
        return Article(
            slug=f"article-{number}",
            series=self.series[series] if in_series else None,
            series_position=position + 1 if in_series else None,
        )

    def _revisions(self, article: Article) -> list[Revision]:
        """Of a tenth of the articles three, of the others one."""
        model = self.chance.choice(self.models)
        published_at = self.now - timedelta(minutes=self.chance.randrange(10, 3_000_000))
        count = 3 if self.chance.random() < 0.1 else 1
        moments = [published_at + timedelta(minutes=3 * number) for number in range(count)]
        return [
            Revision(
                article=article,
                number=number + 1,
                title=f"{model.title} ({article.slug})",
                summary=model.summary,
                body=model.body,
                cover_id=model.cover_id,
                state=Revision.State.PUBLISHED,
                live_from=moment,
                live_until=until,
                published_at=published_at,
            )
            for number, (moment, until) in enumerate(
                zip(moments, [*moments[1:], None], strict=True)
            )
        ]

    def _link(self, articles: list[Article], revisions: list[Revision]) -> None:
        pictures = {model.body: list(model.pictures.all()) for model in self.models}
        RevisionPicture.objects.bulk_create(
            RevisionPicture(revision=revision, image=picture)
            for revision in revisions
            for picture in pictures[revision.body]
        )
        Byline.objects.bulk_create(
            Byline(article=article, author=author, position=position)
            for article in articles
            for position, author in enumerate(
                self.chance.sample(self.authors, self.chance.choice([1, 1, 1, 2]))
            )
        )
        Article.topics.through.objects.bulk_create(
            Article.topics.through(article=article, topic=topic)
            for article in articles
            for topic in self.chance.sample(self.topics, self.chance.randrange(1, 4))
        )
        MoreArticle.objects.bulk_create(
            MoreArticle(article=article, other=other, position=position)
            for article in articles[::3]
            for position, other in enumerate(self.chance.sample(articles[1::3], 2))
        )

    # Asking

    def pages(self) -> dict[str, str]:
        """What is asked for at every size of the site: address by name."""
        last = ceil(Revision.objects.live().count() / ArticleList.paginate_by)
        topic = Topic.objects.get(slug="topic-0")
        in_topic = ceil(topic.articles.count() / ArticleList.paginate_by)
        series = self.series[0]
        linked = Article.objects.annotate(links=Count("more_links")).filter(series=None, links=2)
        return {
            "list, first page": "/articles/",
            "list, middle page": f"/articles/?page={ceil(last / 2)}",
            "list, last page": f"/articles/?page={last}",
            "topic, first page": topic.get_absolute_url(),
            "topic, last page": f"{topic.get_absolute_url()}?page={in_topic}",
            "author": self.authors[0].get_absolute_url(),
            "series": series.get_absolute_url(),
            "home": "/",
            "article": "/articles/article-50/",
            "article in a series": series.articles.all()[0].get_absolute_url(),
            "article with others chosen by hand": linked[0].get_absolute_url(),
        }

    def ask_often(self, path: str, count: int) -> Asked:
        gc.collect()
        for _ in range(WARM_UP):
            self.ask(path)
        return Asked(self.queries(path), [self.ask(path) for _ in range(count)])

    def ask_each_once(self, count: int) -> dict[str, Asked]:
        """Articles that this process never showed before, each asked for once."""
        unseen = list(
            Revision.objects.live()
            .exclude(article__slug="article-50")
            .filter(article__slug__startswith="article-", article__series=None)
            .order_by("article__slug")
            .select_related("article")
        )
        chosen = self.chance.sample(unseen, count)
        del unseen
        gc.collect()
        all_of_them = Asked()
        by_kind = {"with code": Asked(), "without code": Asked()}
        for revision in chosen:
            path = revision.get_absolute_url()
            spent = self.ask(path)
            queries = self.queries(path)
            kind = "with code" if "<pre" in revision.body else "without code"
            for asked in (all_of_them, by_kind[kind]):
                asked.queries = max(asked.queries, queries)
                asked.spent.append(spent)
        return {"any": all_of_them, **by_kind}

    def queries(self, path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            self.ask(path)
        return len(queries)

    def ask(self, path: str) -> float:
        """Milliseconds from the request to the last byte of the page."""
        path, _, query = path.partition("?")
        environ = {"PATH_INFO": path, "QUERY_STRING": query, "HTTP_HOST": "127.0.0.1:8000"}
        setup_testing_defaults(environ)
        said: list[str] = []

        def start_response(status: str, headers: Any, failure: Any = None) -> Any:
            said.append(status)

        began = time.perf_counter()
        answer = self.handler(environ, start_response)
        page = b"".join(answer)
        spent = (time.perf_counter() - began) * 1000
        answer.close()
        if not said[0].startswith("200") or b"</html>" not in page:
            raise SystemExit(f"{path}?{query} answered {said[0]}.")
        return spent
