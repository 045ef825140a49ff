from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache

from django.core.cache import cache
from django.http import HttpRequest
from django.template.defaultfilters import pluralize
from django.urls import path, reverse

from articles.models import Revision
from page_cache.models import ContentStamp
from pages import finding, style
from pages.discovery import social_cards
from pages.discovery.draft_cards import draft_card
from pages.models import MENU_ROWS, MenuLink, Page, Service, SiteSettings
from prose.own_links import leading_to
from prose.text import plain_text
from web.contributions import EVERYTHING, PUBLISHER, Contribution, Menu
from web.files import MediaKind
from web.public import Place, Rows, SearchHit, Section
from web.screens import AROUND, WRITING, Action, HomeCard, Screen

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
    if request.user.has_perm("pages.change_page") and (count := _unlinked()):
        label = f"page{pluralize(count)} that nothing links to"
        yield HomeCard(count, label, f"{reverse('admin:pages_page_changelist')}?links=none")
    may_change = request.user.has_perm("pages.change_menulink")
    if may_change and (left_out := MenuLink.objects.left_out().count()):
        label = f"menu link{pluralize(left_out)} not shown, because visitors cannot open the target"
        yield HomeCard(left_out, label, f"{reverse('admin:pages_menulink_changelist')}?shown=no")


def _unlinked() -> int:
    """How many pages nothing links to; it reads every public text, so only after a change. What
    goes live by the clock changes nothing else, and counts ten minutes later.
    """
    changed = ContentStamp.objects.values_list("value", flat=True).first()
    key = f"unlinked-pages:{changed}"
    return cache.get_or_set(key, lambda: Page.objects.unlinked().count(), timeout=600) or 0


def links_to(path: str, page: str) -> Iterator[tuple[int, str, str]]:
    """From menus, and from the text of pages."""
    menus = MenuLink.objects.select_related(*MENU_ROWS)
    count = sum(link.url.partition("#")[0].partition("?")[0] == path for link in menus)
    yield count, "menu link leads to it", "menu links lead to it"
    texts = Page.objects.filter(leading_to(path, page))
    yield texts.count(), "page links to it", "pages link to it"


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
    links_to=links_to,
    linked=(finding.LINKED,),
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
    # What the code names: emails that were sent long ago lead there, and the form on every page.
    never_deleted={"pages_page": "OLD.key IS NOT NULL"},
    navigation=(
        Menu(
            "Site",
            ("pages.Page", "pages.MenuLink", "pages.Service", "pages.SiteSettings"),
            position=30,
        ),
    ),
    screens=(
        Screen("Site", group=WRITING, position=23),
        *(
            Screen(
                name,
                f"admin:pages_{model.lower()}_changelist",
                group="Site",
                position=position,
                permissions=(f"pages.view_{model.lower()}",),
                covers=(f"pages.{model}",),
                words=words,
            )
            for name, model, position, words in (
                ("Pages", "Page", 1, "about privacy copy"),
                ("Menus", "MenuLink", 2, "menu links navigation header footer"),
                ("Services", "Service", 3, "offers"),
                ("Site settings", "SiteSettings", 7, "name tagline home"),
            )
        ),
        Screen(
            "Style",
            "admin:style",
            group="Site",
            position=8,
            permissions=("pages.view_page",),
            words="how the site looks",
            covers=("admin:desk_style",),
        ),
        Screen("View site", "pages:home", group=AROUND, position=51),
    ),
    actions=(
        Action("Add a page", "admin:pages_page_add", ("pages.add_page",), words="new"),
        Action("Add a menu link", "admin:pages_menulink_add", ("pages.add_menulink",), words="new"),
    ),
    privacy_page=Page.objects.privacy_page,
    responsible=SiteSettings.responsible,
    finds=finding.finds,
    home=home,
    admin_urls=lambda site: [
        path("style/", style.style, name="style"),
        path("article-card/<int:pk>.png", site.admin_view(draft_card), name="article_draft_card"),
    ],
    needs_second_factor=("pages.change_page", "pages.change_sitesettings"),
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
    bounded={
        "pages.Feature": "As many as staff write.",
        "pages.MenuLink": "As many as staff make.",
        "pages.Page": "As many as staff write.",
        "pages.PagePicture": "Goes with its page.",
        "pages.Service": "As many as staff write.",
        "pages.SiteSettings": "One row.",
    },
    media=(
        MediaKind(
            "Cards for shared links",
            r"cards/[0-9a-f]{2}/[0-9a-f]{16}\.png",
            "One per live article. One of an earlier title is deleted after a week.",
            social_cards.needed,
        ),
    ),
)
