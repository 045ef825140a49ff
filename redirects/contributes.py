from collections.abc import Iterator

from django.http import HttpRequest
from django.template.defaultfilters import pluralize
from django.urls import reverse

from desk.matching import matching
from redirects import missing, paths
from redirects.models import MissingPage, Redirect
from web.contributions import EVERYTHING, PUBLISHER, Contribution, Menu
from web.personal import Personal
from web.public import Shown
from web.screens import Action, Found, HomeCard, Screen


def home(request: HttpRequest) -> Iterator[HomeCard]:
    if not request.user.has_perm("redirects.view_missingpage"):
        return
    if often := MissingPage.objects.still_missing().often().count():
        label = f"missing page{pluralize(often)} that visitors often request"
        yield HomeCard(often, label, reverse("admin:redirects_missingpage_changelist"))


def finds(request: HttpRequest, words: str) -> Iterator[Found]:
    if request.user.has_perm("redirects.view_redirect"):
        for one in matching(Redirect.objects.all(), words, "path", "target", "note"):
            url = reverse("admin:redirects_redirect_change", args=[one.pk])
            yield Found(one.path, url, "Redirects", f"to {one.target}")


contribution = Contribution(
    # Only those at the home page, /?p=123, are asked for where there is a page; and a redirect
    # counts how often it is used.
    shown=(Shown("redirects.Redirect", only_when="{row}.path LIKE '/?%'", only_column="path"),),
    not_shown=("redirects.MissingPage",),
    links_to=lambda path, page: [
        (
            Redirect.objects.filter(target_path=paths.path_of(path)).count(),
            "redirect leads to it",
            "redirects lead to it",
        )
    ],
    navigation=(Menu("Site", ("redirects.Redirect", "redirects.MissingPage"), position=33),),
    screens=(
        Screen(
            "Redirects",
            "admin:redirects_redirect_changelist",
            group="Site",
            position=5,
            permissions=("redirects.view_redirect",),
            covers=("redirects.Redirect",),
        ),
        Screen(
            "Missing pages",
            "admin:redirects_missingpage_changelist",
            group="Site",
            position=6,
            permissions=("redirects.view_missingpage",),
            covers=("redirects.MissingPage",),
            words="404 not found",
        ),
    ),
    actions=(
        Action(
            "Add a redirect",
            "admin:redirects_redirect_add",
            ("redirects.add_redirect",),
            words="new move address",
        ),
    ),
    finds=finds,
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
    retention=(missing.RULE,),
    impersonal=("redirects.Redirect",),
    bounded={
        "redirects.Redirect": "One for each address that moved or that staff enter.",
        "redirects.MissingPage": "At most 5,000.",
    },
)
