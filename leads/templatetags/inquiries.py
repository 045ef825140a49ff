"""`{% inquiry_form %}`: the form, for any public page that has room for it."""

from django import template
from django.template.context import Context

from leads.forms import InquiryForm

register = template.Library()


@register.simple_tag(takes_context=True)
def inquiry_form(context: Context, about: str = "") -> InquiryForm:
    """An empty form that knows which page and which article (by slug) it stands on."""
    return InquiryForm(initial={"page": context["request"].path, "about": about})
