"""Who may import whom, kept by a machine."""

import ast

import pytest
from django.conf import settings

MAY_IMPORT = {
    "accounts": {"mail"},
    "images": set(),
    "mail": set(),
    "offices": {"accounts", "images"},
    "articles": {"accounts", "images", "mail"},
    "readiness": {"accounts", "articles"},
    "leads": {"accounts", "articles", "mail", "offices", "readiness"},
    # Nobody imports it.
    "pages": {"accounts", "articles", "images", "leads", "mail", "offices", "readiness"},
}
# What every app stands on. It knows none of them.
GROUND = {"web"}
# `config` reads the environment; everybody else asks `django.conf.settings`.
OURS = MAY_IMPORT.keys() | {"config"} | GROUND


def imported_packages(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            yield node.module.split(".")[0]
        elif isinstance(node, ast.Import):
            yield from (name.name.split(".")[0] for name in node.names)


def test_every_app_has_its_line_in_the_table():
    apps = {app for app in settings.INSTALLED_APPS if (settings.BASE_DIR / app).is_dir()}

    assert apps == MAY_IMPORT.keys()


@pytest.mark.parametrize("app", MAY_IMPORT)
def test_an_app_imports_only_its_allowed_neighbours(app):
    files = list((settings.BASE_DIR / app).rglob("*.py"))
    used = {name for path in files for name in imported_packages(path)}

    assert files, "a guard that looks at nothing guards nothing"
    assert used & OURS - {app} <= MAY_IMPORT[app] | GROUND


@pytest.mark.parametrize("package", GROUND)
def test_what_all_stand_on_knows_nobody(package):
    files = list((settings.BASE_DIR / package).rglob("*.py"))
    used = {name for path in files for name in imported_packages(path)}

    assert files
    assert used & OURS <= GROUND


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
