"""What leads readers to an article: asked before it is taken off the site."""

from django.db.models import Q

from articles.models import Article, Revision
from prose.own_links import leading_to as leading_to_page
from web.contributions import every


def leading_to(article: Article) -> list[str]:
    """In words, each kind with its number: “3 articles link to it”. What there is none of is left
    out.
    """
    paths = [article.get_absolute_url(), article.get_markdown_url()]
    page = f"article:{article.pk}"
    texts = Q()
    for path in paths:
        texts |= leading_to_page(path, page)
    live = Revision.objects.live().exclude(article=article)
    chosen = live.filter(article__more_links__other=article)
    counted = [
        (live.filter(texts).count(), "live article links to it", "live articles link to it"),
        (
            chosen.count(),
            "live article lists it as related",
            "live articles list it as related",
        ),
        (
            article.former_slugs.count(),
            "old address of its own redirects to it",
            "old addresses of its own redirect to it",
        ),
    ]
    for one in every():
        counted += one.links_to(paths[0], page)
    return [f"{count} {one if count == 1 else many}" for count, one, many in counted if count]
