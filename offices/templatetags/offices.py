import json

from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from offices.models import Office

register = template.Library()

# Inside a script element nothing is escaped by the browser: “</script>” would end it.
ESCAPED = {ord(character): f"\\u{ord(character):04X}" for character in "<>&"}


@register.simple_tag
def office_structured_data(office: Office, business: str = "") -> SafeString:
    """`{% office_structured_data office site.settings.name %}`: JSON-LD for search engines."""
    data = office.structured_data(site_url=settings.SITE_URL, business=business)
    return format_html(
        '<script type="application/ld+json">{}</script>',
        mark_safe(json.dumps(data, ensure_ascii=False).translate(ESCAPED)),
    )
