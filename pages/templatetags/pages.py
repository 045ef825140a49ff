from django import template

from pages.models import SiteSettings

register = template.Library()


@register.simple_tag
def company_name() -> str:
    """`{% company_name %}`: what the site calls us, where there is no request: in letters."""
    return SiteSettings.load().name
