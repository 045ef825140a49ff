"""Finished pages in two web processes at once: fast, the same for all, and never older than 2 s."""

import time

import pytest

from tests.headers import UNKEYED

RETITLE = "UPDATE articles_revision SET title = %s WHERE state = 'published'"
MAX_STALE_SECONDS = 2  # seconds

PUBLISH = """
from articles import publishing
from django.utils import timezone

article = Article.objects.create(slug="compilers")
author, _ = Author.objects.get_or_create(name="Grace", slug="grace", job_title="Rear admiral")
Byline.objects.create(article=article, author=author)
text = {"title": "Compilers", "summary": "What they do.", "body": "<p>They translate.</p>"}
publishing.save_draft(article, text=text, by=None)
publishing.publish(article, at=timezone.now())
"""


@pytest.fixture
def site(stack):
    stack.execute("TRUNCATE articles_article CASCADE")
    stack.shell(PUBLISH)
    return stack


def test_a_change_is_everywhere_within_two_seconds(site):
    ask_often(site)  # both processes have the page now

    site.execute(RETITLE, "Linkers")
    time.sleep(MAX_STALE_SECONDS)

    assert all("Linkers" in answer.text for answer in ask_often(site))


def test_an_unpublished_article_is_gone_everywhere_within_two_seconds(site):
    assert {answer.status for answer in ask_often(site)} == {200}

    site.execute("UPDATE articles_article SET retired_at = now()")
    time.sleep(MAX_STALE_SECONDS)

    assert {answer.status for answer in ask_often(site)} == {410}


def test_known_pages_are_served_while_the_database_is_away(site):
    ask_often(site)
    site.postgres.stop()

    answers = ask_often(site)
    site.postgres.start()

    assert {answer.status for answer in answers} == {200}
    site.execute(RETITLE, "Linkers")
    time.sleep(MAX_STALE_SECONDS)
    assert all("Linkers" in answer.text for answer in ask_often(site))


def test_what_one_visitor_sends_along_changes_nothing_for_the_next(site):
    ask_often(site)
    site.execute(RETITLE, "Linkers")  # empties the stores
    time.sleep(MAX_STALE_SECONDS)

    for _ in range(20):
        site.get("/articles/compilers/", headers=UNKEYED)

    assert len({answer.text for answer in ask_often(site)}) == 1
    assert "evil" not in site.get("/articles/compilers/").text


def ask_often(stack):
    """Enough questions, each on a connection of its own, for both processes to have had some."""
    return [stack.get("/articles/compilers/") for _ in range(40)]
