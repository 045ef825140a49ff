"""What is scheduled is live when its hour comes: a question of the clock, not of a job."""

import time

import pytest

WRITE = """
from datetime import UTC, datetime
from articles import publishing

article, is_new = Article.objects.get_or_create(slug="compilers")
author, _ = Author.objects.get_or_create(name="Grace", slug="grace", job_title="Rear admiral")
Byline.objects.get_or_create(article=article, author=author)
words = {{"title": "{title}", "summary": "What they do.", "body": "<p>They translate.</p>"}}
publishing.save_working_copy(article, words=words, by=None)
publishing.release(article, at=datetime.fromtimestamp({moment}, UTC))
"""


@pytest.fixture
def deserted(stack):
    """A web server without worker and beat, and without articles."""
    stack.stop("worker", "beat")
    stack.execute("TRUNCATE articles_article CASCADE")
    return stack


def test_an_article_is_live_at_the_first_request_after_its_hour_with_no_worker_running(deserted):
    hour = time.time() + 6
    write(deserted, "Compilers", moment=hour)
    assert deserted.get("/articles/compilers/").status == 404
    assert time.time() < hour, "this machine is too slow for this test"

    time.sleep(hour - time.time())

    answer = deserted.get("/articles/compilers/")
    assert answer.status == 200
    assert "Compilers" in answer.text


def test_readers_see_the_live_words_until_the_hour_of_the_scheduled_change(deserted):
    hour = time.time() + 9
    write(deserted, "Compilers", moment=hour - 3600)
    write(deserted, "Compilers and linkers", moment=hour)
    assert "Compilers and linkers" not in deserted.get("/articles/compilers/").text
    assert time.time() < hour, "this machine is too slow for this test"

    time.sleep(hour - time.time())

    assert "Compilers and linkers" in deserted.get("/articles/compilers/").text


def write(stack, title, *, moment):
    stack.shell(WRITE.format(title=title, moment=moment))
