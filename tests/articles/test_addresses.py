"""What becomes of the address of an article that is given another."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from articles import publishing
from articles.models import Article, FormerSlug
from tests.builders import article

pytestmark = pytest.mark.django_db


def move(moved, slug):
    moved.slug = slug
    moved.full_clean()
    moved.save()


def leads_to(client, slug):
    """Where the address leads: status and target."""
    answer = client.get(f"/articles/{slug}/")
    return answer.status_code, answer.headers.get("Location")


def test_the_old_address_leads_to_the_new_one(client):
    move(article(slug="old"), "new")

    assert leads_to(client, "old") == (301, "/articles/new/")
    assert leads_to(client, "new") == (200, None)


def test_after_two_moves_both_old_addresses_lead_straight_to_the_last(client):
    moved = article(slug="first")

    move(moved, "second")
    move(moved, "third")

    assert leads_to(client, "first") == (301, "/articles/third/")
    assert leads_to(client, "second") == (301, "/articles/third/")


def test_going_back_to_an_old_address_makes_no_loop(client):
    moved = article(slug="first")

    move(moved, "second")
    move(moved, "first")

    assert leads_to(client, "first") == (200, None)
    assert leads_to(client, "second") == (301, "/articles/first/")
    assert not FormerSlug.objects.filter(slug="first").exists()


def test_another_article_cannot_take_an_address_that_redirects():
    move(article(slug="old"), "new")

    with pytest.raises(ValidationError) as refusal:
        Article(slug="old").full_clean()

    assert "redirects to another article" in refusal.value.message_dict["slug"][0]


def test_two_articles_may_swap_addresses_without_leaving_anyone_in_a_circle(client):
    """The forms refuse it; what a program writes must still end somewhere."""
    one, other = article(slug="one"), article(slug="other")

    for taken, slug in ((one, "for-a-moment"), (other, "one"), (one, "other")):
        taken.slug = slug
        taken.save()

    assert leads_to(client, "one") == (200, None)
    assert leads_to(client, "other") == (200, None)
    assert leads_to(client, "for-a-moment") == (301, "/articles/other/")


@pytest.mark.parametrize("live_from", [None, timedelta(days=1)], ids=["a draft", "scheduled"])
def test_an_article_that_was_never_live_leaves_nothing_behind(client, live_from):
    move(article(slug="old", live_from=live_from), "new")

    assert leads_to(client, "old") == (404, None)
    assert not FormerSlug.objects.exists()


def test_the_old_address_of_a_retired_article_says_that_it_is_gone(client):
    gone = article(slug="old")
    move(gone, "new")

    publishing.retire(gone, at=timezone.now())

    assert leads_to(client, "old") == (410, None)
    assert leads_to(client, "new") == (410, None)


def test_saving_without_a_move_leaves_nothing_behind():
    stays = article()

    stays.save()

    assert not FormerSlug.objects.exists()


@pytest.mark.parametrize("slug", ["nothing-here", "a" * 500, "%F0%9F%92%A9", "..%2Fadmin"])
def test_an_address_of_no_article_is_not_found(client, slug):
    assert client.get(f"/articles/{slug}/").status_code == 404


@pytest.mark.parametrize("address", ["/articles/%00/", "/articles/?page=%00", "/%00", "/media/%00"])
def test_a_nul_is_refused_wherever_it_stands(client, address):
    assert client.get(address).status_code == 400


@pytest.mark.parametrize("slug", ["search", "feed", "topics"])
def test_an_address_that_leads_elsewhere_is_no_articles(slug):
    with pytest.raises(ValidationError, match="Another part of the site"):
        Article(slug=slug).full_clean()
