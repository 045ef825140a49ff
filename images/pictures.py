"""An image as markup. With its renditions prefetched it costs no query:

Image.objects.with_renditions()
Article.objects.select_related("cover").prefetch_related("cover__renditions")
"""

from html import escape

from django.core.files.storage import default_storage
from django.utils.safestring import SafeString, mark_safe

from images.models import Candidate, Image, Rendition


def picture(
    image: Image,
    *,
    sizes: str = "100vw",
    widest: int = 1600,
    eager: bool = False,
    css_class: str = "",
    alt: str | None = None,
) -> SafeString:
    """A `<picture>` that a browser can load small and never shifts the page.

    Browsers that know AVIF choose by `sizes` among the widths up to `widest`; the others get one
    JPEG. Before the renditions are made it is the original alone. `css_class` goes on the `<img>`,
    beside the class of its focal point. `alt` replaces the image's own words where a text uses
    the picture for something else. `eager` is for the one large picture at the top of a page.
    """
    avif = [made for made in image.candidates() if made.format == Rendition.Format.AVIF]
    avif = [made for made in avif if made.width <= widest] or avif[:1]
    if len(avif) > 1:
        offered = f'srcset="{_srcset(avif)}" sizes="{escape(sizes)}"'
    else:
        offered = "".join(f'srcset="{escape(default_storage.url(made.file))}"' for made in avif)
    classes = " ".join(filter(None, [css_class, focus_class(image)]))
    return mark_safe(  # noqa: S308 each value is escaped, or made here of letters and digits
        "<picture>"
        + (f'<source type="image/avif" {offered}>' if offered else "")
        + f'<img src="{escape(source(image, min(widest, 960)))}"'
        + f' width="{image.width}" height="{image.height}"'
        + f' alt="{escape(_alt(image) if alt is None else alt)}"'
        + (f' class="{escape(classes)}"' if classes else "")
        + (' fetchpriority="high">' if eager else ' loading="lazy" decoding="async">')
        + "</picture>"
    )


def source(image: Image, width: int = 960) -> str:
    """Address of a JPEG about this wide, or of the original until there is one."""
    jpegs = [made for made in image.candidates() if made.format == Rendition.Format.JPEG]
    if not jpegs:
        return image.file.url
    chosen = next((made for made in jpegs if made.width >= width), jpegs[-1])
    return default_storage.url(chosen.file)


def focus_class(image: Image) -> str:
    """Which ninth of the picture cropping keeps: `focus-left-top` …; nothing for the middle one,
    which browsers keep by themselves.
    """
    across = ("left", "center", "right")[min(int(image.focal_x * 3), 2)]
    down = ("top", "center", "bottom")[min(int(image.focal_y * 3), 2)]
    name = f"focus-{across}-{down}"
    return "" if name == "focus-center-center" else name


def _srcset(candidates: list[Candidate]) -> str:
    """What goes into `srcset`, escaped."""
    described = []
    folder = address = ""
    for made in candidates:
        its_folder, _, name = made.file.rpartition("/")
        if its_folder != folder:  # to ask the store for each file took a tenth of a page's time
            folder, address = its_folder, escape(default_storage.url(f"{its_folder}/"))
        described.append(f"{address}{name} {made.width}w")
    return ", ".join(described)


def _alt(image: Image) -> str:
    return "" if image.is_decorative else image.alt
