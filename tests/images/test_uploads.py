import hashlib
import struct
import threading
from io import BytesIO

import PIL.Image
import PIL.ImageCms
import PIL.ImageFilter
import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from images import reencoding, uploads
from images.models import Image
from tests.builders import image
from tests.forms import filled_in
from tests.pictures import encoded, picture_file, png_claiming

ORIENTATION, GPS, COPYRIGHT = 0x0112, 0x8825, 0x8298


def decoded(picture):
    return PIL.Image.open(BytesIO(picture.content))


def jpeg(**options):
    noise = PIL.Image.effect_noise((400, 300), 60).convert("RGB")
    return encoded(noise, format="JPEG", **options).read()


def jpeg_claiming(width: int, height: int, kind=0xC0, *, components=3) -> bytes:
    """Whose first scan holds so many of its three components."""
    content = bytearray(jpeg())
    frame = content.index(b"\xff\xc0")
    content[frame + 1] = kind
    content[frame + 5 : frame + 9] = struct.pack(">HH", height, width)
    content[content.rindex(b"\xff\xda") + 4] = components
    return bytes(content)


def scanned_over_and_over() -> bytes:
    once = jpeg(progressive=True)
    last_scan = once[once.rfind(b"\xff\xda") : -2]
    return once[:-2] + last_scan * 200 + once[-2:]


def animation(format: str) -> bytes:
    frames = [PIL.Image.new("RGB", (20, 20), color) for color in ("red", "green", "blue")]
    written = BytesIO()
    frames[0].save(written, format, save_all=True, append_images=frames[1:])
    return written.getvalue()


def promising_more_entries(jpeg: bytes) -> bytes:
    """Its Exif directory says nine entries and has one or two."""
    at = jpeg.index(b"Exif\0\0") + 6
    order = ">" if jpeg[at : at + 2] == b"MM" else "<"
    directory = at + struct.unpack_from(order + "I", jpeg, at + 4)[0]
    return jpeg[:directory] + struct.pack(order + "H", 9) + jpeg[directory + 2 :]


def damaged_from(jpeg: bytes, offset: int, length: int) -> bytes:
    at = jpeg.index(b"Exif\0\0") + 6 + offset
    return jpeg[:at] + b"\xff" * length + jpeg[at + length :]


DAMAGED_EXIF = {
    "more entries than there are": promising_more_entries,
    "no byte order": lambda jpeg: damaged_from(jpeg, 0, 4),
    "a directory beyond the end": lambda jpeg: damaged_from(jpeg, 4, 4),
    "a value of an unknown type": lambda jpeg: damaged_from(jpeg, 12, 2),
    "nothing at all": lambda jpeg: damaged_from(jpeg, 0, 20),
}


def photograph() -> PIL.Image.Image:
    """Soft shapes below the grain of a sensor."""
    shapes = [PIL.Image.effect_noise((400, 300), 120) for _ in range(3)]
    grain = PIL.Image.effect_noise((400, 300), 20)
    soft = PIL.Image.merge("RGB", [one.filter(PIL.ImageFilter.GaussianBlur(4)) for one in shapes])
    return PIL.Image.blend(soft, PIL.Image.merge("RGB", [grain] * 3), 0.1)


HOSTILE = {
    "nothing at all": ("empty.png", b""),
    "a text": ("letter.png", b"Dear editor,\n" * 50),
    "HTML in disguise": ("photo.jpg", b"<!doctype html><script>alert(1)</script>"),
    "an SVG": ("logo.svg", b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>'),
    "an SVG in disguise": ("logo.png", b'<svg onload="alert(1)"></svg>'),
    "a header that promises 2.5 billion pixels": ("bomb.png", png_claiming(50_000, 50_000)),
    "a header just over the limit": ("large.png", png_claiming(8_000, 8_001)),
    "a header that promises more than there is": ("short.png", png_claiming(3_000, 2_000)),
    "no pixel": ("none.png", png_claiming(0, 10)),
    "a progressive JPEG just over the limit": ("large.jpg", jpeg_claiming(8_000, 8_001, 0xC2)),
    "a JPEG of one color after the other": ("large.jpg", jpeg_claiming(8_000, 8_001, components=1)),
    "a JPEG over every limit": ("huge.jpg", jpeg_claiming(16_000, 15_626)),
    "a HEIC cut short": ("photo.heic", picture_file(size=(99, 99), format="HEIF").read()[:-60]),
    "half a JPEG": ("half.jpg", jpeg()[:4_000]),
    "a JPEG without its last bytes": ("torn.jpg", jpeg()[:-200]),
    "a JPEG that never ends decoding": ("scans.jpg", scanned_over_and_over()),
    "a TIFF": ("scan.tiff", picture_file(format="TIFF").read()),
    "a BMP called PNG": ("scan.png", picture_file(format="BMP").read()),
    "a thread of pixels": ("thread.png", picture_file(size=(2_000, 49)).read()),
    "an animated GIF": ("dance.gif", animation("GIF")),
    "an animated PNG": ("dance.png", animation("PNG")),
    "an animated WebP": ("dance.webp", animation("WEBP")),
    "a broken AVIF": ("photo.avif", picture_file(format="AVIF").read()[:-20]),
    "a broken WebP": ("photo.webp", picture_file(size=(400, 300), format="WEBP").read()[:60]),
    "too many bytes": ("heavy.png", picture_file().read() + b"\0" * reencoding.MAX_BYTES),
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
        address = reverse("admin:images_image_change", args=[wall.pk])
        admin_client.post(
            address,
            filled_in(admin_client.get(address), "image_form")
            | {"file": picture_file("new.jpg", format="JPEG", comment=b"secret")},
        )

    wall.refresh_from_db()
    assert wall.file.name == f"images/{wall.digest[:2]}/{wall.digest}.jpg"
    assert b"secret" not in wall.file.read()
    wall.file.close()
    assert not [name for name in old if (media / name).exists()]
    assert all((media / name).exists() for name in wall.file_names())


def test_changing_words_alone_leaves_the_file(admin_client):
    wall = image()

    address = reverse("admin:images_image_change", args=[wall.pk])
    opened = admin_client.get(address)
    admin_client.post(address, filled_in(opened, "image_form", title="Renamed", focal_x=0))

    renamed = Image.objects.get()
    assert (renamed.title, renamed.focal_x) == ("Renamed", 0)
    assert (renamed.digest, renamed.file.name) == (wall.digest, wall.file.name)


def test_place_and_camera_data_are_gone():
    exif = PIL.Image.Exif()
    exif[COPYRIGHT] = "secret"
    exif.get_ifd(GPS)[1] = "N"
    profile = PIL.ImageCms.ImageCmsProfile(PIL.ImageCms.createProfile("sRGB")).tobytes()
    tagged = {"exif": exif, "icc_profile": profile}

    as_png = reencoding.reencode(picture_file(**tagged))
    as_jpeg = reencoding.reencode(picture_file("a.jpg", format="JPEG", comment="secret", **tagged))

    for picture in (as_png, as_jpeg):
        assert not decoded(picture).getexif()
        assert not {"exif", "icc_profile", "comment", "xmp"} & decoded(picture).info.keys()
        assert b"secret" not in picture.content


def test_what_a_camera_turned_stands_upright():
    exif = PIL.Image.Exif()
    exif[ORIENTATION] = 6
    lying = PIL.Image.new("RGB", (60, 40), "white")
    lying.paste("red", (0, 0, 30, 40))  # left, which is up when turned

    picture = reencoding.reencode(encoded(lying, exif=exif))

    assert (picture.width, picture.height) == (40, 60)
    assert decoded(picture).getpixel((20, 5)) == (255, 0, 0)


def test_a_jpeg_for_print_becomes_rgb():
    picture = reencoding.reencode(
        picture_file("print.jpg", mode="CMYK", color=(0, 255, 255, 0), format="JPEG")
    )

    red, green, blue = decoded(picture).getpixel((9, 9))
    assert red > 200 and green < 60 and blue < 60


def test_another_color_space_becomes_srgb():
    srgb = PIL.ImageCms.ImageCmsProfile(PIL.ImageCms.createProfile("sRGB")).tobytes()
    red_is_green = (
        srgb.replace(b"rXYZ", b"....").replace(b"gXYZ", b"rXYZ").replace(b"....", b"gXYZ")
    )

    picture = reencoding.reencode(picture_file(color=(200, 0, 0), icc_profile=red_is_green))

    assert decoded(picture).getpixel((0, 0)) == (0, 200, 0)


def test_a_profile_that_is_none_is_ignored():
    picture = reencoding.reencode(picture_file(color=(10, 20, 30), icc_profile=b"nonsense"))

    assert decoded(picture).getpixel((0, 0)) == (10, 20, 30)


def test_sixteen_bits_become_eight_and_not_white():
    picture = reencoding.reencode(picture_file(mode="I;16", color=128 * 256))

    assert decoded(picture).getpixel((0, 0)) == (128, 128, 128)


@pytest.mark.parametrize("format", ["PNG", "GIF", "WEBP", "AVIF"])
def test_transparency_survives(format):
    glass = PIL.Image.new("RGBA", (40, 40), (0, 0, 255, 255))
    glass.paste((0, 0, 0, 0), (0, 0, 20, 40))

    picture = reencoding.reencode(encoded(glass, f"glass.{format.lower()}", format))

    assert decoded(picture).getpixel((5, 5))[3] == 0
    assert decoded(picture).getpixel((35, 5))[3] == 255


def test_a_palette_with_transparency_becomes_plain_pixels():
    palette = PIL.Image.new("P", (10, 10), 1)
    palette.putpalette([255, 0, 0, 0, 255, 0])
    palette.putpixel((0, 0), 0)

    picture = reencoding.reencode(encoded(palette, transparency=0))

    assert decoded(picture).mode == "RGBA"
    assert decoded(picture).getpixel((0, 0))[3] == 0
    assert decoded(picture).getpixel((5, 5)) == (0, 255, 0, 255)


def test_an_opaque_picture_needs_no_alpha():
    picture = reencoding.reencode(picture_file(mode="RGBA", color=(1, 2, 3, 255)))

    assert decoded(picture).mode == "RGB"


@pytest.mark.parametrize("format", ["PNG", "GIF", "WEBP", "AVIF", "HEIF"])
def test_a_drawing_stays_without_loss(format):
    picture = reencoding.reencode(picture_file(f"a.{format.lower()}", format=format))

    assert decoded(picture).format == "PNG"
    assert picture.extension == "png"


@pytest.mark.parametrize("format", ["JPEG", "MPO", "PNG", "GIF", "WEBP", "AVIF", "HEIF"])
def test_a_photograph_becomes_a_jpeg(format):
    picture = reencoding.reencode(encoded(photograph(), f"a.{format.lower()}", format))

    assert decoded(picture).format == "JPEG"
    assert picture.extension == "jpg"


def test_a_photograph_with_a_hole_keeps_it_and_stays_within_bounds(monkeypatch):
    monkeypatch.setattr(reencoding, "MAX_BYTES", 200_000)
    cut_out = photograph().convert("RGBA")
    cut_out.paste((0, 0, 0, 0), (0, 0, 20, 20))

    picture = reencoding.reencode(encoded(cut_out, "a.webp", "WEBP"))

    assert len(picture.content) <= 200_000
    assert decoded(picture).getpixel((2, 2))[3] == 0


@pytest.mark.parametrize("name", ["a.png", "photo.html", "letter", "a.jpg"])
def test_what_it_is_its_content_says_whatever_its_name(name):
    assert reencoding.reencode(picture_file(name, format="JPEG")).extension == "jpg"
    assert reencoding.reencode(picture_file(name, format="PNG")).extension == "png"


@pytest.mark.parametrize(
    ("size", "stored"),
    [
        ((8064, 6048), (4032, 3024)),  # a telephone's 48 million
        ((4032, 3024), (4032, 3024)),
        ((5000, 200), (4032, 161)),
        ((200, 5000), (161, 4032)),
        ((1000, 60), (1000, 60)),  # a banner
        ((60, 1000), (60, 1000)),
    ],
)
@pytest.mark.parametrize("format", ["JPEG", "PNG"])
def test_large_and_long_pictures_are_taken_and_scaled_to_what_pages_show(size, stored, format):
    picture = reencoding.reencode(picture_file(mode="L", color=99, size=size, format=format))

    assert (picture.width, picture.height) == decoded(picture).size == stored


def test_a_jpeg_far_larger_than_memory_allows_is_scaled_while_it_is_read():
    picture = reencoding.reencode(
        picture_file(mode="L", color=99, size=(12_000, 9_000), format="JPEG")
    )

    assert (picture.width, picture.height) == (4032, 3024)


def test_what_is_too_large_is_refused_with_a_way_out():
    with pytest.raises(ValidationError, match="Export it as a JPEG, at most 4,032 pixels wide"):
        reencoding.reencode(SimpleUploadedFile("a.png", png_claiming(9_000, 9_000)))


def test_no_more_than_two_are_decoded_at_once(monkeypatch):
    monkeypatch.setattr(reencoding, "MAX_WAIT", 0.01)
    both_inside, leave = threading.Barrier(3, timeout=30), threading.Event()

    original = reencoding._plain_pixels

    def waiting(picture):
        both_inside.wait()
        leave.wait(30)
        return original(picture)

    monkeypatch.setattr(reencoding, "_plain_pixels", waiting)
    others = [threading.Thread(target=reencoding.reencode, args=[picture_file()]) for _ in "ab"]
    for other in others:
        other.start()
    both_inside.wait()

    with pytest.raises(ValidationError, match="nothing wrong with yours"):
        reencoding.reencode(picture_file())

    leave.set()
    for other in others:
        other.join()
    monkeypatch.setattr(reencoding, "_plain_pixels", original)
    assert reencoding.reencode(picture_file()).extension == "png"


@pytest.mark.filterwarnings(
    "ignore:Corrupt EXIF data", "ignore:.*malformed MPO", "ignore:Truncated"
)
@pytest.mark.parametrize("damage", DAMAGED_EXIF.values(), ids=DAMAGED_EXIF)
def test_broken_exif_does_not_make_a_broken_picture(damage):
    exif = PIL.Image.Exif()
    exif[ORIENTATION], exif[COPYRIGHT] = 6, "someone"
    whole = encoded(PIL.Image.new("RGB", (60, 40), "white"), format="JPEG", exif=exif).read()
    broken = damage(whole)
    assert broken != whole

    picture = reencoding.reencode(SimpleUploadedFile("a.jpg", broken))

    assert sorted((picture.width, picture.height)) == [40, 60]


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_orientation_is_kept_where_the_rest_of_the_exif_is_broken():
    exif = PIL.Image.Exif()
    exif[ORIENTATION] = 6
    whole = encoded(PIL.Image.new("RGB", (60, 40), "white"), format="JPEG", exif=exif).read()

    picture = reencoding.reencode(SimpleUploadedFile("a.jpg", promising_more_entries(whole)))

    assert (picture.width, picture.height) == (40, 60)


def test_a_heic_of_several_pictures_gives_its_first():
    red, blue = (PIL.Image.new("RGB", (40, 30), color) for color in ("red", "blue"))

    picture = reencoding.reencode(
        encoded(red, "burst.heic", "HEIF", save_all=True, append_images=[blue])
    )

    red_level, _, blue_level = decoded(picture).getpixel((9, 9))
    assert red_level > 200 and blue_level < 50


def test_a_heic_stands_upright():
    exif = PIL.Image.Exif()
    exif[ORIENTATION] = 6

    picture = reencoding.reencode(
        encoded(PIL.Image.new("RGB", (60, 40), "white"), "a.heic", "HEIF", exif=exif.tobytes())
    )

    assert (picture.width, picture.height) == (40, 60)


def test_a_heic_with_broken_exif_is_taken():
    exif = PIL.Image.Exif()
    exif[COPYRIGHT] = "someone"
    whole = encoded(PIL.Image.new("RGB", (60, 40)), "a.heic", "HEIF", exif=exif.tobytes()).read()
    broken = whole.replace(exif.tobytes()[6:14], b"\xff" * 8)
    assert broken != whole

    picture = reencoding.reencode(SimpleUploadedFile("a.heic", broken))

    assert (picture.width, picture.height) == (60, 40)


def test_what_shines_through_takes_more_memory_and_may_have_fewer_pixels():
    with pytest.raises(ValidationError, match="more than 40 million pixels"):
        reencoding.reencode(SimpleUploadedFile("a.png", png_claiming(8_000, 6_000, kind=6)))


@pytest.mark.parametrize(
    "content",
    [jpeg_claiming(8_000, 8_001, 0xC2), jpeg_claiming(8_000, 8_001, components=1)],
    ids=["progressive", "one color after the other"],
)
def test_a_jpeg_that_has_to_be_held_in_memory_whole_may_not_be_larger_than_others(content):
    with pytest.raises(ValidationError, match="more than 64 million pixels"):
        reencoding.reencode(SimpleUploadedFile("a.jpg", content))
