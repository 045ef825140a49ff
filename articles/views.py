from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.generic import ListView, View

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
        return super().get_queryset().in_series(self.series)

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
    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        revision = Revision.objects.live().for_reading().filter(article__slug=slug).first()
        if revision is None:
            return self.elsewhere(slug)
        return render(request, "articles/detail.html", reading_context(revision))

    def elsewhere(self, slug: str) -> HttpResponse:
        """What an address without a live article leads to: its new address, "gone", or nothing."""
        moved = Article.objects.filter(former_slugs__slug=slug)
        if Article.objects.retired().filter(slug=slug).exists() or moved.retired().exists():
            return render(self.request, "articles/gone.html", status=410)
        if target := moved.live().first():
            return redirect(target, permanent=True)
        raise Http404("There is no article at this address.")


def reading_context(revision: Revision, *, is_preview: bool = False) -> dict[str, Any]:
    """What templates/articles/detail.html needs; previews show the same page."""
    series = revision.article.series
    return {
        "revision": revision,
        "article": revision.article,
        "parts": Revision.objects.live().in_series(series).for_links() if series else [],
        "body": revision.rendered(),
        "more": Revision.objects.live().more_like(revision.article).for_listing()[:4],
        "is_preview": is_preview,
    }
