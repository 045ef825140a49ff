import lxml.html
import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from images.models import Image
from images.tasks import make_renditions
from tests.builders import image
from tests.pictures import picture_file

PICKER = "/admin/images/image/pick/?CKEditorFuncNum=-3"


@pytest.fixture
def staff_client(client, django_user_model):
    """Signs someone in who holds exactly the named permissions."""

    def sign_in(*codenames):
        person = django_user_model.objects.create_user("eva@example.com", name="Eva")
        person.user_permissions.set(Permission.objects.filter(codename__in=codenames))
        client.force_login(person)
        return client

    return sign_in


def choices(answer):
    return lxml.html.fromstring(answer.content).xpath("//button[@data-choose]")


def test_the_list_shows_each_image_at_a_constant_cost(admin_client, django_assert_num_queries):
    address = reverse("admin:images_image_changelist")
    for _ in range(2):
        make_renditions(image().pk)
    with CaptureQueriesContext(connection) as for_two:
        admin_client.get(address)
    for _ in range(10):
        make_renditions(image().pk)

    with django_assert_num_queries(len(for_two)):
        answer = admin_client.get(address)

    assert len(lxml.html.fromstring(answer.content).xpath("//img[@class='thumbnail']")) == 12


def test_the_form_shows_the_picture_to_click_on(admin_client):
    wall = image()

    page = admin_client.get(reverse("admin:images_image_change", args=[wall.pk]))

    assert lxml.html.fromstring(page.content).xpath("//*[@data-focal]/img/@src") == [wall.file.url]
    assert b"admin/images/focal" in page.content


def test_a_focal_point_outside_is_refused_beside_its_field(admin_client):
    wall = image()

    answer = admin_client.post(
        reverse("admin:images_image_change", args=[wall.pk]),
        {"title": wall.title, "alt": wall.alt, "focal_x": "1.5", "focal_y": "nan"},
    )

    assert answer.context["adminform"].form.errors.keys() == {"focal_x", "focal_y"}


def test_deleting_in_the_list_removes_files(
    admin_client, media, django_capture_on_commit_callbacks
):
    wall = image()

    with django_capture_on_commit_callbacks(execute=True):
        admin_client.post(
            reverse("admin:images_image_changelist"),
            {"action": "delete_selected", "_selected_action": wall.pk, "post": "yes"},
        )

    assert not Image.objects.exists()
    assert not (media / wall.file.name).exists()


def test_the_picker_hands_over_address_words_and_credit(admin_client):
    wall = image(alt='A "red" wall', credit="Ada")

    answer = admin_client.get(PICKER)

    [choice] = choices(answer)
    assert choice.get("data-choose") == str(wall.pk)
    assert choice.get("data-url") == wall.file.url
    assert choice.get("data-alt") == 'A "red" wall'
    assert choice.get("data-caption") == "Ada"
    assert 'data-callback="-3"' in answer.text


def test_the_picker_searches(admin_client):
    image(title="Brick wall")
    image(title="Meadow")

    answer = admin_client.get(f"{PICKER}&q=brick")

    assert "Brick wall" in answer.text
    assert "Meadow" not in answer.text


def test_the_picker_turns_pages_and_keeps_the_callback(admin_client):
    for _ in range(25):
        image()

    first, second = admin_client.get(PICKER), admin_client.get(f"{PICKER}&page=2")

    assert (len(choices(first)), len(choices(second))) == (24, 1)
    assert "?CKEditorFuncNum=-3&amp;page=2" in first.text


@pytest.mark.parametrize("nonsense", ["page=x", "page=-1", "page=99999", "chosen=x"])
def test_the_picker_survives_nonsense(admin_client, nonsense):
    image()

    assert admin_client.get(f"{PICKER}&{nonsense}").status_code == 200


def test_what_is_uploaded_in_the_picker_is_chosen_at_once(admin_client):
    image()

    answer = admin_client.post(
        PICKER, {"file": picture_file(), "title": "New", "alt": "A wall"}, follow=True
    )

    [chosen] = [choice for choice in choices(answer) if "data-at-once" in choice.attrib]
    assert chosen.get("data-choose") == str(Image.objects.get(title="New").pk)
    assert 'data-callback="-3"' in answer.text


def test_the_picker_asks_for_alternative_text_too(admin_client):
    answer = admin_client.post(PICKER, {"file": picture_file(), "title": "New", "alt": " "})

    assert answer.context["form"].errors.keys() == {"alt"}
    assert not Image.objects.exists()


def test_what_a_picture_shows_is_asked_and_changed_from_within_a_text(admin_client):
    wall = image(alt="A wall")
    address = reverse("admin:images_image_describe", args=[wall.pk])
    told = admin_client.get(address).json()

    said = admin_client.post(address, {"alt": "A red wall", "was": told["alt"]}).json()

    wall.refresh_from_db()
    assert (told["alt"], said["alt"], wall.alt) == ("A wall", "A red wall", "A red wall")
    assert LogEntry.objects.get().object_id == str(wall.pk)


def test_a_description_is_not_taken_away_nor_put_over_a_colleagues(admin_client):
    wall = image(alt="A wall")
    address = reverse("admin:images_image_describe", args=[wall.pk])

    empty = admin_client.post(address, {"alt": "", "was": "A wall"}).json()
    stale = admin_client.post(address, {"alt": "A red wall", "was": "Something"}).json()

    assert "Describe the picture" in empty["error"]
    assert "A colleague has described it meanwhile: “A wall”." in stale["error"]
    wall.refresh_from_db()
    assert wall.alt == "A wall"


def test_authors_describe_their_own_pictures_and_no_others(staff_client):
    wall = image(alt="A wall")
    author = staff_client("add_image", "view_image")
    address = reverse("admin:images_image_describe", args=[wall.pk])

    refused = author.post(address, {"alt": "Mine", "was": "A wall"})
    Image.objects.update(uploaded_by=author.get("/admin/").context["user"])
    taken = author.post(address, {"is_decorative": "on", "was": "A wall"})

    assert (refused.status_code, taken.json()["alt"]) == (403, "")
    assert Image.objects.get().is_decorative


def test_the_picker_is_for_those_who_may_see_images(staff_client):
    assert staff_client().get(PICKER).status_code == 403


def test_the_picker_needs_a_sign_in(client, db):
    assert client.get(PICKER).status_code == 302


def test_seeing_is_not_uploading(staff_client):
    viewer = staff_client("view_image")

    page = viewer.get(PICKER)
    answer = viewer.post(PICKER, {"file": picture_file(), "title": "New", "alt": "A wall"})

    assert page.status_code == 200
    assert b'type="file"' not in page.content
    assert answer.status_code == 403
    assert not Image.objects.exists()


SCRIPT = {"HTTP_ACCEPT": "application/json"}


def test_the_editor_uploads_a_picture_and_gets_what_to_show(admin_client):
    answer = admin_client.post(
        PICKER, {"file": picture_file(), "title": "New", "alt": "A wall"}, **SCRIPT
    )

    made = Image.objects.get()
    assert answer.json() == {"id": made.pk, "url": made.file.url, "alt": "A wall", "caption": ""}


def test_the_editor_is_given_the_picture_that_is_here_already(admin_client):
    wall = image(file=picture_file(), alt="Ours")

    answer = admin_client.post(
        PICKER, {"file": picture_file(), "title": "New", "alt": "Theirs"}, **SCRIPT
    )

    assert answer.json()["id"] == wall.pk
    assert answer.json()["alt"] == "Ours"


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"alt": " "}, "Describe the picture"),
        ({"file": b"<svg></svg>"}, "SVG is not accepted"),
        ({"file": None}, "required"),
    ],
)
def test_the_editor_says_what_is_wrong(admin_client, sent, said):
    form = {"file": picture_file(), "title": "New", "alt": "A wall"} | sent
    if isinstance(form["file"], bytes):
        form["file"] = SimpleUploadedFile("a.png", form["file"])
    form = {name: value for name, value in form.items() if value is not None}

    answer = admin_client.post(PICKER, form, **SCRIPT)

    assert said in answer.json()["error"]
    assert not Image.objects.exists()


def test_the_editor_uploads_nothing_for_who_may_not(staff_client):
    answer = staff_client("view_image").post(
        PICKER, {"file": picture_file(), "title": "New", "alt": "A wall"}, **SCRIPT
    )

    assert answer.status_code == 403
