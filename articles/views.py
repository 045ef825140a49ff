import re
from collections.abc import Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.core.paginator import InvalidPage, Page, Paginator
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe
from django.views.generic import ListView, View

from articles import feeds, reading, search_log
from articles.models import Article, Author, Byline, Revision, Series, Topic
from articles.search import MAX_QUERY_LENGTH, search
from prose import markdown
from web import negotiation
from web.addresses import absolute
from web.limits import refusal

# As the links to other pages of a list write it; any other spelling is no page of ours.
PAGE_NUMBER = re.compile(r"[1-9][0-9]{0,8}")


def page_number(request: HttpRequest) -> int:
    """The requested page of the list; 1 if none is named."""
    asked = request.GET.get("page", "1")
    if not PAGE_NUMBER.fullmatch(asked):
        raise Http404("There is no such page of the list.")
    return int(asked)


class CardPaginator(Paginator[Revision]):
    """Finds a page by keys alone, and loads only the cards that stand on it."""

    def page(self, number: int | str) -> Page[Revision]:
        page = super().page(number)
        assert isinstance(page.object_list, QuerySet)
        page.object_list = reading.teasers(page.object_list)
        return page


class ArticleList(ListView[Revision]):
    """What is live, the newest first, a page at a time."""

    template_name = "articles/list.html"
    context_object_name = "revisions"
    paginate_by = reading.MAX_TEASERS
    paginator_class = CardPaginator

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        page_number(request)
        response = super().get(request, *args, **kwargs)
        response.headers["No-Vary-Search"] = 'params, except=("page")'
        return response

    def get_queryset(self) -> QuerySet[Revision]:
        return Revision.objects.live().newest_first()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(topics=Topic.objects.all(), **kwargs)


class TopicDetail(ArticleList):
    template_name = "articles/topic.html"

    def get_queryset(self) -> QuerySet[Revision]:
        self.topic = get_object_or_404(Topic, slug=self.kwargs["slug"])
        on_it = Article.topics.through.objects.filter(topic=self.topic)
        return super().get_queryset().filter(article__in=on_it.values("article"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(topic=self.topic, **kwargs)


class SeriesDetail(ArticleList):
    """A series is read from its beginning."""

    template_name = "articles/series.html"

    def get_queryset(self) -> QuerySet[Revision]:
        self.series = get_object_or_404(Series, slug=self.kwargs["slug"])
        in_series = super().get_queryset().filter(article__series=self.series)
        return reading.in_order_of_series(in_series)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(series=self.series, **kwargs)


class AuthorDetail(ArticleList):
    template_name = "articles/author.html"

    def get_queryset(self) -> QuerySet[Revision]:
        authors = Author.objects.select_related("image").prefetch_related("image__renditions")
        self.author = get_object_or_404(authors, slug=self.kwargs["slug"])
        signed = Byline.objects.filter(author=self.author)
        return super().get_queryset().filter(article__in=signed.values("article"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(author=self.author, **kwargs)


Grouping = TypeVar("Grouping", Topic, Series, Author)


class Index(ListView[Grouping]):
    """What articles are grouped by, as far as one can be read, and how many there are."""

    template_name = "articles/index.html"
    context_object_name = "groupings"
    heading: str

    def get_queryset(self) -> QuerySet[Grouping]:
        live = Revision.objects.live().order_by().values("article")
        groupings = super().get_queryset().filter(articles__in=live)
        counted: QuerySet[Grouping] = groupings.annotate(count=Count("articles", distinct=True))
        return counted

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(heading=self.heading, **kwargs)


class TopicIndex(Index[Topic]):
    model = Topic
    heading = "Topics"


class SeriesIndex(Index[Series]):
    model = Series
    heading = "Series"


class AuthorIndex(Index[Author]):
    model = Author
    heading = "Authors"


class Search(View):
    """Search. Each answer is for one visitor only, so none is cached."""

    paginate_by = 12
    cost = 20  # milliseconds of a processor, at least: half of it the database's

    def get(self, request: HttpRequest) -> HttpResponse:
        if refused := refusal(request, cost=self.cost):
            return refused.page()
        text = request.GET.get("q", "")
        topic = Topic.objects.filter(slug=request.GET.get("topic", "")).first()
        places = self.places(text)
        results = search(text, topic=topic, may_correct=not places)
        try:
            pages = Paginator(results.matches.foremost, self.paginate_by)
            page = pages.page(page_number(request))
        except InvalidPage as error:
            raise Http404("There is no such page of results.") from error
        if self.is_submitted():
            search_log.record(text, results=results.matches.total + len(places))
        text = text[:MAX_QUERY_LENGTH] if text.strip() else ""
        kept = {"q": text, "topic": topic.slug} if topic else {"q": text}
        context = {
            "q": text,
            "topic": topic,
            "results": results,
            "places": places,
            "hits": results.hits(list(page.object_list)),
            "topics": results.topics,
            "all_topics": Topic.objects.all(),
            "count": results.count(topic),
            "more": "+" if results.matches.has_more else "",
            "page_obj": page,
            "kept": f"&{urlencode(kept)}",
            "latest": self.latest(),
        }
        response = render(request, "articles/search.html", context)
        response.headers["Cache-Control"] = "no-store"
        return response

    def places(self, text: str) -> Sequence[Any]:
        """Other results for the words, with title, url and kind, from the apps that have any."""
        return []

    def is_submitted(self) -> bool:
        """Whether someone sent off these words: neither a letter more, nor leafing and narrowing,
        nor a browser ahead of its user.
        """
        asked = self.request.headers
        return (
            self.request.method == "GET"
            and not self.request.GET.keys() & {"page", "topic"}
            and "Search-While-Typing" not in asked
            and "prefetch" not in asked.get("Sec-Purpose", "")
        )

    def latest(self) -> list[Revision]:
        """For those who find nothing; nobody else's page asks for it."""
        return reading.teasers(Revision.objects.live().newest_first()[:4])


class ArticleDetail(View):
    """The page; or the article's text alone for programs that would rather have it (RFC 9110,
    section 12.5.1). Whatever else is asked for, HTML is the answer."""

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        revision = reading.live_revision(slug)
        if revision is None:
            response = self.elsewhere(slug)
        elif self.wants_markdown():
            response = markdown_response(revision)
            response.headers["Content-Location"] = revision.article.get_markdown_url()
        else:
            response = render(request, "articles/detail.html", reading_context(revision))
        patch_vary_headers(response, ["Accept"])
        return response

    def wants_markdown(self) -> bool:
        return negotiation.prefers_markdown(self.request.headers.get("Accept", ""))

    def elsewhere(self, slug: str) -> HttpResponse:
        """What an address without a live article leads to: its new address, "gone", or nothing.

        An unpublished article may come back, so nothing is said of it, nor of its old addresses.
        """
        moved = Article.objects.filter(former_slugs__slug=slug)
        if Article.objects.retired().filter(slug=slug).exists() or moved.retired().exists():
            return render(self.request, "articles/gone.html", status=410)
        if target := moved.live().first():
            return redirect(self.address_of(target), permanent=True)
        raise Http404("There is no article at this address.")

    def address_of(self, article: Article) -> str:
        return article.get_absolute_url()


class ArticleMarkdown(ArticleDetail):
    """The Markdown twin, at an address of its own."""

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        revision = reading.live_revision(slug)
        return self.elsewhere(slug) if revision is None else markdown_response(revision)

    def address_of(self, article: Article) -> str:
        return article.get_markdown_url()


def markdown_response(revision: Revision) -> HttpResponse:
    """The article as a document of its own; it names the page as the one to cite (RFC 6596)."""
    url = absolute(revision.get_absolute_url())
    images = {image.pk: image for image in revision.pictures.all()}
    document = render_to_string(
        "articles/detail.md",
        {
            "revision": revision,
            "authors": [byline.author for byline in revision.article.bylines.all()],
            "url": url,
            "body": markdown.from_html(revision.body, base=url, images=images).rstrip("\n"),
        },
    )
    response = HttpResponse(document, content_type="text/markdown; charset=utf-8")
    response.headers["Link"] = f'<{url}>; rel="canonical"'
    return response


FEED_TYPES = {
    "rss": "application/rss+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "json": "application/feed+json; charset=utf-8",
}


@require_safe
def feed(request: HttpRequest, form: str, slug: str = "") -> HttpResponse:
    """The latest articles, or those of one topic, with their full text."""
    topic = get_object_or_404(Topic, slug=slug) if slug else None
    latest = feeds.Feed(topic)
    context = {"feed": latest, "feed_url": absolute(request.path)}
    text = render_to_string(f"articles/feed.{form}", context, request)
    return HttpResponse(feeds.NO_CHARACTERS.sub("", text), content_type=FEED_TYPES[form])


def reading_context(revision: Revision, *, is_preview: bool = False) -> dict[str, Any]:
    """What templates/articles/detail.html needs; previews show the same page."""
    return {
        "revision": revision,
        "article": revision.article,
        "body": revision.rendered(),
        "part": reading.part_of_series(revision.article),
        "more": reading.more_like(revision.article),
        "is_preview": is_preview,
    }
