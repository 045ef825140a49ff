"""After an error elsewhere in the form, the chosen file need not be chosen again."""

from datetime import timedelta

import lxml.html
import pytest
import time_machine
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone

from accounts.roles import AUTHOR, PUBLISHER
from images.models import Image, PendingUpload
from images.tasks import delete_old_pending_uploads
from tests.builders import image, signed_in
from tests.forms import filled_in
from tests.pictures import picture_file

pytestmark = pytest.mark.django_db

ADD = reverse("admin:images_image_add")
PICKER = "/admin/images/image/pick/?CKEditorFuncNum=-3"
WRONG = {"title": "Wall", "alt": " ", "focal_x": 0.5, "focal_y": 0.5}


@pytest.fixture
def writer():
    return signed_in(AUTHOR)


def form_of(picture):
    return reverse("admin:images_image_change", args=[picture.pk])


def sent_again(answer, form_id="image_form", **changes):
    return filled_in(answer, form_id, **changes)


def test_the_file_is_kept_until_the_words_are_right(writer):
    refused = writer.post(ADD, WRONG | {"file": picture_file("red wall.png", size=(30, 20))})
    assert "“red wall.png” (30 × 20) is still here" in refused.text

    answer = writer.post(ADD, sent_again(refused, alt="A wall"))

    assert answer.status_code == 302
    wall = Image.objects.get()
    assert (wall.width, wall.height, wall.alt) == (30, 20, "A wall")
    assert default_storage.exists(wall.file.name)
    assert not PendingUpload.objects.exists()


def test_it_is_kept_however_often_the_words_are_wrong(writer):
    refused = writer.post(ADD, WRONG | {"file": picture_file()})
    for _ in range(2):
        refused = writer.post(ADD, sent_again(refused, title=""))

    assert writer.post(ADD, sent_again(refused, title="Wall", alt="A wall")).status_code == 302


def test_the_form_shows_what_is_kept(writer):
    refused = writer.post(ADD, WRONG | {"file": picture_file()})

    page = lxml.html.fromstring(refused.content)
    [shown] = page.xpath("//*[@data-focal]/img/@src")
    assert shown == default_storage.url(PendingUpload.objects.get().file)
    assert not page.xpath("//input[@name='file'][@required]")


def test_another_file_takes_its_place(writer):
    refused = writer.post(ADD, WRONG | {"file": picture_file()})

    form = sent_again(refused, alt="A wall") | {"file": picture_file(size=(7, 7))}
    writer.post(ADD, form)

    assert Image.objects.get().width == 7


def test_the_picker_keeps_it_as_well(writer):
    refused = writer.post(PICKER, {"title": "Wall", "alt": " ", "file": picture_file()})
    [kept] = lxml.html.fromstring(refused.content).xpath("//input[@name='kept']/@value")

    writer.post(PICKER, {"title": "Wall", "alt": "A wall", "kept": kept})

    assert Image.objects.get().title == "Wall"


def test_a_new_file_for_an_old_picture_is_kept(writer):
    wall, publisher = image(), signed_in(PUBLISHER)
    wrong = filled_in(publisher.get(form_of(wall)), "image_form", alt=" ")
    refused = publisher.post(form_of(wall), wrong | {"file": picture_file(size=(9, 9))})

    publisher.post(form_of(wall), sent_again(refused, alt="A wall"))

    wall.refresh_from_db()
    assert wall.width == 9


def test_nobody_gets_what_someone_else_chose(writer):
    refused = writer.post(ADD, WRONG | {"file": picture_file()})

    answer = signed_in(AUTHOR).post(ADD, sent_again(refused, alt="A wall"))

    assert answer.context["adminform"].form.errors.keys() == {"file"}
    assert not Image.objects.exists()


@pytest.mark.parametrize("kept", ["x", "0" * 64, "\0", "é" * 100])
def test_a_forged_digest_is_no_picture(writer, kept):
    answer = writer.post(ADD, WRONG | {"alt": "A wall", "kept": kept})

    assert answer.context["adminform"].form.errors.keys() >= {"file"}


def test_a_file_that_is_gone_is_asked_for_again(writer):
    refused = writer.post(ADD, WRONG | {"file": picture_file()})
    default_storage.delete(PendingUpload.objects.get().file)

    answer = writer.post(ADD, sent_again(refused, alt="A wall"))

    assert "choose it again" in answer.text


def test_after_a_day_it_is_deleted_unless_a_picture_has_it(
    writer, django_capture_on_commit_callbacks
):
    writer.post(ADD, WRONG | {"file": picture_file(color=(1, 1, 1))})
    writer.post(ADD, WRONG | {"file": picture_file(color=(2, 2, 2))})
    gone, taken = PendingUpload.objects.order_by("pk")
    wall = image()
    Image.objects.filter(pk=wall.pk).update(file=taken.file)

    with (
        time_machine.travel(timezone.now() + timedelta(hours=25), tick=False),
        django_capture_on_commit_callbacks(execute=True),
    ):
        delete_old_pending_uploads()

    assert not PendingUpload.objects.exists()
    assert not default_storage.exists(gone.file)
    assert default_storage.exists(taken.file)


# Whose words are whose


def uploaded(client):
    client.post(ADD, WRONG | {"file": picture_file(), "alt": "A wal"})
    return Image.objects.get()


def test_authors_put_the_words_of_their_own_pictures_right(writer):
    wall = uploaded(writer)

    answer = writer.post(
        form_of(wall), filled_in(writer.get(form_of(wall)), "image_form", alt="A wall")
    )

    assert answer.status_code == 302
    wall.refresh_from_db()
    assert wall.alt == "A wall"


def test_authors_exchange_neither_the_file_nor_its_crop(writer):
    wall = uploaded(writer)

    sent = filled_in(writer.get(form_of(wall)), "image_form", alt="A wall", focal_x=0)
    writer.post(form_of(wall), sent | {"file": picture_file(size=(9, 9))})

    changed = Image.objects.get()
    assert (changed.digest, changed.focal_x, changed.alt) == (wall.digest, 0.5, "A wall")


@pytest.mark.parametrize("whose", ["a colleague's", "nobody's"])
def test_authors_leave_the_pictures_of_others_alone(writer, whose):
    wall = uploaded(signed_in(AUTHOR)) if whose == "a colleague's" else image()

    answer = writer.post(form_of(wall), WRONG | {"alt": "Mine"})

    assert answer.status_code == 403
    assert Image.objects.get().alt == wall.alt


def test_authors_delete_no_picture_not_even_their_own(writer):
    wall = uploaded(writer)

    answer = writer.post(reverse("admin:images_image_delete", args=[wall.pk]), {"post": "yes"})

    assert answer.status_code == 403


def test_a_picture_from_the_editor_is_its_uploaders_too(writer):
    writer.post(PICKER, {"file": picture_file(), "title": "Wall", "alt": "A wall"})

    assert writer.get(form_of(Image.objects.get())).context["has_change_permission"]
