"""What "Find anything" finds of articles."""

from collections.abc import Collection, Iterator

from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from articles import search
from articles.models import Article, Author, Revision, Series, Topic
from desk.finding import MAX_OF_A_KIND
from desk.matching import excerpt, matching
from web.screens import Found, Linked, LinkTarget

GROUPS = ((Topic, "name", "Topics"), (Series, "title", "Series"), (Author, "name", "Authors"))


def finds(request: HttpRequest, words: str) -> Iterator[Found]:
    """By title and summary whatever their state; by every word of what visitors read."""
    if request.user.has_perm("articles.view_article"):
        named = list(matching(_latest(), words, "title", "summary"))
        yield from (_found(one, _state(one)) for one in named)
        if len(named) < MAX_OF_A_KIND:
            yield from _said(words, but={one.article_id for one in named})
    for model, name, kind in GROUPS:
        if request.user.has_perm(f"articles.view_{model._meta.model_name}"):
            for row in matching(model.objects.all(), words, name):
                url = reverse(f"admin:articles_{model._meta.model_name}_change", args=[row.pk])
                yield Found(str(row), url, kind)


def _latest() -> QuerySet[Revision]:
    """Of each article the revision that colleagues know it by."""
    newest = Revision.objects.filter(article=OuterRef("article")).latest_first()
    latest = Revision.objects.filter(pk=Subquery(newest.values("pk")[:1]))
    return latest.select_related("article").defer("body")


def _said(words: str, *, but: set[int]) -> Iterator[Found]:
    results = search.search(words, may_correct=False)
    if results.is_loose:
        return
    for hit in results.hits(results.matches.foremost[: MAX_OF_A_KIND + len(but)]):
        if hit.revision.article_id not in but:
            yield _found(hit.revision, excerpt(hit.revision.text.body, words))


def _found(revision: Revision, about: str) -> Found:
    url = reverse("admin:articles_article_change", args=[revision.article_id])
    return Found(revision.title, url, "Articles", about)


def _state(revision: Revision) -> str:
    if revision.article.off_site_since:
        return "Retired" if revision.article.retired_at else "Unpublished"
    if revision.state != Revision.State.PUBLISHED:
        return str(revision.get_state_display())
    is_coming = revision.live_from and revision.live_from > timezone.now()
    return "Scheduled" if is_coming else "Published"


def targets(numbers: Collection[int]) -> list[LinkTarget]:
    """Without titles: those are for who chooses."""
    articles = Article.objects.filter(pk__in=numbers)
    live = set(Article.objects.live().filter(pk__in=numbers).values_list("pk", flat=True))
    return [
        LinkTarget(f"article:{one.pk}", "", one.get_absolute_url(), is_public=one.pk in live)
        for one in articles
    ]


def _linked(request: HttpRequest, words: str) -> list[LinkTarget]:
    if not request.user.has_perm("articles.view_article"):
        return []
    latest = _latest()
    found = matching(latest, words, "title") if words else latest.order_by("-edited_at", "-pk")
    revisions = list(found[:MAX_OF_A_KIND])
    public = {
        target.page for target in targets([one.article_id for one in revisions]) if target.is_public
    }
    made = []
    for one in revisions:
        page = f"article:{one.article_id}"
        state = "" if page in public else _state(one)
        path = one.article.get_absolute_url()
        made.append(LinkTarget(page, one.title, path, page in public, state))
    return made


LINKED = Linked("article", targets, _linked)
