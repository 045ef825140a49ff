"""The address of an article that nobody has read yet: made from its title, and unique."""

from itertools import count

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from articles.models import Article, FormerSlug
from web.addresses import is_taken

UNTITLED = "untitled"
MAX_LENGTH = 100  # so that there is room for a number


def slug_of(title: str) -> str:
    return slugify(title)[:MAX_LENGTH].strip("-") or UNTITLED


def made(title: str) -> Article:
    """A new article, saved, at an address of its own."""
    article = Article(address_follows_title=True)
    _take_address(article, title)
    return article


def follow_title(article: Article, title: str) -> None:
    """Give the article the address of its title, unless it has that already, up to a number."""
    wanted = slug_of(title)
    if article.slug != wanted and not _is_numbered(article.slug, wanted):
        _take_address(article, title)


def settle(article: Article) -> None:
    """Before readers see it: from now on its address stays what it is."""
    if article.address_follows_title:
        article.address_follows_title = False
        article.save(update_fields=["address_follows_title"])


def _take_address(article: Article, title: str) -> None:
    wanted = slug_of(title)
    for number in count(1):
        slug = wanted if number == 1 else f"{wanted}-{number}"
        if _is_free(slug):
            try:
                with transaction.atomic():  # someone else may take it at the same moment
                    article.slug = slug
                    article.save()
                    return
            except IntegrityError:
                continue


def _is_numbered(slug: str, wanted: str) -> bool:
    start, _, number = slug.rpartition("-")
    return start == wanted and number.isdecimal()


def _is_free(slug: str) -> bool:
    has_article = Article.objects.filter(slug=slug).exists()
    is_former = FormerSlug.objects.filter(slug=slug).exists()
    return not (has_article or is_former or is_taken("articles:detail", slug))
