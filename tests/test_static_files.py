"""What is done to stylesheets on their way out, and what a first visit may weigh."""

import re

import brotli
import lxml.html
import pytest
from django.conf import settings
from django.utils import timezone

from articles.models import Author, Revision
from config.static_files import minified
from offices.models import Office
from pages.demo.seeding import seed

# What an article without pictures may weigh, HTML and stylesheet together, in brotli's best: what
# a server may send before it hears from the browser (RFC 6928: ten segments).
MOST_FOR_AN_ARTICLE = 14 * 1024
MOST_FOR_SCRIPTS = 6_000
MOST_REQUESTS = 4
CSS = settings.BASE_DIR / "static" / "css" / "site.css"
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


def test_our_stylesheet_keeps_every_rule():
    written = CSS.read_text()

    small = minified(written)

    assert len(small) < len(written)
    assert small.count("{") == small.count("}") == re.sub(r"/\*.*?\*/", "", written).count("{")
    assert "url(" not in written and "'" not in re.sub(r"/\*.*?\*/", "", written)


# What a first visit costs


@pytest.fixture
def plain_articles(db):
    """The addresses of the demo's articles, as long as they are, with every picture taken out."""
    seed(timezone.now())
    Revision.objects.update(cover=None)
    Author.objects.update(image=None)
    Office.objects.update(image=None)
    live = Revision.objects.live()
    for revision in live:
        revision.body = re.sub(r"<figure><img.*?</figure>", "", revision.body)
        revision.save(update_fields=["body"])
    return [revision.get_absolute_url() for revision in live]


def test_a_first_visit_to_an_article_costs_little(client, plain_articles):
    stylesheet = weight(minified(CSS.read_text()).encode())
    weights, requests = {}, {}
    for address in plain_articles:
        answer = client.get(address)
        page = lxml.html.fromstring(answer.content)
        weights[address] = weight(answer.content) + stylesheet
        [_] = page.xpath("//link[@rel='stylesheet']")
        requests[address] = 2 + len(set(page.xpath("//script/@src")))

    assert len(weights) > 5
    assert max(weights.values()) <= MOST_FOR_AN_ARTICLE, weights
    assert max(requests.values()) <= MOST_REQUESTS, requests


def test_all_scripts_of_the_public_site_together_are_small():
    scripts = list(JS.rglob("*.js"))

    assert scripts
    assert sum(weight(script.read_bytes()) for script in scripts) <= MOST_FOR_SCRIPTS


def test_no_script_holds_up_a_page(client, plain_articles):
    for address in [*plain_articles, "/", "/contact/", "/offices/"]:
        for script in lxml.html.fromstring(client.get(address).content).xpath("//script[@src]"):
            assert script.get("type") == "module" or "defer" in script.attrib, address
