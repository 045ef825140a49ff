"""What someone gets who comes to an article for the first time, as Chromium receives it."""

import pytest

from devtools.processes import wait_until

# HTML and stylesheets in brotli: what a server may send before it hears from the browser again
# (RFC 6928: ten segments).
MAX_BYTES = 14_336
STILL_TO_CUT = "SELECT count(*) FROM images_image WHERE renditions_due_at IS NOT NULL"


@pytest.fixture
def articles(site):
    """The path of each of the demo's articles, whose pictures are all cut."""
    assert wait_until(lambda: site.execute(STILL_TO_CUT) == [(0,)], seconds=120, pause=0.5)
    found = site.execute(
        "SELECT a.slug FROM articles_article a JOIN articles_revision r ON r.article_id = a.id"
        " WHERE r.state = 'published' AND r.live_from <= now() AND r.live_until IS NULL"
        " AND a.retired_at IS NULL"
    )
    return [f"/articles/{slug}/" for (slug,) in found]


def received(browser, path):
    """By kind, what a browser without a cache got: the bodies as they came, in bytes."""
    responses = []
    with browser.visitor() as reader:
        reader.page.on("response", lambda response: responses.append(response))
        reader.open(path)
        reader.page.wait_for_load_state("networkidle")
        sizes = {}
        for response in responses:
            kind = response.request.resource_type
            size = response.request.sizes()["responseBodySize"]
            if kind in ("document", "stylesheet"):
                assert response.headers["content-encoding"] == "br"
                assert size == int(response.headers["content-length"])
            sizes.setdefault(kind, []).append(size)
        assert reader.complaints == []
    return sizes


def test_an_article_fits_a_first_round_trip_from_the_first_visitor_after_a_change_on(
    site, browser, articles
):
    site.execute("UPDATE pages_sitesettings SET tagline = 'Changed a moment ago'")
    assert wait_until(lambda: "Changed a moment ago" in site.get("/services/").text, seconds=5)

    weights = {
        path: [
            sum(got["document"] + got["stylesheet"])
            for got in (received(browser, path), received(browser, path))
        ]
        for path in [*articles, "/privacy/"]
    }

    assert len(weights) > 5
    assert max(map(max, weights.values())) <= MAX_BYTES, weights


def test_an_article_with_its_pictures_asks_for_few_files(browser, articles):
    for path in articles:
        got = received(browser, path)
        assert len(got["document"]) == len(got["stylesheet"]) == len(got["script"]) == 1, path
