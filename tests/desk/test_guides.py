"""The guide of a first visit stays away once it was dismissed, for that person alone."""

import pytest
from django.urls import reverse

from desk.models import Dismissal
from tests.builders import signed_in

pytestmark = pytest.mark.django_db

GUIDE = reverse("admin:guide", args=["writing"])
ROOM = reverse("admin:articles_article_add")


def shows_it(client):
    return "New here?" in client.get(ROOM, follow=True).text


def test_it_is_there_at_first_and_gone_once_it_was_dismissed():
    ines, lea = signed_in("Author"), signed_in("Author")
    assert shows_it(ines)

    for _ in range(2):
        assert ines.post(GUIDE, {"next": ROOM}).url == ROOM

    assert not shows_it(ines)
    assert shows_it(lea)
    assert Dismissal.objects.count() == 1


def test_it_comes_back_when_asked_for():
    ines = signed_in("Author")
    ines.post(GUIDE)

    assert 'name="again"' in ines.get(reverse("admin:keys")).text
    ines.post(GUIDE, {"again": "yes"})

    assert shows_it(ines)


def test_each_is_told_what_their_own_button_does():
    author, publisher = (
        signed_in(role).get(ROOM, follow=True).text for role in ("Author", "Publisher")
    )

    assert "asks a colleague to read it" in author
    assert "first shows what readers will see" in publisher


def test_there_is_no_other_guide():
    assert signed_in("Author").post(reverse("admin:guide", args=["x"])).status_code == 404
    assert signed_in("Author").get(GUIDE).status_code == 405
