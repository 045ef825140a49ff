"""What is scheduled is live when its hour comes: a question of the clock, not of a job."""

import time

import pytest

from devtools.processes import wait_until

WRITE = """
from datetime import UTC, datetime
from articles import publishing

article, is_new = Article.objects.get_or_create(slug="{slug}")
author, _ = Author.objects.get_or_create(name="Grace", slug="grace", job_title="Rear admiral")
Byline.objects.get_or_create(article=article, author=author)
text = {{"title": "{title}", "summary": "What they do.", "body": "<p>They translate.</p>"}}
publishing.save_draft(article, text=text, by=None)
publishing.publish(article, at=datetime.fromtimestamp({moment}, UTC))
"""

KNOWN_AFTER = 2  # seconds, as promised of any change


@pytest.fixture
def deserted(stack):
    """A web server without worker and beat, and without articles."""
    stack.stop("worker", "beat")
    stack.execute("TRUNCATE articles_article CASCADE")
    return stack


def test_an_article_is_live_at_the_first_request_after_its_hour_with_no_worker_running(deserted):
    def is_waiting(slug, hour):
        write(deserted, slug, "Compilers", moment=hour)
        return deserted.get(f"/articles/{slug}/").status == 404

    slug, hour = scheduled(is_waiting)
    wait_for(hour)

    answer = deserted.get(f"/articles/{slug}/")
    assert answer.status == 200
    assert "Compilers" in answer.text


def test_readers_see_the_live_words_until_the_hour_of_the_scheduled_change(deserted):
    def is_waiting(slug, hour):
        write(deserted, slug, "Compilers", moment=hour - 3600)
        write(deserted, slug, f"Changed {slug}", moment=hour)
        return f"Changed {slug}" not in deserted.get(f"/articles/{slug}/").text

    slug, hour = scheduled(is_waiting)
    wait_for(hour)

    assert f"Changed {slug}" in deserted.get(f"/articles/{slug}/").text


def scheduled(is_waiting):
    """An article and its hour, before which all was done and known to every process. A busy machine
    gets a later hour.
    """
    for seconds in [4, 16, 64, 256]:
        slug, hour = f"compilers-{seconds}", time.time() + seconds
        waits = is_waiting(slug, hour)
        if time.time() < hour - KNOWN_AFTER:
            assert waits
            return slug, hour
    raise AssertionError("Nothing is ever written in time here.")


def wait_for(hour):
    assert wait_until(lambda: time.time() >= hour, seconds=300)


def write(stack, slug, title, *, moment):
    stack.shell(WRITE.format(slug=slug, title=title, moment=moment))
