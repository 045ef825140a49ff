"""What each app says of itself, and that nothing else has to know of a new one."""

import sys
from textwrap import dedent

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.core.management import call_command
from django.db import connection
from django.test import Client, RequestFactory
from django.urls import clear_url_caches, get_resolver
from django.utils import timezone

from accounts.models import User
from accounts.roles import PUBLISHER
from demo.ledger import Ledger
from page_cache import stamp
from pages.models import MenuLink
from privacy import erasing
from privacy.collecting import collect
from redirects.models import MissingPage
from redirects.nearest import nearest
from tests.builders import signed_in, user
from web import contributions, health

OURS = [config for config in apps.get_app_configs() if (settings.BASE_DIR / config.name).is_dir()]
# page_cache imports nothing of ours, so web speaks for its one model.
SPEAKS_FOR = {"page_cache": "web"}


def models_of(label):
    """Every model with a table that the app has made, tables between two models included."""
    models = apps.get_app_config(label).get_models(include_auto_created=True)
    return {model._meta.label for model in models if model._meta.managed}


@pytest.mark.parametrize("label", [config.label for config in OURS])
def test_every_model_says_whether_public_pages_show_it(label):
    said = contributions.contributions().get(SPEAKS_FOR.get(label, label))
    models = models_of(label)
    shown = [each if isinstance(each, str) else each.model for each in said.shown] if said else []
    hidden = list(said.not_shown) if said else []

    assert {model for model in [*shown, *hidden] if model.startswith(f"{label}.")} == models
    assert not set(shown) & set(hidden)


@pytest.mark.parametrize("label", [config.label for config in OURS])
def test_every_model_says_whether_it_is_personal(label):
    personal = {each.model for one in contributions.every() for each in one.personal}
    others = {model for one in contributions.every() for model in one.impersonal}

    assert {model for model in personal | others if model.startswith(f"{label}.")} == (
        models_of(label)
    )
    assert not personal & others


def test_every_public_address_is_a_page_to_be_found_or_says_that_it_is_none():
    pages = {place.url_name for place in contributions.places()}
    for rows in contributions.public_rows():
        pages |= {rows.url_name, *rows.also}
    others = {name for one in contributions.every() for name in one.no_pages}

    named = set(public_names(get_resolver().url_patterns))

    assert named == pages | others
    assert not pages & others


def public_names(patterns, space=""):
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            if pattern.namespace != "admin":
                below = f"{pattern.namespace}:" if pattern.namespace else space
                yield from public_names(pattern.url_patterns, below)
        elif pattern.name:
            yield f"{space}{pattern.name}"


def test_whatever_the_admin_shows_has_its_place_in_the_navigation():
    placed = [
        label for one in contributions.every() for menu in one.navigation for label in menu.models
    ]

    assert set(placed) >= {
        model._meta.label
        for model in admin.site._registry
        if (settings.BASE_DIR / model._meta.app_label).is_dir() and not is_hidden(model)
    }
    assert len(set(placed)) == len(placed)


def is_hidden(model):
    request = RequestFactory().get("/admin/")
    request.user = User(is_superuser=True, is_staff=True)
    model_admin = admin.site._registry[model]
    allowed = model_admin.get_model_perms(request).values()
    return not (model_admin.has_module_permission(request) and any(allowed))


FAIRS = {
    "__init__.py": "",
    "models.py": """
        from django.db import models
        from django.urls import reverse


        class Fair(models.Model):
            name = models.CharField(max_length=80)
            slug = models.SlugField(unique=True)

            def __str__(self):
                return self.name

            def get_absolute_url(self):
                return reverse("fairs:detail", args=[self.slug])


        class Guest(models.Model):
            email = models.EmailField()
        """,
    "urls.py": """
        from django.urls import path
        from django.views.generic import DetailView, ListView

        from fairs.models import Fair

        all_fairs = ListView.as_view(model=Fair, template_name="400.html")
        one_fair = DetailView.as_view(model=Fair, template_name="400.html")
        app_name = "fairs"
        urlpatterns = [
            path("", all_fairs, name="list"),
            path("<slug:slug>/", one_fair, name="detail"),
        ]
        """,
    "admin.py": """
        from django.contrib import admin

        from fairs.models import Fair

        admin.site.register(Fair)
        """,
    "contributes.py": """
        from django.http import HttpResponse
        from django.urls import path

        from fairs.models import Fair, Guest
        from web.contributions import Contribution, Menu
        from web.personal import Personal
        from web.public import Place, Rows, Section
        from web.screens import (
            SELLING, Action, Found, Headline, HomeCard, HomeItem, HomeList, Keys, Part, Screen
        )

        def booths(request):
            return HttpResponse("Booths")


        contribution = Contribution(
            places=(Place("fairs:list", "All fairs"),),
            rows=(
                Rows(
                    "fairs:detail",
                    Fair.objects.all,
                    title="name",
                    kind="Fair",
                    about=lambda fair: "exhibition booth",
                    table="fairs_fair",
                ),
            ),
            llms=lambda: [Section("Fairs", [("Hanover", "/fairs/hanover/", "in spring")])],
            ids="fair-guide",
            shown=("fairs.Fair",),
            not_shown=("fairs.Guest",),
            never_deleted={"fairs_fair": "OLD.slug = 'kept'"},
            navigation=(Menu("Fairs and booths", ("fairs.Fair",), position=5),),
            screens=(
                Screen(
                    "Fairs",
                    "admin:fairs_fair_changelist",
                    group=SELLING,
                    permissions=("fairs.view_fair",),
                    count=lambda request: 1000,
                ),
            ),
            actions=(Action("Book a booth at a fair", "admin:booths"),),
            keys=(Keys("Fairs", (("b", "Next booth"),)),),
            finds=lambda request, words: [Found("Hanover fair", "/admin/fairs/fair/1/", "Fairs")],
            home=lambda request: [HomeCard(3, "fairs need a booth", "/admin/fairs/fair/")],
            home_lists=lambda request: [
                HomeList(
                    "Next fairs",
                    [HomeItem("Dublin", "/admin/fairs/fair/", moment="in a week")],
                    empty="No fairs.",
                    url="/admin/fairs/fair/",
                )
            ],
            headline=lambda request: Headline((Part("Berlin wants us."),), position=1),
            warnings=lambda request: ["No fair is booked."],
            admin_urls=lambda site: [path("booths/", booths, name="booths")],
            rights={"Publisher": {"fair": "add view"}},
            checks={"fairs": lambda: "The tent is down."},
            personal=(
                Personal(
                    "fairs.Guest",
                    "Guests",
                    "They came to a fair.",
                    rows=lambda person: Guest.objects.filter(email__in=person.addresses),
                ),
            ),
            impersonal=("fairs.Fair",),
            demo="fairs.demo.part",
        )
        """,
    "demo.py": """
        from fairs.models import Fair, Guest
        from web.demo import Part


        def load(demo):
            demo.once("fair dublin", lambda: Fair.objects.create(name="Dublin", slug="dublin"))
            demo.once("fair kyoto", lambda: Fair.objects.create(name="Kyoto", slug="kyoto"))


        def booked(row):
            return "its booth is booked" if getattr(row, "slug", "") == "kyoto" else ""


        part = Part(
            load,
            position=1,
            why_kept=booked,
            clean_up=lambda demo: Guest.objects.create(email="cleaner@example.com"),
        )
        """,
    "site_urls.py": """
        from django.contrib import admin
        from django.urls import include, path

        import fairs.admin
        from config.urls import handler400, handler404
        from config.urls import urlpatterns as others

        urlpatterns = [
            path("fairs/", include("fairs.urls")),
            path("admin/", admin.site.urls),  # asked again, now that there is one more
            *others,
        ]
        """,
}


@pytest.fixture
def fairs(tmp_path, monkeypatch, settings):
    """An app made a moment ago: one line in the settings, one in the addresses, its own folder."""
    folder = tmp_path / "fairs"
    folder.mkdir()
    for name, text in FAIRS.items():
        (folder / name).write_text(dedent(text))
    monkeypatch.syspath_prepend(tmp_path)
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "fairs"]
    settings.ROOT_URLCONF = "fairs.site_urls"
    clear_url_caches()
    try:
        call_command("migrate", run_syncdb=True, verbosity=0)
        from fairs import models  # noqa: PLC0415 made a moment ago

        yield models
        with connection.schema_editor() as editor:
            editor.delete_model(models.Fair)
            editor.delete_model(models.Guest)
    finally:
        for model in [model for model in admin.site._registry if model._meta.label == "fairs.Fair"]:
            admin.site.unregister(model)
        for name in [name for name in sys.modules if name.split(".")[0] == "fairs"]:
            del sys.modules[name]
        apps.all_models.pop("fairs", None)
        contributions._gathered.cache_clear()
        clear_url_caches()


@pytest.mark.django_db(transaction=True)
def test_a_new_app_is_collected_everywhere_without_another_file_being_touched(fairs):
    before = stamp.stamp(contributions.moments()).value
    hanover = fairs.Fair.objects.create(name="Hanover", slug="hanover")
    client, publisher = Client(), signed_in(PUBLISHER)

    # What visitors meet
    assert stamp.stamp(contributions.moments()).value != before
    assert "/fairs/hanover/</loc>" in client.get("/sitemap.xml").text
    assert "/fairs/hanover/): in spring" in client.get("/llms.txt").text
    assert [near.url for near in nearest("/fairs/hannover/")] == ["/fairs/hanover/"]
    assert "Hanover" in client.get("/articles/search/", {"q": "booth"}).text
    assert contributions.page_ids().fullmatch("fair-guide")

    # Addresses
    MissingPage.objects.create(path="/fairs/hanover")
    assert not MissingPage.objects.still_missing().exists()
    hanover.slug = "hannover-messe"
    hanover.save()
    assert client.get("/fairs/hanover/").headers["Location"] == "/fairs/hannover-messe/"

    # The menu
    for number, target in enumerate(
        [
            {"leads_to": "place:/fairs/"},
            {"leads_to": "place:/fairs/", "suffix": "#booths"},
            {"leads_to": "address", "address": "/fairs/?q=1"},
        ]
    ):
        form = {"label": f"Fairs {number}", "place": "header", "position": 0, **target}
        assert publisher.post("/admin/pages/menulink/add/", form).status_code == 302
    menu = MenuLink.objects.filter(label__startswith="Fairs").order_by("label")
    assert [link.url for link in menu] == ["/fairs/", "/fairs/#booths", "/fairs/?q=1"]

    # The desk
    home = publisher.get("/admin/").text
    assert "fairs need a booth" in home
    assert "No fair is booked." in home
    assert "Berlin wants us" in home
    assert "Dublin" in home and "in a week" in home
    assert '<a href="/admin/fairs/fair/">Fairs <b>999+</b></a>' in " ".join(home.split())
    assert "Fairs and booths" in publisher.get("/admin/tables/").text
    found = publisher.get("/admin/find/?q=fair").text
    assert (
        "Hanover <mark>fair</mark>" in found
        and "Book a booth" in found
        and "/admin/booths/" in found
    )
    assert "Next booth" in publisher.get("/admin/keys/").text
    assert publisher.get("/admin/booths/").text == "Booths"
    assert publisher.get("/admin/fairs/fair/add/").status_code == 200

    # Operation and privacy
    assert health.checks()["fairs"]() == "The tent is down."
    fairs.Guest.objects.create(email="ada@example.com")
    eve = fairs.Guest.objects.create(email="eve@example.com")
    erasing.erase(collect(["ADA@example.com"]), by=user())
    assert fairs.Guest.objects.get() == eve


@pytest.mark.django_db(transaction=True)
def test_a_new_app_brings_its_own_part_of_the_demo(fairs):
    ledger = Ledger(timezone.now())

    loaded = []
    for part in [ledger.parts[0], ledger.parts[0]]:  # the first by its position; twice
        part.load(ledger)
        loaded.append(sorted(fair.name for fair in fairs.Fair.objects.all()))
    said = list(Ledger(timezone.now()).remove())

    assert loaded == [["Dublin", "Kyoto"], ["Dublin", "Kyoto"]]
    assert [fair.name for fair in fairs.Fair.objects.all()] == ["Kyoto"]
    assert said == ["Kyoto was kept: its booth is booked."]
    assert fairs.Guest.objects.get().email == "cleaner@example.com"
