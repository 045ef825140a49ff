from django import template

from pages.models import Page, SiteSettings
from web.addresses import absolute
from web.memo import remembered

register = template.Library()


@register.simple_tag
@remembered
def company_name() -> str:
    """`{% company_name %}`: what the site calls us, where there is no request: in letters."""
    return SiteSettings.load().name


@register.simple_tag
@remembered
def page_address(key: str) -> str:
    """The current absolute address of a page that the code names, for emails; empty if gone."""
    page = Page.objects.filter(key=key).first()
    return absolute(page.get_absolute_url()) if page else ""
