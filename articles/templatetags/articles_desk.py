"""What templates of the desk ask of an article."""

from django import template

from articles.admin import history_page
from articles.admin.history_page import Entry
from articles.models import Article
from web.contributions import every

register = template.Library()


@register.simple_tag(takes_context=True)
def brought(context: template.Context, article: Article) -> list[tuple[str, str]]:
    """`{% brought article as told %}`: what came of it, as other apps tell it: a label and what it
    says, in the order of the list’s columns. Empty where there is nothing that the person may see.
    """
    request = context["request"]
    told = []
    for one in every():
        for columns in one.list_columns:
            if columns.rows != "articles.Article" or not (labels := columns.labels(request)):
                continue
            cells = columns.cells(request, [article.pk]).get(article.pk)
            told += list(zip(labels.values(), cells, strict=True)) if cells else []
    return told


@register.simple_tag
def history_of(article: Article, most: int = 12) -> list[Entry]:
    """`{% history_of article as entries %}`: for articles/desk/_history.html."""
    return history_page.entries(article, most=most)
