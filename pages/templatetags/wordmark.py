from django import template

from pages.wordmark import Wordmark, draw

register = template.Library()


@register.simple_tag
def drawn(name: str) -> Wordmark | None:
    """`{% drawn name as drawing %}`: the strokes of the name, None if it has to be set in type."""
    return draw(name)
