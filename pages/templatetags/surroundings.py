"""`{% surrounding "_footer.html" %}`: a block that stands alike on page after page."""

from django import template
from django.template.context import Context
from django.utils.safestring import SafeString

from pages.context_processors import Site

register = template.Library()


@register.simple_tag(takes_context=True)
def surrounding(context: Context, name: str) -> SafeString:
    """The template, which may ask for `site`, `services` and `offices` and for nothing else.

    What it shows of the clock changes at a quarter of an hour at the earliest.
    """
    site: Site = context["site"]
    return site.block(name)
