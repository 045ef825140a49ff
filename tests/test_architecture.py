"""Who may import whom, kept by a machine."""

import ast

import pytest
from django.conf import settings

# From the ground up: a room imports only from rooms below it, and only from these.
GROUND = {"web", "desk"}
MAY_IMPORT = {
    "page_cache": set(),
    "web": {"page_cache"},
    "desk": {"web"},
    "images": GROUND,
    "mail": GROUND,
    "redirects": GROUND,
    "accounts": GROUND | {"mail"},
    "prose": GROUND | {"images"},
    "privacy": GROUND | {"accounts", "mail", "prose"},
    "offices": GROUND | {"images", "redirects"},
    "articles": GROUND | {"accounts", "images", "prose", "redirects"},
    "readiness": GROUND | {"accounts", "articles"},
    "leads": GROUND
    | {"accounts", "articles", "images", "mail", "offices", "privacy", "prose", "readiness"},
    "pages": GROUND
    | {"accounts", "articles", "images", "leads", "offices", "privacy", "prose", "readiness"}
    | {"redirects"},
    # Nobody imports it, and a real site has it not. It knows no app by name: each brings its part.
    "demo": {"web"},
}
# `config` reads the environment; everyone else asks `django.conf.settings`.
OURS = MAY_IMPORT.keys() | {"config"}

# The wings of leads, in the same way. Its models stand below all of them; urls, tasks and what it
# contributes above.
WINGS = {
    "briefs": set(),
    "pipeline": set(),
    "messages": {"briefs", "pipeline"},
    "intake": {"briefs", "messages", "pipeline"},
    "insight": {"pipeline"},
    "admin": {"briefs", "insight", "intake", "messages", "pipeline"},
    "demo": {"intake", "messages", "pipeline"},
}


def imported_packages(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            yield node.module.split(".")[0]
        elif isinstance(node, ast.Import):
            yield from (name.name.split(".")[0] for name in node.names)


def imported_wings(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            room, _, wing = node.module.partition(".")
            if room == "leads":
                yield from [wing.split(".")[0]] if wing else [name.name for name in node.names]


def test_every_app_has_its_line_in_the_table():
    apps = {app for app in settings.INSTALLED_APPS if (settings.BASE_DIR / app).is_dir()}

    assert apps == MAY_IMPORT.keys()


@pytest.mark.parametrize("app", MAY_IMPORT)
def test_an_app_imports_only_its_allowed_neighbors(app):
    files = list((settings.BASE_DIR / app).rglob("*.py"))
    used = {name for path in files for name in imported_packages(path)}

    assert files, "a guard that looks at nothing guards nothing"
    assert used & OURS - {app} <= MAY_IMPORT[app]


def test_no_room_stands_on_one_above_it():
    """The table is in the order of the floors."""
    below = set()
    for room, imported in MAY_IMPORT.items():
        assert imported <= below, room
        below.add(room)


def test_a_real_site_imports_nothing_of_the_demo():
    """An app's part of it is only named, until the demo app imports it."""
    files = [path for app in MAY_IMPORT for path in (settings.BASE_DIR / app).rglob("*.py")]
    product = [path for path in files if "demo" not in path.parts and path.name != "demo.py"]
    importing = {
        path.relative_to(settings.BASE_DIR)
        for path in product
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom)
        if "demo" in [*node.module.split("."), *(name.name for name in node.names)]
    }

    assert len(product) < len(files)
    assert not importing


@pytest.mark.parametrize("wing", WINGS)
def test_a_wing_of_leads_imports_only_its_allowed_neighbors(wing):
    files = list((settings.BASE_DIR / "leads" / wing).rglob("*.py"))
    used = {name for path in files for name in imported_wings(path)}

    assert files
    assert used - {wing, "models"} <= WINGS[wing]


def test_the_settings_import_nothing_of_ours():
    """Settings name apps in words; an import would need the settings it is there to make.

    wsgi.py alone comes after them, and puts the finished pages before the site.
    """
    files = set((settings.BASE_DIR / "config").rglob("*.py"))
    files.remove(settings.BASE_DIR / "config" / "wsgi.py")
    used = {name for path in files for name in imported_packages(path)}

    assert files
    assert used & OURS <= {"config"}


def test_a_migration_takes_nothing_from_code_that_may_change():
    """What it names of ours stands in models for good: a field, a validator, a default."""
    files = list(settings.BASE_DIR.glob("*/migrations/*.py"))
    taken = {
        (path.parent.parent.name, name.name)
        for path in files
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module.split(".")[0] in OURS
        if node.module != f"{path.parent.parent.name}.migrations"  # lies beside it, and stays
        for name in node.names
    }

    assert files
    assert not taken
