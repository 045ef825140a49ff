"""What is done to stylesheets on their way out, and what a first visit may weigh."""

import os
import re
from io import BytesIO
from itertools import count

import brotli
import lxml.html
import pytest
from django.conf import settings
from django.core.files.base import File
from django.http import HttpResponse
from django.utils import timezone

from articles.models import Revision
from config.static_files import (
    StaticFilesMiddleware,
    StaticFilesStorage,
    delete_files_of_old_releases,
    minified,
)
from demo.seeding import seed
from tests.builders import article

MAX_SCRIPT_BYTES = 6_000
CSS = settings.BASE_DIR / "static" / "css"
SITE, MORE, PROSE = (CSS / name for name in ("site.css", "more.css", "prose.css"))
JS = settings.BASE_DIR / "static" / "js"


def weight(content):
    return len(brotli.compress(content, quality=11))


@pytest.mark.parametrize(
    ("css", "smaller"),
    [
        ("/* why */\n.a {\n  color: red;\n}\n", ".a{color:red}"),
        (".a :hover, .b { margin: calc(1px + 2px) }", ".a :hover,.b{margin:calc(1px + 2px)}"),
        ('.a::after { content: " ; {x}  /* y */ "; }', '.a::after{content:" ; {x}  /* y */ "}'),
        ("@media (min-width: 1px) and (hover: none) { a { top: 0 } }",
         "@media (min-width:1px) and (hover:none){a{top:0}}"),
    ],
)  # fmt: skip
def test_a_stylesheet_says_the_same_in_fewer_bytes(css, smaller):
    assert minified(css) == smaller
    assert minified(smaller) == smaller


@pytest.mark.parametrize("stylesheet", [SITE, MORE, PROSE], ids=lambda path: path.name)
def test_our_stylesheets_keep_every_rule(stylesheet):
    written = stylesheet.read_text()

    small = minified(written)

    assert len(small) < len(written)
    assert small.count("{") == small.count("}") == re.sub(r"/\*.*?\*/", "", written).count("{")
    assert "url(" not in written and "'" not in re.sub(r"/\*.*?\*/", "", written)


def test_what_the_site_shares_with_the_writing_room_comes_to_readers_in_one_file(tmp_path):
    storage = StaticFilesStorage(location=tmp_path, base_url="/static/")
    for stylesheet in (SITE, PROSE):
        storage.save(f"css/{stylesheet.name}", File(BytesIO(stylesheet.read_bytes())))

    files = {f"css/{path.name}": (storage, f"css/{path.name}") for path in (SITE, PROSE)}
    assert list(storage.post_process(files))

    site, prose = (
        (tmp_path / storage.stored_name(f"css/{path.name}")).read_text() for path in (SITE, PROSE)
    )
    assert "@import" not in site
    assert prose in site


# What a first visit costs


def test_what_an_article_shows_is_styled_by_the_one_stylesheet_it_asks_for(client, db):
    """A class of more.css has no effect there."""
    seed(timezone.now())
    more, *site = (classes_in(path.read_text()) for path in (MORE, SITE, PROSE))
    for revision in Revision.objects.live():
        page = lxml.html.fromstring(client.get(revision.get_absolute_url()).content)
        [_] = page.xpath("//link[@rel='stylesheet']")
        shown = {name for value in page.xpath("//@class") for name in value.split()}
        assert shown & more.difference(*site) == set(), revision


def classes_in(css):
    return set(re.findall(r"\.([a-z][\w-]*)", re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)))


def test_all_scripts_of_the_public_site_together_are_small():
    scripts = list(JS.rglob("*.js"))

    assert scripts
    assert sum(weight(script.read_bytes()) for script in scripts) <= MAX_SCRIPT_BYTES


def test_no_script_holds_up_a_page(client, db):
    for address in [article().get_absolute_url(), "/", "/contact/", "/offices/"]:
        for script in lxml.html.fromstring(client.get(address).content).xpath("//script[@src]"):
            assert script.get("type") == "module" or "defer" in script.attrib, address


# Two releases at once


def collected(folder, monkeypatch, version, css):
    """What `collectstatic` of that release leaves there; returns the name of its stylesheet."""
    monkeypatch.setattr(StaticFilesStorage, "manifest_name", f"staticfiles-{version}.json")
    storage = StaticFilesStorage(location=folder, base_url="/static/")
    storage.delete("css/a.css")
    storage.save("css/a.css", File(BytesIO(css)))
    assert list(storage.post_process({"css/a.css": (storage, "css/a.css")}))
    os.utime(folder / storage.manifest_name, (next(moments),) * 2)
    return storage.stored_name("css/a.css")


moments = count(1_000_000)


def test_each_release_finds_its_own_names_in_a_folder_that_they_share(tmp_path, monkeypatch):
    old = collected(tmp_path, monkeypatch, "0.3.0", b".a{color:red}")
    new = collected(tmp_path, monkeypatch, "0.3.1", b".a{color:blue}")
    monkeypatch.setattr(StaticFilesStorage, "manifest_name", "staticfiles-0.3.0.json")

    assert old != new
    assert StaticFilesStorage(location=tmp_path).stored_name("css/a.css") == old


def test_files_of_the_two_releases_before_are_kept_and_older_ones_go(tmp_path, monkeypatch):
    other = tmp_path / "css" / "mine.0123456789ab.css"
    names = [
        collected(tmp_path, monkeypatch, f"0.{number}.0", f".a{{top:{number}}}".encode())
        for number in range(5)
    ]
    other.touch()

    delete_files_of_old_releases(tmp_path)

    assert [(tmp_path / name).exists() for name in names] == [False, False, True, True, True]
    assert not list(tmp_path.glob(f"{names[0]}*"))
    assert len(list(tmp_path.glob("staticfiles*.json"))) == 3
    assert other.exists()


@pytest.mark.django_db  # an answer that is closed asks for connections to close
def test_a_process_finds_the_files_of_the_next_release_without_a_restart(
    tmp_path, monkeypatch, settings, rf
):
    settings.STATIC_ROOT = tmp_path
    old = collected(tmp_path, monkeypatch, "0.3.0", b".a{color:red}")
    running = StaticFilesMiddleware(lambda request: HttpResponse(status=404))
    new = collected(tmp_path, monkeypatch, "0.3.1", b".a{color:blue}")

    for name, css in ((old, b".a{color:red}"), (new, b".a{color:blue}")):
        answer = running(rf.get(f"/static/{name}"))
        assert (answer.status_code, b"".join(answer)) == (200, css)
        answer.close()


@pytest.mark.parametrize(
    "path",
    [
        "css/a.css",
        "css/../../secret.0123456789ab.css",
        "css//a.0123456789ab.css",
        "css/",
        f"css/{'a' * 300}.0123456789ab.css",
        "css/%00.0123456789ab.css",
    ],
)
def test_it_looks_for_nothing_else(tmp_path, settings, rf, path):
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATIC_ROOT.mkdir()
    running = StaticFilesMiddleware(lambda request: HttpResponse(status=404))
    (settings.STATIC_ROOT / "css").mkdir()
    (settings.STATIC_ROOT / "css" / "a.css").touch()
    (tmp_path / "secret.0123456789ab.css").touch()

    assert running(rf.get(f"/static/{path}")).status_code == 404
