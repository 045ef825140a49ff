"""What we publish. Nothing here knows that leads exist."""

from articles.models.articles import Article, Revision, RevisionPicture
from articles.models.groups import Author, Byline, Series, Topic
from articles.models.history import HistoryLine
from articles.models.links import FormerSlug, MoreArticle
from articles.models.listed import ListedArticle
from articles.models.private import PrivateName
from articles.models.reviews import Review, Verdict
from articles.models.search import RevisionText, SearchCount, SearchWord
from articles.models.trail import DraftState

__all__ = [
    "Article",
    "Author",
    "Byline",
    "DraftState",
    "FormerSlug",
    "HistoryLine",
    "ListedArticle",
    "MoreArticle",
    "PrivateName",
    "Review",
    "Revision",
    "RevisionPicture",
    "RevisionText",
    "SearchCount",
    "SearchWord",
    "Series",
    "Topic",
    "Verdict",
]
