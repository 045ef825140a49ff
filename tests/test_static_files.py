"""What is done to stylesheets on their way out, and what a first visit may weigh."""

import re

import brotli
import lxml.html
import pytest
from django.conf import settings
from django.utils import timezone

from articles.models import Revision
from config.static_files import minified
from demo.seeding import seed
from tests.builders import article

MAX_SCRIPT_BYTES = 6_000
STYLESHEETS = [settings.BASE_DIR / "static" / "css" / name for name in ("site.css", "more.css")]
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


@pytest.mark.parametrize("stylesheet", STYLESHEETS, ids=lambda path: path.name)
def test_our_stylesheets_keep_every_rule(stylesheet):
    written = stylesheet.read_text()

    small = minified(written)

    assert len(small) < len(written)
    assert small.count("{") == small.count("}") == re.sub(r"/\*.*?\*/", "", written).count("{")
    assert "url(" not in written and "'" not in re.sub(r"/\*.*?\*/", "", written)


# What a first visit costs


def test_what_an_article_shows_is_styled_by_the_one_stylesheet_it_asks_for(client, db):
    """A class of more.css has no effect there."""
    seed(timezone.now())
    site, more = (classes_in(path.read_text()) for path in STYLESHEETS)
    for revision in Revision.objects.live():
        page = lxml.html.fromstring(client.get(revision.get_absolute_url()).content)
        [_] = page.xpath("//link[@rel='stylesheet']")
        shown = {name for value in page.xpath("//@class") for name in value.split()}
        assert shown & (more - site) == set(), revision


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
