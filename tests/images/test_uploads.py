import hashlib
from io import BytesIO

import PIL.Image
import PIL.ImageCms
import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from images import uploads
from images.models import Image
from tests.builders import image
from tests.pictures import encoded, picture_file, png_claiming

ORIENTATION, GPS, COPYRIGHT = 0x0112, 0x8825, 0x8298


def decoded(picture):
    return PIL.Image.open(BytesIO(picture.content))


def jpeg(**options):
    noise = PIL.Image.effect_noise((400, 300), 60).convert("RGB")
    return encoded(noise, format="JPEG", **options).read()


def scanned_over_and_over() -> bytes:
    once = jpeg(progressive=True)
    last_scan = once[once.rfind(b"\xff\xda") : -2]
    return once[:-2] + last_scan * 200 + once[-2:]


def animation(format: str) -> bytes:
    frames = [PIL.Image.new("RGB", (20, 20), colour) for colour in ("red", "green", "blue")]
    written = BytesIO()
    frames[0].save(written, format, save_all=True, append_images=frames[1:])
    return written.getvalue()


HOSTILE = {
    "nothing at all": ("empty.png", b""),
    "a text": ("letter.png", b"Dear editor,\n" * 50),
    "HTML in disguise": ("photo.jpg", b"<!doctype html><script>alert(1)</script>"),
    "an SVG": ("logo.svg", b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>'),
    "an SVG in disguise": ("logo.png", b'<svg onload="alert(1)"></svg>'),
    "a header that promises 2.5 billion pixels": ("bomb.png", png_claiming(50_000, 50_000)),
    "a header just over the limit": ("large.png", png_claiming(8_000, 5_001)),
    "a header that promises more than there is": ("short.png", png_claiming(3_000, 2_000)),
    "no pixel": ("none.png", png_claiming(0, 10)),
    "half a JPEG": ("half.jpg", jpeg()[:4_000]),
    "a JPEG without its last bytes": ("torn.jpg", jpeg()[:-200]),
    "a JPEG that never ends decoding": ("scans.jpg", scanned_over_and_over()),
    "a PNG called JPEG": ("photo.jpg", picture_file().read()),
    "a JPEG called PNG": ("photo.png", jpeg()),
    "a picture called HTML": ("photo.html", picture_file().read()),
    "a TIFF": ("scan.tiff", picture_file(format="TIFF").read()),
    "a BMP called PNG": ("scan.png", picture_file(format="BMP").read()),
    "a thread of pixels": ("thread.png", picture_file(size=(2_000, 3)).read()),
    "an animated GIF": ("dance.gif", animation("GIF")),
    "an animated PNG": ("dance.png", animation("PNG")),
    "an animated WebP": ("dance.webp", animation("WEBP")),
    "a broken AVIF": ("photo.avif", picture_file(format="AVIF").read()[:-20]),
    "a broken WebP": ("photo.webp", picture_file(size=(400, 300), format="WEBP").read()[:60]),
    "too many bytes": ("heavy.png", picture_file().read() + b"\0" * uploads.MOST_BYTES),
}


@pytest.mark.parametrize(("name", "content"), HOSTILE.values(), ids=HOSTILE)
def test_the_admin_refuses_with_words_beside_the_field(admin_client, media, name, content):
    upload = SimpleUploadedFile(name, content, "image/png")

    answer = admin_client.post(
        reverse("admin:images_image_add"),
        {"file": upload, "title": "Odd", "alt": "Something", "focal_x": 0.5, "focal_y": 0.5},
    )

    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors.keys() == {"file"}
    assert not Image.objects.exists()
    assert not media.exists()


def test_the_admin_takes_a_picture(admin_client):
    answer = admin_client.post(
        reverse("admin:images_image_add"),
        {
            "file": picture_file(size=(300, 200)),
            "title": "Wall",
            "alt": "  A red wall ",
            "focal_x": 0.25,
            "focal_y": 1,
        },
    )

    assert answer.status_code == 302
    wall = Image.objects.get()
    assert (wall.width, wall.height, wall.alt) == (300, 200, "A red wall")
    with wall.file.open() as stored:
        assert hashlib.sha256(stored.read()).hexdigest() == wall.digest
    assert wall.file.name == f"images/{wall.digest[:2]}/{wall.digest}.png"


@pytest.mark.parametrize("words", ["", "   ", "\t\n"])
def test_the_admin_asks_for_alternative_text(admin_client, words):
    answer = admin_client.post(
        reverse("admin:images_image_add"),
        {"file": picture_file(), "title": "Wall", "alt": words, "focal_x": 0.5, "focal_y": 0.5},
    )

    assert answer.context["adminform"].form.errors.keys() == {"alt"}
    assert not Image.objects.exists()


def test_a_picture_that_is_here_already_is_named(admin_client):
    wall = image(title="Wall <b>", file=picture_file())

    answer = admin_client.post(
        reverse("admin:images_image_add"),
        {"file": picture_file(), "title": "Again", "alt": "Red", "focal_x": 0.5, "focal_y": 0.5},
    )

    [error] = answer.context["adminform"].form.errors["file"]
    assert f'href="{reverse("admin:images_image_change", args=[wall.pk])}"' in error
    assert "Wall &lt;b&gt;" in error
    assert Image.objects.get() == wall


def test_receiving_the_same_picture_twice_keeps_one(db):
    image(file=picture_file())

    with pytest.raises(uploads.AlreadyHere):
        image(file=picture_file())

    assert Image.objects.count() == 1


def test_receiving_without_alternative_text_stores_nothing(db, media):
    with pytest.raises(ValidationError):
        image(alt=" ")

    assert not media.exists()


def test_a_new_file_for_an_old_image_is_reencoded_and_the_old_one_goes(
    admin_client, media, worker_at_hand, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        wall = image()
    old = wall.file_names()

    with django_capture_on_commit_callbacks(execute=True):
        admin_client.post(
            reverse("admin:images_image_change", args=[wall.pk]),
            {
                "file": picture_file("new.jpg", format="JPEG", comment=b"secret"),
                "title": wall.title,
                "alt": wall.alt,
                "focal_x": 0.5,
                "focal_y": 0.5,
            },
        )

    wall.refresh_from_db()
    assert wall.file.name == f"images/{wall.digest[:2]}/{wall.digest}.jpg"
    assert b"secret" not in wall.file.read()
    wall.file.close()
    assert not [name for name in old if (media / name).exists()]
    assert all((media / name).exists() for name in wall.file_names())


def test_changing_words_alone_leaves_the_file(admin_client):
    wall = image()

    admin_client.post(
        reverse("admin:images_image_change", args=[wall.pk]),
        {"title": "Renamed", "alt": wall.alt, "focal_x": 0, "focal_y": 0.5},
    )

    renamed = Image.objects.get()
    assert (renamed.title, renamed.focal_x) == ("Renamed", 0)
    assert (renamed.digest, renamed.file.name) == (wall.digest, wall.file.name)


def test_place_and_camera_data_are_gone():
    exif = PIL.Image.Exif()
    exif[COPYRIGHT] = "secret"
    exif.get_ifd(GPS)[1] = "N"
    profile = PIL.ImageCms.ImageCmsProfile(PIL.ImageCms.createProfile("sRGB")).tobytes()
    tagged = {"exif": exif, "icc_profile": profile}

    as_png = uploads.reencode(picture_file(**tagged))
    as_jpeg = uploads.reencode(picture_file("a.jpg", format="JPEG", comment="secret", **tagged))

    for picture in (as_png, as_jpeg):
        assert not decoded(picture).getexif()
        assert not {"exif", "icc_profile", "comment", "xmp"} & decoded(picture).info.keys()
        assert b"secret" not in picture.content


def test_what_a_camera_turned_stands_upright():
    exif = PIL.Image.Exif()
    exif[ORIENTATION] = 6
    lying = PIL.Image.new("RGB", (60, 40), "white")
    lying.paste("red", (0, 0, 30, 40))  # left, which is up when turned

    picture = uploads.reencode(encoded(lying, exif=exif))

    assert (picture.width, picture.height) == (40, 60)
    assert decoded(picture).getpixel((20, 5)) == (255, 0, 0)


def test_a_jpeg_for_print_becomes_rgb():
    picture = uploads.reencode(
        picture_file("print.jpg", mode="CMYK", colour=(0, 255, 255, 0), format="JPEG")
    )

    red, green, blue = decoded(picture).getpixel((9, 9))
    assert red > 200 and green < 60 and blue < 60


def test_another_colour_space_becomes_srgb():
    srgb = PIL.ImageCms.ImageCmsProfile(PIL.ImageCms.createProfile("sRGB")).tobytes()
    red_is_green = (
        srgb.replace(b"rXYZ", b"....").replace(b"gXYZ", b"rXYZ").replace(b"....", b"gXYZ")
    )

    picture = uploads.reencode(picture_file(colour=(200, 0, 0), icc_profile=red_is_green))

    assert decoded(picture).getpixel((0, 0)) == (0, 200, 0)


def test_a_profile_that_is_none_is_ignored():
    picture = uploads.reencode(picture_file(colour=(10, 20, 30), icc_profile=b"nonsense"))

    assert decoded(picture).getpixel((0, 0)) == (10, 20, 30)


def test_sixteen_bits_become_eight_and_not_white():
    picture = uploads.reencode(picture_file(mode="I;16", colour=128 * 256))

    assert decoded(picture).getpixel((0, 0)) == (128, 128, 128)


@pytest.mark.parametrize("format", ["PNG", "GIF", "WEBP", "AVIF"])
def test_transparency_survives(format):
    glass = PIL.Image.new("RGBA", (40, 40), (0, 0, 255, 255))
    glass.paste((0, 0, 0, 0), (0, 0, 20, 40))

    picture = uploads.reencode(encoded(glass, f"glass.{format.lower()}", format))

    assert decoded(picture).getpixel((5, 5))[3] == 0
    assert decoded(picture).getpixel((35, 5))[3] == 255


def test_a_palette_with_transparency_becomes_plain_pixels():
    palette = PIL.Image.new("P", (10, 10), 1)
    palette.putpalette([255, 0, 0, 0, 255, 0])
    palette.putpixel((0, 0), 0)

    picture = uploads.reencode(encoded(palette, transparency=0))

    assert decoded(picture).mode == "RGBA"
    assert decoded(picture).getpixel((0, 0))[3] == 0
    assert decoded(picture).getpixel((5, 5)) == (0, 255, 0, 255)


def test_an_opaque_picture_needs_no_alpha():
    picture = uploads.reencode(picture_file(mode="RGBA", colour=(1, 2, 3, 255)))

    assert decoded(picture).mode == "RGB"


@pytest.mark.parametrize(
    ("name", "format", "extension"),
    [
        ("a.jpg", "JPEG", "jpg"),
        ("a.JPEG", "MPO", "jpg"),
        ("a.png", "PNG", "png"),
        ("a.webp", "WEBP", "png"),
        ("a.avif", "AVIF", "png"),
        ("a.gif", "GIF", "png"),
        ("no name that says so", "PNG", "png"),
    ],
)
def test_jpeg_stays_jpeg_and_all_else_becomes_png(name, format, extension):
    picture = uploads.reencode(picture_file(name, format=format))

    assert picture.extension == extension
    assert decoded(picture).format == {"jpg": "JPEG", "png": "PNG"}[extension]
