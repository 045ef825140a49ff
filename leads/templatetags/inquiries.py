"""`{% inquiry_form %}`: the form, for any public page that has room for it.

`{% sent_along %}`: whether a result has come with an inquiry already.
"""

from functools import cache

from crispy_forms.utils import render_crispy_form
from django import template
from django.template.context import Context
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from leads.intake.forms import InquiryForm
from leads.pipeline import assessments
from leads.pipeline.assessments import SentAlong
from readiness.models import Assessment

register = template.Library()

MARK = "⟦⟧"  # stands where the page and then the article will


@register.simple_tag(takes_context=True)
def inquiry_form(context: Context, about: str = "", assessment: str = "") -> SafeString:
    """An empty form that knows which page and which article (by slug) it stands on, or whose
    result: the address of that page is a secret, and goes along as the key only.
    """
    if assessment:
        shown = {"page": reverse("readiness:start"), "assessment": assessment}
        return _rendered(InquiryForm(initial=shown))
    to_the_page, to_the_article, to_the_end = _empty_form()
    return format_html(
        "{}{}{}{}{}", to_the_page, context["request"].path, to_the_article, about, to_the_end
    )


@register.simple_tag
def sent_along(assessment: Assessment) -> SentAlong | None:
    return assessments.sent_along(assessment)


@cache
def _empty_form() -> list[SafeString]:
    """The form around its two marks, made once a process: nothing else in it ever differs."""
    form = InquiryForm(initial={"page": MARK, "about": MARK})
    return [mark_safe(part) for part in _rendered(form).split(MARK)]  # noqa: S308 ours


def _rendered(form: InquiryForm) -> SafeString:
    html: SafeString = render_crispy_form(form)
    return html
