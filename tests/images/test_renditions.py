import logging
from datetime import timedelta

import PIL.Image
import pytest
from django.utils import timezone

from images import renditions
from images.models import Image, Rendition
from images.tasks import make_missing_renditions, make_renditions
from tests.builders import image
from tests.pictures import picture_file

pytestmark = pytest.mark.django_db


def sizes(wall: Image) -> dict[str, list[tuple[int, int]]]:
    found: dict[str, list[tuple[int, int]]] = {}
    for made in wall.renditions.order_by("width"):
        found.setdefault(made.format, []).append((made.width, made.height))
    return found


@pytest.mark.parametrize(
    ("width", "widths"),
    [
        (300, [300]),
        (480, [480]),
        (700, [480, 700]),
        (1200, [480, 960, 1200]),
        (4000, [480, 960, 1600]),
    ],
)
def test_no_rendition_is_wider_than_its_original(width, widths):
    assert renditions.widths_for(width) == widths


def test_an_image_gets_two_formats_in_three_widths(media):
    wall = image(file=picture_file(size=(1920, 1080)))

    make_renditions(wall.pk)

    three = [(480, 270), (960, 540), (1600, 900)]
    assert sizes(wall) == {"avif": three, "jpeg": three}
    for made in wall.renditions.all():
        with PIL.Image.open(media / made.file.name) as picture:
            assert picture.size == (made.width, made.height)
            assert str(picture.format).lower() == made.format


def test_uploading_hints_the_worker(worker_at_hand, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        wall = image()

    assert wall.renditions.count() == 2


def test_jpeg_shows_white_where_the_picture_is_clear(media):
    wall = image(file=picture_file(mode="RGBA", color=(0, 0, 0, 0)))

    make_renditions(wall.pk)

    with PIL.Image.open(media / wall.renditions.get(format="jpeg").file.name) as picture:
        assert picture.getpixel((5, 5)) == (255, 255, 255)
    with PIL.Image.open(media / wall.renditions.get(format="avif").file.name) as picture:
        assert picture.getpixel((5, 5)) == (0, 0, 0, 0)


def test_making_them_twice_makes_them_once():
    wall = image()

    make_renditions(wall.pk)
    made = set(wall.renditions.values_list("pk", "file"))
    make_renditions(wall.pk)

    assert set(wall.renditions.values_list("pk", "file")) == made


def test_what_another_worker_makes_is_left_alone():
    wall = image()
    Image.objects.update(renditions_due_at=timezone.now() + renditions.LEASE)

    make_renditions(wall.pk)

    assert not wall.renditions.exists()


def test_an_interrupted_set_is_made_anew_over_the_half_written_files(media):
    wall = image()
    make_renditions(wall.pk)
    torn = media / wall.renditions.get(format="avif").file.name
    whole = torn.read_bytes()
    torn.write_bytes(whole[:10])
    Image.objects.update(renditions_due_at=timezone.now())

    make_renditions(wall.pk)

    assert torn.read_bytes() == whole
    assert wall.renditions.count() == 2


def test_an_image_that_is_gone_needs_nothing():
    make_renditions(404)

    assert not Rendition.objects.exists()


@pytest.mark.parametrize("broken", [b"", b"not a picture", None], ids=["empty", "text", "missing"])
def test_a_broken_file_is_logged_and_tried_an_hour_later(media, caplog, broken):
    wall = image()
    if broken is None:
        (media / wall.file.name).unlink()
    else:
        (media / wall.file.name).write_bytes(broken)

    with caplog.at_level(logging.ERROR, "images"):
        make_renditions(wall.pk)
        make_renditions(wall.pk)

    assert len(caplog.records) == 1
    in_a_while = timezone.now() + timedelta(minutes=59)
    assert not Image.objects.awaiting_renditions(at=in_a_while).exists()
    assert Image.objects.awaiting_renditions(at=in_a_while + timedelta(minutes=2)).exists()


def test_the_sweep_finds_what_the_hint_lost(worker_at_hand):
    forgotten, complete, leased = image(), image(), image()
    make_renditions(complete.pk)
    Image.objects.filter(pk=leased.pk).update(renditions_due_at=timezone.now() + renditions.LEASE)

    make_missing_renditions()

    assert forgotten.renditions.count() == complete.renditions.count() == 2
    assert leased.renditions.count() == 0


def test_the_names_of_its_files_are_short_and_nobody_elses():
    """They stand in a page many times over."""
    wall, another = image(), image()
    make_renditions(wall.pk)
    make_renditions(another.pk)

    names = [set(one.renditions.values_list("file", flat=True)) for one in (wall, another)]

    assert names[0].isdisjoint(names[1])
    assert max(map(len, names[0])) <= len("images/abcdefghijkl/1600.jpeg")


def test_other_settings_lead_to_other_names(monkeypatch):
    """What an address names never changes, for browsers keep it for good."""
    wall = image()
    make_renditions(wall.pk)
    before = set(wall.renditions.values_list("file", flat=True))

    monkeypatch.setitem(renditions.ENCODINGS, Rendition.Format.AVIF, {"quality": 30})
    Image.objects.update(renditions_due_at=timezone.now())
    make_renditions(wall.pk)

    assert before.isdisjoint(wall.renditions.values_list("file", flat=True))
