"""What we publish. Nothing here knows that leads exist."""

from articles.models.articles import Article, Revision, RevisionPicture
from articles.models.groups import Author, Byline, Series, Topic
from articles.models.links import FormerSlug, MoreArticle
from articles.models.search import RevisionText, SearchCount, SearchWord

__all__ = [
    "Article",
    "Author",
    "Byline",
    "FormerSlug",
    "MoreArticle",
    "Revision",
    "RevisionPicture",
    "RevisionText",
    "SearchCount",
    "SearchWord",
    "Series",
    "Topic",
]
