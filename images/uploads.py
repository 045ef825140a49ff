"""The one door by which a picture enters. What leaves here is our own file, never the visitor's."""

import hashlib
import warnings
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import PIL.Image
import PIL.ImageCms
import PIL.ImageOps
from django.core.exceptions import ValidationError
from django.core.files import File
from django.db import IntegrityError, transaction
from django.utils import timezone

from images.models import Image, remove_files_after_commit, store_file
from images.tasks import make_renditions

MOST_BYTES = 15 * 1024 * 1024
MOST_PIXELS = 40_000_000
MOST_ELONGATED = 10  # WebP ends at 16,383 pixels, and no layout of ours shows more than a banner
MOST_SCANS = 100  # a progressive JPEG has about ten; thousands keep the decoder busy for hours

EXTENSIONS = {
    "JPEG": {".jpg", ".jpeg", ".jpe", ".jfif"},
    "PNG": {".png"},
    "WEBP": {".webp"},
    "AVIF": {".avif"},
    "GIF": {".gif"},
}
ACCEPTED = "JPEG, PNG, WebP, AVIF or GIF"

# Both for the whole process: `warnings.catch_warnings` is not safe between threads, and only
# this app opens pictures.
PIL.Image.MAX_IMAGE_PIXELS = MOST_PIXELS
warnings.filterwarnings("error", module=r"PIL\.")


@dataclass(frozen=True)
class Reencoded:
    """A picture as we store it: upright, in sRGB, without a word of metadata."""

    content: bytes
    width: int
    height: int
    digest: str
    extension: str  # "jpg" or "png"

    @property
    def name(self) -> str:
        return f"images/{self.digest[:2]}/{self.digest}.{self.extension}"


class AlreadyHere(ValidationError):
    """The library has this picture; `existing` is it."""

    def __init__(self, existing: Image) -> None:
        super().__init__(
            "This picture is in the library already, as “%(title)s”.",
            code="already_here",
            params={"title": existing.title},
        )
        self.existing = existing


def receive(
    upload: File,
    *,
    title: str,
    alt: str = "",
    is_decorative: bool = False,
    credit: str = "",
    focal_x: float = 0.5,
    focal_y: float = 0.5,
) -> Image:
    """Save a new image and ask for its renditions, or raise `ValidationError` and save nothing."""
    image = Image(
        title=title,
        alt=alt,
        is_decorative=is_decorative,
        credit=credit,
        focal_x=focal_x,
        focal_y=focal_y,
    )
    return keep(image, reencode(upload))


def keep(image: Image, picture: Reencoded) -> Image:
    """Save the image, new or old, with this picture; a picture it had before is removed.

    Raises `AlreadyHere` when another image holds the same picture.
    """
    refuse_duplicate(picture, besides=image)
    image.file = picture.name
    image.width, image.height = picture.width, picture.height
    image.digest = picture.digest
    image.renditions_due_at = timezone.now()
    image.full_clean()
    store_file(picture.name, picture.content)
    try:
        with transaction.atomic():
            if image.pk:
                Image.objects.select_for_update().get(pk=image.pk)  # no worker adds to it now
                remove_files_after_commit(image.file_names())
                image.renditions.all().delete()
            image.save()
    except IntegrityError:  # uploaded twice in the same moment
        refuse_duplicate(picture, besides=image)
        raise
    transaction.on_commit(lambda: make_renditions.delay(image.pk), robust=True)
    return image


def refuse_duplicate(picture: Reencoded, *, besides: Image) -> None:
    """Raise `AlreadyHere` when an image other than `besides` holds the same picture."""
    existing = Image.objects.filter(digest=picture.digest).exclude(pk=besides.pk).first()
    if existing:
        raise AlreadyHere(existing)


def reencode(upload: File) -> Reencoded:
    """Decode the upload and write it anew: JPEG as JPEG, all else as PNG.

    Raises `ValidationError`, in words for the person who uploads, for whatever is not one still
    picture of a sane size that is what its name says. Pixels are counted before any is decoded.
    """
    content = _content(upload)
    try:
        with PIL.Image.open(BytesIO(content), formats=list(EXTENSIONS)) as picture:
            is_jpeg = picture.format in ("JPEG", "MPO")  # MPO: a telephone's JPEG with extras
            _check_header(picture, "JPEG" if is_jpeg else str(picture.format), upload.name)
            if is_jpeg and content.count(b"\xff\xda") > MOST_SCANS:
                raise ValidationError("This JPEG is built in a way that no camera does.")
            pixels = _plain_pixels(picture)
    except ValidationError:
        raise
    except (PIL.Image.DecompressionBombError, PIL.Image.DecompressionBombWarning):
        raise _too_many_pixels() from None
    except PIL.UnidentifiedImageError:
        raise _not_a_picture(content) from None
    except Exception as error:  # decoders raise whatever the broken bytes make them raise
        raise ValidationError(
            "The picture is damaged or incomplete. Export it once more and upload that."
        ) from error
    written = BytesIO()
    if is_jpeg:
        pixels.save(written, "JPEG", quality=90, progressive=True, optimize=True)
    else:
        pixels.save(written, "PNG", optimize=True)
    return Reencoded(
        content=written.getvalue(),
        width=pixels.width,
        height=pixels.height,
        digest=hashlib.sha256(written.getvalue()).hexdigest(),
        extension="jpg" if is_jpeg else "png",
    )


def _content(upload: File) -> bytes:
    if not upload.size:
        raise ValidationError("The file is empty.")
    if upload.size > MOST_BYTES:
        raise ValidationError(
            f"The file has {upload.size / 1024**2:.1f} MB; {MOST_BYTES // 1024**2} MB are the most."
        )
    upload.seek(0)
    return upload.read()


def _check_header(picture: PIL.Image.Image, true_format: str, name: str | None) -> None:
    width, height = picture.size
    if width * height > MOST_PIXELS:
        raise _too_many_pixels()
    if max(width, height) > MOST_ELONGATED * min(width, height):
        raise ValidationError(
            f"{width} × {height} pixels is too elongated: one side may be at most "
            f"{MOST_ELONGATED} times the other."
        )
    extension = Path(name or "").suffix.lower()
    if extension and extension not in EXTENSIONS[true_format]:
        raise ValidationError(
            f"The name ends in {extension}, but the file holds a {true_format} picture. "
            "Give it its true name, or export it once more."
        )
    if getattr(picture, "is_animated", False) and picture.format != "MPO":
        raise ValidationError("This is an animation. Upload a still picture.")


def _not_a_picture(content: bytes) -> ValidationError:
    if b"<svg" in content[:4096].lower():
        return ValidationError(
            f"SVG is not accepted, because it can carry scripts. Export it as {ACCEPTED}."
        )
    return ValidationError(f"This is not a picture we can read. Upload {ACCEPTED}.")


def _too_many_pixels() -> ValidationError:
    return ValidationError(
        f"The picture has more than {MOST_PIXELS // 1_000_000} million pixels. Make it smaller: "
        "no page shows more than 1,600 across."
    )


def _plain_pixels(picture: PIL.Image.Image) -> PIL.Image.Image:
    """Upright, 8 bits, RGB or (where something shines through) RGBA in sRGB, and nothing else."""
    picture.load()
    profile = picture.info.get("icc_profile")
    pixels = PIL.ImageOps.exif_transpose(picture)
    if pixels.mode.startswith("I"):  # 16 bits of grey; `convert` would clip them all to white
        pixels = pixels.convert("I").point(lambda value: value / 256).convert("L")
    elif pixels.has_transparency_data:
        pixels = pixels.convert("RGBA")
    elif pixels.mode not in ("L", "CMYK"):
        pixels = pixels.convert("RGB")
    mode = "RGBA" if pixels.mode == "RGBA" else "RGB"
    if profile:
        pixels = _in_srgb(pixels, profile, mode)
    pixels = pixels.convert(mode)
    if mode == "RGBA" and pixels.getchannel("A").getextrema() == (255, 255):
        pixels = pixels.convert("RGB")
    pixels.info.clear()  # comments and profiles hide here, and the encoders write them out
    return pixels


def _in_srgb(pixels: PIL.Image.Image, profile: bytes, mode: str) -> PIL.Image.Image:
    try:
        converted = PIL.ImageCms.profileToProfile(
            pixels,
            PIL.ImageCms.ImageCmsProfile(BytesIO(profile)),
            PIL.ImageCms.createProfile("sRGB"),
            outputMode=mode,
        )
    except (PIL.ImageCms.PyCMSError, OSError):
        return pixels  # a profile that doesn't fit its picture is what browsers ignore as well
    return converted or pixels
