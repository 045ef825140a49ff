from django import template

from web.disk import in_words

register = template.Library()


@register.filter(name="bytes")
def bytes_in_words(size: float) -> str:
    """ "3.2 GB"."""
    return in_words(size)
