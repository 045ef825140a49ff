"""What the page of an article shows of other people: who else is in it, what was asked of whom, the
page as readers would get it, and on a first visit what colleagues would say.
"""

import js_asset
from django.forms import Script

from articles import signing, trail
from articles.models import Review
from desk import guides
from desk.presence_admin import PresenceAdmin

# The preview beside the words, and the guide
PAGE = js_asset.Media(
    js=[
        Script("admin/articles/beside.js", type="module"),
        Script("admin/desk/guide.js", type="module"),
    ],
    css={"all": ["admin/articles/beside.css", "admin/articles/company.css"]},
)


class InCompany(PresenceAdmin):
    """An article is seldom written by one person alone."""

    def taken_over(self, row):
        """What its writer has typed until now stays a state of its own, whatever becomes of it."""
        if draft := row.draft():
            trail.keep(draft)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        if not change:
            signing.sign_new(form.instance, by=request.user)

    def render_change_form(self, request, context, *args, **kwargs):
        article = kwargs.get("obj")
        context["media"] = js_asset.Media.from_media(context["media"]) + PAGE
        context["guide_is_wanted"] = guides.is_wanted(request.user, guides.WRITING)
        if article is None or article.pk is None:
            context["signs"] = signing.author_of(request.user)
        else:
            reviews = Review.objects.filter(
                revision__article=article, revision__state__in=["draft", "in_review"]
            )
            context["review"] = reviews.select_related(
                "asked_by", "asked_of", "verdict__by"
            ).first()
        return super().render_change_form(request, context, *args, **kwargs)
