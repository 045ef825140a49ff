"""The pictures of a text: that readers see them, or are told what they show."""

import logging
import re
from collections.abc import Iterator, Mapping
from hashlib import sha256

from django.core.cache import cache
from django.core.files.storage import FileSystemStorage

from articles.checking.findings import Finding, Kind, Place
from articles.checking.passages import Body, Passage
from desk.numbers import row_number
from images.models import Image

logger = logging.getLogger(__name__)
ASKED_AGAIN_AFTER = 600  # seconds

_FILE_NAME = re.compile(
    r"\S+\.(?:jpe?g|png|gif|webp|avif|heic|svg)|(?:img|dsc|dscn|image|screenshot|photo)[\s_-]*\d*",
    re.IGNORECASE,
)
_FOREIGN = re.compile(r"(?:https?:)?//([^/?#]+)", re.IGNORECASE)


def pictures_of(body: Body, cover: int | None = None) -> Mapping[int, Image]:
    """Those of the library, by number. One query."""
    ids = {row_number(one.get("data-file")) for _, one in body.each("img")} | {cover}
    wanted = [number for number in ids if number]
    return Image.objects.in_bulk(wanted) if wanted else {}


def check_pictures(
    body: Body, known: Mapping[int, Image], cover: int | None = None
) -> Iterator[Finding]:
    for nth, element in body.each("img"):
        place = Place(body.field, tag="img", nth=nth, noun="picture")
        image = known.get(row_number(element.get("data-file")) or 0)
        if image is None:
            yield _lost(element.get("src", ""), place)
        else:
            yield from _of_image(image, place)
    if image := known.get(cover or 0):
        yield from _of_image(image, Place("cover"))


def _is_there(image: Image) -> bool:
    """Whether its file is. A store elsewhere is asked once in ten minutes; one that does not answer
    is no reason to hold anything up.
    """
    name, storage = str(image.file.name), image.file.storage
    if isinstance(storage, FileSystemStorage):
        return storage.exists(name)
    key = f"picture-is-there:{sha256(name.encode()).hexdigest()}"
    if cache.get(key):
        return True
    try:
        is_there = bool(storage.exists(name))
    except OSError:
        logger.warning("The store of pictures did not say whether %s is there", name)
        return True
    if is_there:
        cache.set(key, True, ASKED_AGAIN_AFTER)
    return is_there


def _of_image(image: Image, place: Place) -> Iterator[Finding]:
    if not _is_there(image):
        yield Finding(
            Kind.PICTURE,
            True,
            f"The file of the picture “{image.title[:60]}” is gone, so readers would see a gap. "
            "Upload it again in the library, or choose another one.",
            place,
        )
    elif sentence := _undescribed(image):
        yield Finding(Kind.DESCRIPTION, True, sentence, place)


def what_pictures_say(body: Body, known: Mapping[int, Image], cover: int | None) -> list[Passage]:
    """What readers get from the library beside the picture itself."""
    shown = [
        (body.field, nth, row_number(one.get("data-file")) or 0) for nth, one in body.each("img")
    ]
    shown += [("cover", 0, cover)] if cover else []
    return [
        Passage(field, text, tag="" if field == "cover" else "img", nth=nth, noun="picture")
        for field, nth, number in shown
        if (image := known.get(number))
        for text in (image.alt, image.credit)
        if text
    ]


def _lost(source: str, place: Place) -> Finding:
    if foreign := _FOREIGN.match(source):
        return Finding(
            Kind.FOREIGN_PICTURE,
            False,
            f"A picture is at {foreign[1][:60]}, so readers would not see it. Upload it with the "
            "picture button, or remove it.",
            place,
        )
    return Finding(
        Kind.PICTURE,
        True,
        "One picture in the text is not in the library, so readers would not see it. Upload it "
        "with the picture button, or remove it from the text.",
        place,
    )


def _undescribed(image: Image) -> str:
    if image.is_decorative:
        return ""
    alt = image.alt.strip()
    if not alt:
        return "A picture has no description. Say what it shows, or mark it as decorative."
    if _FILE_NAME.fullmatch(alt):
        return f"A picture’s description is only “{alt[:60]}”. Say what it shows."
    return ""
