"""No page is wider than its window, whatever staff typed and however narrow the window is."""

import pytest

WIDTHS = [320, 360, 412, 768, 1280]
WORD = "django.db.transaction.TestCase.captureOnCommitCallbacks" + "Rindfleischetikettierung" * 3
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"

PUBLISH = f"""
from django.utils import timezone
from articles.models import Article, Author, Topic
from offices.models import Office
from tests.builders import article, author, office, page, series, topic
WORD = "{WORD}"
who = author(name=WORD[:110], slug="hostile", job_title=WORD[:110], bio=WORD * 2)
about = topic(name=WORD[:78], slug="hostile", description=WORD * 2)
hostile = series(title=WORD[:118], slug="hostile", description=WORD * 2)
body = f"<h2>{{WORD}}</h2><p>{{WORD}} <code>{{WORD}}</code></p>" * 3 + "<p>word </p>" * 700
body += f"<table><tbody><tr><th>{{WORD}}</th><td>{{WORD}}</td></tr></tbody></table>"
for place in (1, 2):
    text = dict(title=WORD[:158], summary=WORD * 2, body=body)
    article(slug=f"hostile-{{place}}", authors=[who, author(name=WORD[:118])], topics=[about],
            series=hostile, series_position=place, text=text)
office(name=WORD[:80], slug="hostile", street=WORD[:120], city=WORD[:60], phone="+45 12 34 56 78",
       email=WORD[:60].lower() + "@" + "rindfleisch" * 4 + ".example", description=WORD * 2)
page(slug="hostile", title=WORD[:118], body=body)
"""
# They are told about on other pages of the same site.
UNPUBLISH = """
from django.utils import timezone
from articles import publishing
from articles.models import Article, Series, Topic
from offices.models import Office
from pages.models import Page
for one in Article.objects.filter(slug__startswith="hostile"):
    publishing.unpublish(one, at=timezone.now())
Topic.objects.filter(slug="hostile").delete()
Series.objects.filter(slug="hostile").delete()
Office.objects.filter(slug="hostile").delete()
Page.objects.filter(slug="hostile").delete()
"""

PAGES = [
    "/",
    "/articles/",
    "/articles/hostile-1/",
    "/articles/apis-are-not-tables/",
    "/articles/topics/",
    "/articles/topics/hostile/",
    "/articles/series/",
    "/articles/series/hostile/",
    "/articles/authors/",
    "/articles/authors/hostile/",
    f"/articles/search/?q={WORD[:120]}",
    "/articles/search/?q=django",
    "/offices/",
    "/offices/hostile/",
    "/services/",
    "/hostile/",
    "/contact/",
    "/contact/brief/",
    "/contact/thanks/",
    "/readiness/",
    "/readiness/1/",
    f"/{WORD}/",
]


@pytest.fixture(scope="module")
def hostile(site):
    site.shell(PUBLISH)
    yield site
    site.shell(UNPUBLISH)


def test_nothing_that_staff_may_type_makes_a_page_scroll_sideways(hostile, browser):
    wider = {}
    with browser.visitor(viewport={"width": WIDTHS[0], "height": 800}) as reader:
        for path in PAGES:
            reader.open(path)
            for width in WIDTHS:
                reader.page.set_viewport_size({"width": width, "height": 800})
                if too_wide := reader.page.evaluate(WIDER):
                    wider[path, width] = too_wide

    assert wider == {}
