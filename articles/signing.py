"""Who signs a new article: whoever writes it, if they are one of the authors that readers know."""

from accounts.models import User
from articles.models import Article, Author, Byline


def author_of(user: User | None) -> Author | None:
    return Author.objects.filter(user=user.pk).first() if user and user.pk else None


def sign_new(article: Article, *, by: User | None) -> None:
    """Unless somebody has signed it already."""
    author = author_of(by)
    if author and not Byline.objects.filter(article=article).exists():
        Byline.objects.create(article=article, author=author, position=0)
