"""The picture that stands for a page where its address is shared: paper, a title, our bridge.

A card is named by the digest of what it shows, so its address may be cached forever and a new title
has a new one. It is drawn when someone first asks for it, and kept in the media store.
"""

import hashlib
import math
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from itertools import pairwise
from pathlib import Path

from django.core.files.storage import default_storage
from django.urls import reverse
from PIL import Image, ImageDraw, ImageFont

from articles.models import Revision
from images.models import store_file
from pages.models import SiteSettings
from web.wording import listed

# What the networks show large without cutting: 1.91 to 1.
WIDTH, HEIGHT = 1200, 630
# Raised when the drawing changes, so that every card gets a new address.
DRAWING = 1

FONT = Path(__file__).parent / "fonts" / "literata-medium.ttf"  # its license lies beside it
PAPER, TINT, INK, MUTED, EDGE, ACCENT = (
    "#fbfaf6", "#f3eee2", "#1b1d22", "#565b66", "#85807a", "#b23a12",
)  # fmt: skip
MARGIN = 72
GROUND = 524  # the line that the bridge stands on
TITLE_TOP, TITLE_BOTTOM = 62, 342
TITLE_SIZES = range(104, 25, -2)
FOOT_SIZES = range(28, 17, -1)
FOOT_GAP = 48
LEADING = 1.18
FINE = 3  # lines are drawn this much larger and scaled down: Pillow draws them without smoothing

Point = tuple[float, float]


@dataclass(frozen=True)
class SocialCard:
    """What a card shows. Two that show the same are the same file."""

    title: str
    site: str
    authors: tuple[str, ...] = ()

    @classmethod
    def of_article(cls, revision: Revision, settings: SiteSettings) -> "SocialCard":
        """Costs no query when the bylines are prefetched."""
        authors = tuple(byline.author.name for byline in revision.article.bylines.all())
        return cls(title=revision.title, site=settings.name, authors=authors)

    @classmethod
    def of_site(cls, settings: SiteSettings) -> "SocialCard":
        return cls(title=settings.tagline or settings.home_heading, site=settings.name)

    @property
    def digest(self) -> str:
        shown = "\0".join([str(DRAWING), self.title, self.site, *self.authors])
        return hashlib.sha256(shown.encode()).hexdigest()[:16]

    @property
    def alt(self) -> str:
        """The card in words."""
        by = f", by {listed(self.authors)}" if self.authors else ""
        return f"“{self.title}”{by}. {self.site}, with a drawing of a bridge, half of it built."

    @property
    def file_name(self) -> str:
        return f"cards/{self.digest[:2]}/{self.digest}.png"

    def png(self) -> bytes:
        """The card's file, drawn unless it is in the store. That may be away or full."""
        name = self.file_name
        with suppress(OSError):
            with default_storage.open(name) as file:
                kept: bytes = file.read()
            if kept.endswith(_LAST_CHUNK):
                return kept  # else it was half written by a process that died
        content = draw(self)
        with suppress(OSError):
            store_file(name, content)
        return content


def needed(names: Collection[str]) -> set[str]:
    """The cards of what is live. Any other is drawn again if someone asks for it."""
    settings = SiteSettings.load()
    live = Revision.objects.live().select_related("article").defer("body")
    cards = [SocialCard.of_site(settings)]
    cards += [
        SocialCard.of_article(one, settings)
        for one in live.prefetch_related("article__bylines__author")
    ]
    return {card.file_name for card in cards} & set(names)


_LAST_CHUNK = b"IEND\xaeB`\x82"  # PNG, section 11.2.5: it ends every whole file


def article_card_path(revision: Revision, card: SocialCard) -> str:
    return reverse("pages:article_card", args=[revision.article.slug, card.digest])


def site_card_path(card: SocialCard) -> str:
    return reverse("pages:site_card", args=[card.digest])


def draw(card: SocialCard) -> bytes:
    """A PNG of WIDTH × HEIGHT. Nothing is cut off, however long the words are."""
    picture = _drawing().copy()
    pen = ImageDraw.Draw(picture)
    _draw_title(pen, _drawable(card.title) or _drawable(card.site))
    _draw_foot(picture, _drawable(listed(card.authors)), _drawable(card.site))
    written = BytesIO()
    # Flat colors: a palette loses nothing that can be seen and takes a third of the bytes.
    picture.quantize(64, dither=Image.Dither.NONE).save(written, "PNG", optimize=True)
    return written.getvalue()


# Words


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONT, size, layout_engine=ImageFont.Layout.BASIC)


@cache
def _has_glyph(character: str) -> bool:
    """Whether the font can draw it: one that it can't looks like its box for the unknown."""
    unknown = bytes(_font(40).getmask("\uffff"))
    return bytes(_font(40).getmask(character)) != unknown


def _drawable(text: str) -> str:
    """The text in characters that the font has; empty when too little would be left of it.

    Emoji and the like are left out. A title in a script that the font has not is not shown at
    all: half of a sentence would be worse than none.
    """
    text = " ".join(unicodedata.normalize("NFC", text).split())
    kept = "".join(each for each in text if each == " " or _has_glyph(each))
    lost_letters = sum(each.isalnum() for each in text if each not in (" ", *kept))
    if lost_letters * 10 > len(kept):
        return ""
    return " ".join(kept.split())


def _draw_title(pen: ImageDraw.ImageDraw, title: str) -> None:
    for size in TITLE_SIZES:
        font = _font(size)
        lines = _wrapped(title, font, WIDTH - 2 * MARGIN)
        step = round(size * LEADING)
        if len(lines) * step <= TITLE_BOTTOM - TITLE_TOP:
            lines = _balanced(title, font, lines)
            break
    else:  # longer than any title can be: whole lines are shown, and that there is more
        most = (TITLE_BOTTOM - TITLE_TOP) // step
        lines = [*lines[: most - 1], _shortened(lines[most - 1], font, WIDTH - 2 * MARGIN)]
    for number, line in enumerate(lines):
        # The baseline stands still, whatever reaches above or below it in this line.
        pen.text((MARGIN, TITLE_TOP + number * step + size), line, INK, font, anchor="ls")


def _balanced(text: str, font: ImageFont.FreeTypeFont, lines: list[str]) -> list[str]:
    """As many lines, but as even as they can be: no word alone at the end."""
    narrow, wide = (WIDTH - 2 * MARGIN) // 2, WIDTH - 2 * MARGIN
    while wide - narrow > 8:
        middle = (narrow + wide) // 2
        tried = _wrapped(text, font, middle)
        if len(tried) <= len(lines):
            wide, lines = middle, tried
        else:
            narrow = middle
    return lines


def _wrapped(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    lines: list[str] = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= width:
            lines[-1] = longer
            continue
        *full, last = _broken(word, font, width)
        lines += [*full, last]
    return [line for line in lines if line] or [""]


def _broken(word: str, font: ImageFont.FreeTypeFont, width: int) -> Iterator[str]:
    """The word in pieces that fit the width; nearly always the one piece that it is."""
    piece = ""
    for character in word:
        if piece and font.getlength(piece + character) > width:
            yield piece
            piece = ""
        piece += character
    yield piece


def _shortened(line: str, font: ImageFont.FreeTypeFont, width: float) -> str:
    while line and font.getlength(f"{line}…") > width:
        line = line[:-1]
    return f"{line.rstrip()}…"


def _draw_foot(picture: Image.Image, authors: str, site: str) -> None:
    """Who signs, and whose site it is, on one line; it gets smaller before anything is lost."""
    pen = ImageDraw.Draw(picture)
    dot = 9
    room = WIDTH - 2 * MARGIN - 2 * dot - 6
    for size in FOOT_SIZES:
        font = _font(size)
        taken = font.getlength(authors) + font.getlength(site) + (FOOT_GAP if authors else 0)
        if taken <= room:
            break
    else:
        site = site if font.getlength(site) <= room / 2 else _shortened(site, font, room / 2)
        left = room - FOOT_GAP - font.getlength(site)
        authors = authors if font.getlength(authors) <= left else _shortened(authors, font, left)
    baseline = (GROUND + HEIGHT) // 2 + size // 3
    if authors:
        pen.text((MARGIN, baseline), authors, MUTED, font, anchor="ls")
    pen.text((WIDTH - MARGIN - 2 * dot - 6, baseline), site, INK, font, anchor="rs")
    if site:
        _disc(picture, (WIDTH - MARGIN - dot + 4, baseline - 5), 6)


# The drawing, in the units of templates/pages/_bridge.html: 640 wide, the ground at 151


@cache
def _drawing() -> Image.Image:
    """Everything but the words, the same on every card."""
    large = Image.new("RGB", (WIDTH * FINE, HEIGHT * FINE), PAPER)
    pen = ImageDraw.Draw(large)
    scale, left = 1.0, WIDTH - MARGIN - 620

    def place(point: Point) -> Point:
        return (left + point[0] * scale) * FINE, (GROUND - (151 - point[1]) * scale) * FINE

    pen.rectangle((0, GROUND * FINE, WIDTH * FINE, HEIGHT * FINE), fill=TINT)
    pen.line([(0, GROUND * FINE), (WIDTH * FINE, GROUND * FINE)], fill=INK, width=2 * FINE)
    arch = list(_curve((20, 151), (80, 12), (260, 12), (320, 151)))
    pen.line([place(point) for point in arch], fill=INK, width=3 * FINE, joint="curve")
    for x, top in ((80, 76), (140, 48), (200, 48), (260, 76)):
        pen.line([place((x, 151)), place((x, top))], fill=INK, width=3 * FINE)
    planned = [list(_curve((320, 151), (380, 12), (560, 12), (620, 151)))]
    planned += [[(x, 151), (x, top)] for x, top in ((380, 76), (440, 48), (500, 48), (560, 76))]
    for line in planned:
        for point in _dots(line, 7):
            pen.circle(place(point), 1.5 * FINE, EDGE)
    pen.circle(place((230, 126)), 24 * FINE, ACCENT)
    return large.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)


def _curve(start: Point, first: Point, second: Point, end: Point) -> Iterator[Point]:
    """Points of a cubic Bézier curve, as SVG's `C` draws it."""
    for step in range(121):
        t = step / 120
        weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3)
        points = (start, first, second, end)
        x = sum(weight * point[0] for weight, point in zip(weights, points, strict=True))
        y = sum(weight * point[1] for weight, point in zip(weights, points, strict=True))
        yield x, y


def _dots(line: Sequence[Point], distance: float) -> Iterator[Point]:
    """Points along the line, each so far from the one before."""
    since = distance
    for (x, y), (to_x, to_y) in pairwise(line):
        length = math.hypot(to_x - x, to_y - y)
        while since <= length:
            yield x + (to_x - x) * since / length, y + (to_y - y) * since / length
            since += distance
        since -= length


def _disc(picture: Image.Image, center: Point, radius: float) -> None:
    """A small round spot with a smooth edge."""
    side = round(radius * 2) + 4
    mask = Image.new("L", (side * 4, side * 4))
    middle = side * 2
    ImageDraw.Draw(mask).ellipse(
        (middle - radius * 4, middle - radius * 4, middle + radius * 4, middle + radius * 4), 255
    )
    mask = mask.resize((side, side), Image.Resampling.LANCZOS)
    corner = round(center[0] - side / 2), round(center[1] - side / 2)
    picture.paste(ACCENT, (*corner, corner[0] + side, corner[1] + side), mask)
