from django import template
from django.utils.safestring import SafeString, mark_safe

from prose.markdown_syntax import escaped

register = template.Library()


@register.filter
def markdown_text(text: str) -> SafeString:
    """`{{ title|markdown_text }}`: plain text, for templates that make Markdown."""
    return mark_safe(escaped(text))  # noqa: S308 Markdown, no part of a page
