from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache

from django.http import HttpRequest
from django.template.defaultfilters import pluralize
from django.urls import path, reverse

from articles.models import Revision
from pages import style
from pages.models import MenuLink, Page, Service
from prose.text import plain_text
from web.contributions import (
    EVERYTHING,
    PUBLISHER,
    Contribution,
    HomeCard,
    Menu,
    Place,
    Rows,
    SearchHit,
    Section,
)

# Searched again with every letter typed.
_text = lru_cache(maxsize=500)(plain_text)


def site_map() -> Iterator[tuple[str, datetime | None]]:
    latest = Revision.objects.live().order_by("-live_from").values_list("live_from", flat=True)
    yield reverse("pages:home"), latest.first()
    yield reverse("pages:services"), None
    for page in Page.objects.defer("body"):
        yield page.get_absolute_url(), page.edited_at


def search() -> Iterator[SearchHit]:
    services = reverse("pages:services")
    for service in Service.objects.prefetch_related("features")[:500]:
        features = " ".join(f"{one.title} {one.text}" for one in service.features.all())
        about = f"{service.text} {features}"
        yield SearchHit(service.heading, f"{services}#service-{service.pk}", "Services", about)


def llms() -> Iterator[Section]:
    services = "; ".join(Service.objects.values_list("heading", flat=True))
    yield Section("What we do", [("Services", reverse("pages:services"), services)], position=20)
    pages = [
        (page.title, page.get_absolute_url(), page.description)
        for page in Page.objects.defer("body")
    ]
    yield Section("Optional", pages, position=90)
    everything = [("Site map", reverse("pages:sitemap"), "every page")]
    yield Section("Optional", everything, position=92)


def home(request: HttpRequest) -> Iterator[HomeCard]:
    if request.user.has_perm("pages.change_page") and (count := Page.objects.unlinked().count()):
        label = f"page{pluralize(count)} that nothing links to"
        yield HomeCard(count, label, f"{reverse('admin:pages_page_changelist')}?links=none")
    may_change = request.user.has_perm("pages.change_menulink")
    if may_change and (left_out := MenuLink.objects.left_out().count()):
        label = f"menu link{pluralize(left_out)} not shown, because visitors cannot open the target"
        yield HomeCard(left_out, label, f"{reverse('admin:pages_menulink_changelist')}?shown=no")


contribution = Contribution(
    places=(
        Place("pages:home", "Home"),
        Place("pages:services", "Services", "services offer pricing prices cost rates"),
    ),
    rows=(
        Rows(
            "pages:page",
            Page.objects.all,
            about=lambda page: f"{page.description} {_text(page.body)}",
            table="pages_page",
        ),
    ),
    no_pages=(
        *(f"pages:{name}" for name in ("llms", "manifest", "robots", "security_txt", "style")),
        *(f"pages:{name}" for name in ("article_card", "site_card", "sitemap", "sitemap_part")),
        *("pages:media", "pages:wordmark"),
    ),
    site_map=site_map,
    search=search,
    llms=llms,
    ids=r"main|latest|our-offices|service-\d+",
    shown=(
        "pages.Feature",
        "pages.MenuLink",
        "pages.Page",
        "pages.Service",
        "pages.SiteSettings",
    ),
    not_shown=("pages.PagePicture",),  # written with the page that they belong to
    # Emails that were sent long ago lead to it, and the form on every page.
    never_deleted={"pages_page": "OLD.key = 'privacy'"},
    navigation=(
        Menu(
            "Site",
            ("pages.Page", "pages.MenuLink", "pages.Service", "pages.SiteSettings"),
            position=30,
        ),
    ),
    privacy_page=Page.objects.privacy_page,
    home=home,
    admin_urls=lambda site: [path("style/", style.style, name="style")],
    rights={
        PUBLISHER: {
            "sitesettings": "change view",
            "service": EVERYTHING,
            "feature": EVERYTHING,
            "page": EVERYTHING,
            "menulink": EVERYTHING,
        }
    },
    impersonal=(
        "pages.Feature",
        "pages.MenuLink",
        "pages.Page",
        "pages.PagePicture",
        "pages.Service",
        "pages.SiteSettings",
    ),
    demo="pages.demo.part",
)
