from django import template
from django.utils.safestring import SafeString

from prose import typography

register = template.Library()


@register.filter
def typeset(text: object) -> SafeString:
    """`{{ revision.title|typeset }}`: typographic quotes, and places for long names to break."""
    return typography.breakable(typography.curly(str(text or "")))
