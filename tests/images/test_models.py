import pytest
from django.db import IntegrityError, transaction

from images.models import Image, Rendition
from images.tasks import make_renditions
from tests.builders import image


@pytest.mark.parametrize(
    "facts",
    [
        {"alt": ""},
        {"alt": "   "},
        {"focal_x": -0.1},
        {"focal_x": 1.1},
        {"focal_y": -0.1},
        {"focal_y": 1.1},
        {"width": 0},
        {"height": 0},
    ],
    ids=str,
)
def test_the_database_refuses(db, facts):
    wall = image()

    with pytest.raises(IntegrityError), transaction.atomic():
        Image.objects.filter(pk=wall.pk).update(**facts)


def test_a_decorative_image_needs_no_words(db):
    assert image(alt="", is_decorative=True).pk


def test_the_same_digest_never_stands_twice(db):
    first, second = image(), image()

    with pytest.raises(IntegrityError), transaction.atomic():
        Image.objects.filter(pk=second.pk).update(digest=first.digest)


def test_there_is_never_a_second_rendition_of_a_kind(db):
    wall = image()
    make_renditions(wall.pk)
    made = wall.renditions.get(format="avif")

    with pytest.raises(IntegrityError), transaction.atomic():
        wall.renditions.create(format=made.format, width=made.width, height=1, file="x")


def test_a_rendition_has_pixels(db):
    with pytest.raises(IntegrityError), transaction.atomic():
        Rendition.objects.create(image=image(), format="avif", width=480, height=0, file="x")


def test_words_find_an_image_by_title_alt_and_credit(db):
    wall = image(title="Brick wall", alt="Red stones", credit="Ada")
    image(title="Brick house")

    assert list(Image.objects.matching("brick STONES ada")) == [wall]
    assert Image.objects.matching("").count() == 2


@pytest.mark.parametrize(
    "delete",
    [lambda wall: wall.delete(), lambda wall: Image.objects.filter(pk=wall.pk).delete()],
    ids=["one image", "a queryset"],
)
def test_files_go_with_their_image_but_only_after_commit(
    db, media, django_capture_on_commit_callbacks, delete
):
    wall, other = image(), image()
    make_renditions(wall.pk)
    names = wall.file_names()

    with django_capture_on_commit_callbacks(execute=True):
        delete(wall)
        assert all((media / name).exists() for name in names)

    assert len(names) == 3
    assert not [name for name in names if (media / name).exists()]
    assert (media / other.file.name).exists()


def test_a_picture_uploaded_again_before_the_commit_keeps_its_file(
    db, media, django_capture_on_commit_callbacks
):
    wall = image()
    name, facts = wall.file.name, {"digest": wall.digest, "width": 1, "height": 1}

    with django_capture_on_commit_callbacks(execute=True):
        wall.delete()
        Image.objects.create(file=name, title="Again", alt="Wall", **facts)

    assert (media / name).exists()
