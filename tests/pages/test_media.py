"""Uploaded files as the site itself hands them out."""

import pytest

from images.tasks import make_renditions
from tests.builders import image

pytestmark = pytest.mark.django_db


def asked(client, url, **headers):
    answer = client.get(url, headers=headers)
    answer.close()  # the file
    return answer


def test_a_picture_is_kept_for_good_because_other_bytes_have_another_name(client):
    picture = image()
    make_renditions(picture.pk)
    for url in (picture.file.url, picture.renditions.first().file.url):
        answer = asked(client, url)
        again = asked(client, url, **{"if-modified-since": answer.headers["Last-Modified"]})

        assert (answer.status_code, again.status_code) == (200, 304)
        for kept in (answer, again):
            allowed = set(kept.headers["Cache-Control"].split(", "))
            assert allowed == {"public", "max-age=31536000", "immutable"}


def test_what_is_no_picture_is_asked_about_at_each_use(client, settings):
    settings.MEDIA_ROOT.mkdir(exist_ok=True)
    (settings.MEDIA_ROOT / "terms.txt").write_text("Terms")

    assert "max-age=0" in asked(client, "/media/terms.txt").headers["Cache-Control"]


def test_a_picture_that_is_not_there_is_kept_by_nobody_for_good(client):
    answer = client.get("/media/images/ab/abc.webp")

    assert answer.status_code == 404
    assert "immutable" not in answer.headers["Cache-Control"]
