from typing import Any

from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe
from django.views.generic import ListView, View

from articles import feeds, markdown, negotiation
from articles.models import Article, Author, Revision, Series, Topic


class ArticleList(ListView):
    """What is live, the newest first, a page at a time."""

    template_name = "articles/list.html"
    context_object_name = "revisions"
    paginate_by = 12

    def get_queryset(self):
        return Revision.objects.live().newest_first().for_listing()

    def get_context_data(self, **kwargs):
        return super().get_context_data(topics=Topic.objects.all(), **kwargs)


class TopicDetail(ArticleList):
    template_name = "articles/topic.html"

    def get_queryset(self):
        self.topic = get_object_or_404(Topic, slug=self.kwargs["slug"])
        return super().get_queryset().filter(article__topics=self.topic)

    def get_context_data(self, **kwargs):
        return super().get_context_data(topic=self.topic, **kwargs)


class SeriesDetail(ArticleList):
    """A series is read from its beginning."""

    template_name = "articles/series.html"

    def get_queryset(self):
        self.series = get_object_or_404(Series, slug=self.kwargs["slug"])
        in_series = super().get_queryset().filter(article__series=self.series)
        place = F("article__series_position").asc(nulls_last=True)
        return in_series.order_by(place, "published_at", "pk")

    def get_context_data(self, **kwargs):
        return super().get_context_data(series=self.series, **kwargs)


class AuthorDetail(ArticleList):
    template_name = "articles/author.html"

    def get_queryset(self):
        authors = Author.objects.select_related("image").prefetch_related("image__renditions")
        self.author = get_object_or_404(authors, slug=self.kwargs["slug"])
        return super().get_queryset().filter(article__authors=self.author)

    def get_context_data(self, **kwargs):
        return super().get_context_data(author=self.author, **kwargs)


class ArticleDetail(View):
    """The page; or the article's text alone for programs that would rather have it (RFC 9110,
    section 12.5.1). Whatever else is asked for, HTML is the answer."""

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        revision = Revision.objects.live().for_reading().filter(article__slug=slug).first()
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
        """What an address without a live article leads to: its new address, "gone", or nothing."""
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
        revision = Revision.objects.live().for_reading().filter(article__slug=slug).first()
        return self.elsewhere(slug) if revision is None else markdown_response(revision)

    def address_of(self, article: Article) -> str:
        return article.get_markdown_url()


def markdown_response(revision: Revision) -> HttpResponse:
    """The article as a document of its own; it names the page as the one to cite (RFC 6596)."""
    url = feeds.absolute(revision.get_absolute_url())
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
    context = {"feed": latest, "feed_url": feeds.absolute(request.path)}
    text = render_to_string(f"articles/feed.{form}", context, request)
    return HttpResponse(feeds.NO_CHARACTERS.sub("", text), content_type=FEED_TYPES[form])


def reading_context(revision: Revision, *, is_preview: bool = False) -> dict[str, Any]:
    """What templates/articles/detail.html needs; previews show the same page."""
    return {
        "revision": revision,
        "article": revision.article,
        "body": revision.rendered(),
        "more": Revision.objects.live().more_like(revision.article).for_listing()[:4],
        "is_preview": is_preview,
    }
