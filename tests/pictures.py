"""Pictures made for a test, good and bad."""

import struct
import zlib
from io import BytesIO

import PIL.Image
from django.core.files.uploadedfile import SimpleUploadedFile


def picture_file(
    name="wall.png", *, size=(64, 48), color=(200, 30, 30), mode="RGB", format="PNG", **options
) -> SimpleUploadedFile:
    """A picture in one color, encoded as told."""
    return encoded(PIL.Image.new(mode, size, color), name, format, **options)


def encoded(picture, name="wall.png", format="PNG", **options) -> SimpleUploadedFile:
    written = BytesIO()
    picture.save(written, format, **options)
    return SimpleUploadedFile(name, written.getvalue())


def png_claiming(width: int, height: int, *, kind: int = 2) -> bytes:
    """A PNG whose header promises more than its few bytes of data hold; RGB (2) or RGBA (6)."""
    header = struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 64)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
