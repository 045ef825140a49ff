"""From an uploaded file to the picture as we store it: decoded, scaled, written anew.

Only this module reads what came from outside. Memory is bounded by three limits: how many pixels
may be decoded in full, how many uploads are decoded at once, and how large the result may be.
"""

import hashlib
import struct
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from io import BytesIO

import PIL.ExifTags
import PIL.Image
import PIL.ImageCms
from django.core.exceptions import ValidationError
from django.core.files import File
from pillow_heif import register_heif_opener

MAX_BYTES = 15 * 1024 * 1024
MAX_PIXELS = 64_000_000  # decoded in full: telephones make 48 and 50 million of them
MAX_HEAVY_PIXELS = 40_000_000  # of WebP, and of what shines through: 16 bytes for each
LARGE = 24_000_000  # pixels decoded in full, of heavy ones half as many: one such at a time
MAX_STREAMED_PIXELS = 250_000_000  # of a JPEG that is scaled down while it is decoded
MAX_SIDE = 4032  # as stored: what a telephone takes, and half of what its largest mode does
MAX_ELONGATED = 40  # a banner; beyond that it is a line
MAX_SCANS = 100  # a progressive JPEG has about ten; thousands keep the decoder busy for hours
MAX_AT_ONCE = 2
MAX_WAIT = 20  # seconds
MAX_OPTIMIZED = 4_000_000  # pixels: packing a PNG as small as can be takes seconds for each million
MAX_LOSSLESS_COST = 3  # times the JPEG; drawings cost less than that, photographs four and more

FORMATS = ["JPEG", "PNG", "WEBP", "AVIF", "GIF", "HEIF"]
ACCEPTED = "JPEG, PNG, WebP, AVIF, GIF or HEIC"
_TRANSPOSED = {
    2: PIL.Image.Transpose.FLIP_LEFT_RIGHT,
    3: PIL.Image.Transpose.ROTATE_180,
    4: PIL.Image.Transpose.FLIP_TOP_BOTTOM,
    5: PIL.Image.Transpose.TRANSPOSE,
    6: PIL.Image.Transpose.ROTATE_270,
    7: PIL.Image.Transpose.TRANSVERSE,
    8: PIL.Image.Transpose.ROTATE_90,
}
_START_OF_FRAME = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_START_OF_SCAN = 0xDA

register_heif_opener()
# Pillow's own guard, behind ours: it raises above twice this number.
PIL.Image.MAX_IMAGE_PIXELS = MAX_STREAMED_PIXELS
# Its hints are about files that every viewer shows: odd Exif, odd palettes.
warnings.filterwarnings("ignore", module=r"PIL\.")
_turns = threading.BoundedSemaphore(MAX_AT_ONCE)
_large_turn = threading.BoundedSemaphore(1)


@dataclass(frozen=True)
class Reencoded:
    """A picture as we store it: upright, in sRGB, without metadata."""

    content: bytes
    width: int
    height: int
    digest: str
    extension: str  # "jpg" or "png"

    @property
    def name(self) -> str:
        return f"images/{self.digest[:2]}/{self.digest}.{self.extension}"


def reencode(upload: File[bytes]) -> Reencoded:
    """Decode the upload and write it anew: photographs as JPEG, all else without loss as PNG.

    What it is, its content says, whatever its name. Raises `ValidationError`, in words for the
    person who uploads, for whatever is not one still picture of a sane size, and when two others
    are being decoded for too long. Pixels are counted before any is decoded.
    """
    content = _content(upload)
    with _turn(_turns):
        is_jpeg, pixels = _decoded(content)
        return _written(pixels, as_jpeg=is_jpeg or _is_photograph(pixels))


@contextmanager
def _turn(turns: threading.BoundedSemaphore) -> Iterator[None]:
    if not turns.acquire(timeout=MAX_WAIT):
        raise ValidationError(
            "Other pictures are being prepared right now. There is nothing wrong with yours: "
            "upload it again in a minute."
        )
    try:
        yield
    finally:
        turns.release()


def _content(upload: File[bytes]) -> bytes:
    if not upload.size:
        raise ValidationError("The file is empty.")
    if upload.size > MAX_BYTES:
        raise ValidationError(
            f"The file is {upload.size / 1024**2:.1f} MB; the limit is {MAX_BYTES // 1024**2} MB. "
            f"Export it as a JPEG, at most {MAX_SIDE:,} pixels wide, and upload that."
        )
    upload.seek(0)
    content: bytes = upload.read()
    return content


def _decoded(content: bytes) -> tuple[bool, PIL.Image.Image]:
    """Whether the file is a JPEG, and its pixels: upright, scaled to what we store, in sRGB."""
    try:
        with PIL.Image.open(BytesIO(content), formats=FORMATS) as picture:
            is_jpeg = picture.format in ("JPEG", "MPO")  # MPO: a telephone's JPEG with extras
            is_streamed = is_jpeg and _is_streamed(content)
            _check_header(picture, is_streamed=is_streamed)
            if is_jpeg and content.count(b"\xff\xda") > MAX_SCANS:
                raise ValidationError("This JPEG is too complex. Export it again and upload that.")
            weight = 2 if _is_heavy(picture) else 1
            is_large = weight * picture.width * picture.height > LARGE and not is_streamed
            with _turn(_large_turn) if is_large else nullcontext():
                return is_jpeg, _plain_pixels(picture)
    except ValidationError:
        raise
    except (PIL.Image.DecompressionBombError, PIL.Image.DecompressionBombWarning):
        raise _too_many_pixels() from None
    except PIL.UnidentifiedImageError:
        raise _not_a_picture(content) from None
    except Exception as error:  # decoders raise whatever the broken bytes make them raise
        raise ValidationError(
            "The picture is damaged or incomplete. Export it again and upload that."
        ) from error


def _check_header(picture: PIL.Image.Image, *, is_streamed: bool) -> None:
    width, height = picture.size
    limit = MAX_HEAVY_PIXELS if _is_heavy(picture) else MAX_PIXELS
    if width * height > (MAX_STREAMED_PIXELS if is_streamed else limit):
        raise _too_many_pixels(limit)
    if max(width, height) > MAX_ELONGATED * min(width, height):
        raise ValidationError(
            f"{width} × {height} pixels is too elongated: one side may be at most "
            f"{MAX_ELONGATED} times the other."
        )
    # HEIC, too, holds several pictures: the first of a burst is the one that is shown.
    if getattr(picture, "is_animated", False) and picture.format not in ("MPO", "HEIF"):
        raise ValidationError("This is an animation. Upload a still picture.")


def _is_heavy(picture: PIL.Image.Image) -> bool:
    return picture.format == "WEBP" or picture.has_transparency_data


def _is_streamed(content: bytes) -> bool:
    """Whether a JPEG's decoder needs only a few lines of it in memory at any time.

    It keeps the whole picture's coefficients when they come in several scans, as in a progressive
    JPEG, or one color after the other.
    """
    at, is_progressive, components = 2, False, 0
    while at + 10 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if marker == 0xFF:  # padding
            at += 1
            continue
        if marker in _START_OF_FRAME:
            is_progressive = marker not in (0xC0, 0xC1)
            components = content[at + 9]
        elif marker == _START_OF_SCAN:
            return not is_progressive and content[at + 4] == components
        at += 2 + struct.unpack_from(">H", content, at + 2)[0]
    return False


def _not_a_picture(content: bytes) -> ValidationError:
    if b"<svg" in content[:4096].lower():
        return ValidationError(
            f"SVG is not accepted, because it can carry scripts. Export it as {ACCEPTED}."
        )
    return ValidationError(f"This is not a picture we can read. Upload {ACCEPTED}.")


def _too_many_pixels(limit: int = MAX_PIXELS) -> ValidationError:
    return ValidationError(
        f"The picture has more than {limit // 1_000_000} million pixels. Export it as a JPEG, "
        f"at most {MAX_SIDE:,} pixels wide, and upload that: no page shows more."
    )


def _plain_pixels(picture: PIL.Image.Image) -> PIL.Image.Image:
    """Upright, 8 bits, RGB or (where something shines through) RGBA in sRGB, and nothing else.

    Scaled down first, so that every other step works on what we store and no more.
    """
    share = min(1, MAX_SIDE / max(picture.size))
    picture.draft(None, (int(picture.width * share) or 1, int(picture.height * share) or 1))
    picture.load()
    orientation, profile = _orientation(picture), picture.info.get("icc_profile")
    pixels = picture
    if picture.mode.startswith("I"):  # 16 bits of gray; `convert` would clip them all to white
        pixels = picture.convert("I").point(lambda value: value / 256).convert("L")
    elif picture.has_transparency_data and picture.mode != "RGBA":
        pixels = picture.convert("RGBA")
    elif picture.mode not in ("L", "RGB", "RGBA", "CMYK"):
        pixels = picture.convert("RGB")
    pixels.thumbnail((MAX_SIDE, MAX_SIDE))  # only ever smaller
    if orientation in _TRANSPOSED:
        pixels = pixels.transpose(_TRANSPOSED[orientation])
    mode = "RGBA" if pixels.mode == "RGBA" else "RGB"
    if profile:
        pixels = _in_srgb(pixels, profile, mode)
    pixels = pixels.convert(mode)  # also a copy: the file is closed behind us
    if mode == "RGBA" and pixels.getchannel("A").getextrema() == (255, 255):
        pixels = pixels.convert("RGB")
    pixels.info.clear()  # comments and profiles hide here, and the encoders write them out
    return pixels


def _orientation(picture: PIL.Image.Image) -> int:
    """How the camera was held, or 1, upright, where that cannot be read."""
    try:
        return int(picture.getexif().get(PIL.ExifTags.Base.Orientation, 1))
    except Exception:  # broken Exif raises anything; every viewer shows the picture all the same
        return 1


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


def _is_photograph(pixels: PIL.Image.Image) -> bool:
    """Whether lossless storage costs many times what a JPEG does, judged by nine samples."""
    if pixels.mode == "RGBA":
        return False  # JPEG has no transparency
    side = 256
    sample = PIL.Image.new("RGB", (min(3 * side, pixels.width), min(3 * side, pixels.height)))
    for row in range(3):
        for column in range(3):
            left = max(0, pixels.width - side) * column // 2
            top = max(0, pixels.height - side) * row // 2
            tile = pixels.crop(
                (left, top, min(left + side, pixels.width), min(top + side, pixels.height))
            )
            sample.paste(tile, (column * side, row * side))
    cost = _encoded(sample, "PNG", compress_level=6)
    return len(cost) > MAX_LOSSLESS_COST * len(_encoded(sample, "JPEG", quality=90))


def _written(pixels: PIL.Image.Image, *, as_jpeg: bool) -> Reencoded:
    if as_jpeg:
        content = _encoded(pixels, "JPEG", quality=90, progressive=True, optimize=True)
    else:
        content = _lossless(pixels)
        while len(content) > MAX_BYTES:  # a photograph with a hole in it
            pixels.thumbnail((pixels.width * 3 // 4, pixels.height * 3 // 4))
            content = _lossless(pixels)
    return Reencoded(
        content=content,
        width=pixels.width,
        height=pixels.height,
        digest=hashlib.sha256(content).hexdigest(),
        extension="jpg" if as_jpeg else "png",
    )


def _lossless(pixels: PIL.Image.Image) -> bytes:
    if pixels.width * pixels.height > MAX_OPTIMIZED:
        return _encoded(pixels, "PNG", compress_level=6)
    return _encoded(pixels, "PNG", optimize=True)


def _encoded(pixels: PIL.Image.Image, format: str, **options: object) -> bytes:
    written = BytesIO()
    pixels.save(written, format, **options)
    return written.getvalue()
