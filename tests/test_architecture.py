"""Who may import whom, and how much stands in one place, kept by a machine."""

import ast
from collections import Counter
from graphlib import TopologicalSorter

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
    "articles": GROUND | {"accounts", "images", "mail", "prose", "redirects"},
    "readiness": GROUND | {"accounts", "articles"},
    "leads": GROUND | {"accounts", "articles", "mail", "offices", "privacy", "prose", "readiness"},
    "pages": GROUND
    | {"articles", "images", "leads", "offices", "privacy", "prose"}
    | {"page_cache", "redirects"},
    # Nobody imports it, and a real site has it not. It knows no app by name: each brings its part.
    "demo": {"web"},
}
# `config` reads the environment; everyone else asks `django.conf.settings`.
OURS = MAY_IMPORT.keys() | {"config"}

# The wings of leads, in the same way. Its models stand below all of them, on what reckons with
# money and scores; urls, tasks and what it contributes above.
LEADS_GROUND = {"company_names", "models", "money", "score", "standing"}
WINGS = {
    "search": set(),
    "briefs": set(),
    "pipeline": set(),
    "spam": set(),
    "duty": {"pipeline"},
    "messages": {"briefs", "duty", "pipeline"},
    "intake": {"briefs", "messages", "pipeline", "spam"},
    "languages": set(),
    "insight": {"spam"},
    "acts": {"duty", "intake", "pipeline"},
    "bulk": {"acts", "pipeline"},
    "inbox": {"acts", "bulk", "duty", "languages", "pipeline"},
    "directory": {"acts", "inbox", "pipeline"},
    "lists": {"acts", "bulk", "languages", "search"},
    "admin": {
        "acts",
        "briefs",
        "duty",
        "insight",
        "languages",
        "lists",
        "messages",
        "pipeline",
        "search",
    },
    "demo": {"duty", "intake", "messages", "pipeline"},
}

MAX_LINES = 300
# These are longer, and their docstrings say why.
LONG_MODULES = {"articles/models/articles.py", "config/settings.py"}


def modules(*folders):
    """The product's own: what tests, migrations and the demo are made of does not count."""
    every = [path for folder in folders for path in (settings.BASE_DIR / folder).rglob("*.py")]
    paths = {path: path.relative_to(settings.BASE_DIR) for path in every}
    return {
        path: place
        for path, place in paths.items()
        if not {"migrations", "demo", "demo.py"} & {*place.parts}
    }


def lines_by(level):
    """How many lines each room (0) or what stands in it (1) has of all."""
    counted = Counter()
    for path, place in modules(*OURS).items():
        counted[place.parts[: level + 1]] += len(path.read_text().splitlines())
    return counted


def imported_modules(path, names):
    """Those that a module needs when it is loaded: what a function imports comes later."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Import):
            yield from ({name.name for name in node.names} & names)
        elif isinstance(node, ast.ImportFrom):
            within = {f"{node.module}.{name.name}" for name in node.names}
            yield from (within & names) or ({node.module} & names)


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
    assert MAY_IMPORT[app] - GROUND <= used, "an arrow that nobody uses is for the next one to use"


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
    assert used - {wing} - LEADS_GROUND == WINGS[wing]


def test_every_wing_of_leads_has_its_line_in_the_table():
    folders = {path.parent.name for path in (settings.BASE_DIR / "leads").glob("*/__init__.py")}

    assert folders - {"migrations", "management", "models", "templatetags"} == WINGS.keys()


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


def test_no_module_is_long_unless_its_docstring_says_why():
    every = {*modules(*OURS, "devtools").items()}
    long = {(path, str(place)) for path, place in every if path.read_text().count("\n") > MAX_LINES}

    assert {place for _, place in long} == LONG_MODULES
    for path, place in long:
        assert "because" in ast.get_docstring(ast.parse(path.read_text())), place


def test_no_room_but_leads_has_more_than_a_fifth_of_the_code_and_no_wing_a_tenth():
    rooms, parts = lines_by(0), lines_by(1)
    whole = rooms.total()

    assert {room for (room,), lines in rooms.items() if lines > whole / 5} <= {"leads"}
    for wing in WINGS:
        assert parts["leads", wing] <= whole / 10, wing


def test_the_models_of_leads_import_no_wing():
    folder = settings.BASE_DIR / "leads"
    files = [*(folder / "models").glob("*.py"), folder / "money.py", folder / "score.py"]
    used = {name for path in files for name in imported_wings(path)}

    assert used <= LEADS_GROUND


def test_no_wing_of_leads_stands_on_one_above_it():
    """The table is in the order of the floors, as that of the rooms is."""
    below = set()
    for wing, imported in WINGS.items():
        assert imported <= below, wing
        below.add(wing)


def test_no_modules_import_each_other_in_a_circle():
    paths = {}
    for path, place in modules(*OURS).items():
        parts = place.with_suffix("").parts
        paths[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    imports = {name: set(imported_modules(path, paths.keys())) for name, path in paths.items()}

    assert any(imports.values())
    TopologicalSorter(imports).prepare()  # raises, and names the circle


def test_the_models_of_an_app_are_taken_from_one_place():
    """Where they are several modules, the package names what others may use."""
    taken = {
        (str(place), node.module)
        for path, place in modules(*OURS).items()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom)
        if node.module.split(".")[1:2] == ["models"] and node.module.count(".") > 1
        if not str(place).startswith(f"{node.module.split('.')[0]}/models/")
    }

    assert not taken
