from collections.abc import Iterator

from django.http import HttpRequest
from django.template.defaultfilters import pluralize
from django.urls import reverse

from redirects import missing
from redirects.models import MissingPage
from web.contributions import EVERYTHING, PUBLISHER, Contribution, HomeCard, Menu, Shown
from web.personal import Personal


def home(request: HttpRequest) -> Iterator[HomeCard]:
    if not request.user.has_perm("redirects.view_missingpage"):
        return
    if often := MissingPage.objects.still_missing().often().count():
        label = f"missing page{pluralize(often)} that visitors often request"
        yield HomeCard(often, label, reverse("admin:redirects_missingpage_changelist"))


contribution = Contribution(
    # Only those at the home page, /?p=123, are asked for where there is a page; and a redirect
    # counts how often it is used.
    shown=(Shown("redirects.Redirect", only_when="{row}.path LIKE '/?%'", only_column="path"),),
    not_shown=("redirects.MissingPage",),
    navigation=(Menu("Site", ("redirects.Redirect", "redirects.MissingPage"), position=33),),
    home=home,
    rights={PUBLISHER: {"redirect": EVERYTHING, "missingpage": "delete view"}},
    personal=(
        Personal(
            "redirects.MissingPage",
            "Searches and missing pages",
            "The address that was requested, or the site that linked to it, names them.",
            missing.naming,
        ),
    ),
    impersonal=("redirects.Redirect",),
)
