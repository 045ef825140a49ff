"""What plain-text emails need."""

from django import template
from django.template.defaultfilters import wordwrap

register = template.Library()


@register.filter
def wrapped(words: str, width: int) -> str:
    """In lines of that many characters; a number stays on the line of its percent sign."""
    return wordwrap(words.replace(" %", "\u00a0%"), width)
