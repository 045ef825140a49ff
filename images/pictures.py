"""An image as markup. With its renditions prefetched it costs no query:

Image.objects.with_renditions()
Article.objects.select_related("cover").prefetch_related("cover__renditions")
"""

from html import escape

from django.core.files.storage import default_storage
from django.utils.safestring import SafeString, mark_safe

from images.models import Image, Rendition


def picture(
    image: Image,
    *,
    sizes: str = "100vw",
    eager: bool = False,
    css_class: str = "",
    alt: str | None = None,
) -> SafeString:
    """A `<picture>` that a browser can load small and never shifts the page.

    Before the renditions are made it is the original alone. `css_class` goes on the `<img>`,
    beside the class of its focal point. `alt` replaces the image's own words where a text uses
    the picture for something else. `eager` is for the one large picture at the top of a page.
    """
    offered = _srcsets(image)
    jpegs = offered.pop(Rendition.Format.JPEG, "")
    sizes = escape(sizes)
    sources = "".join(
        f'<source type="image/{format}" srcset="{offered[format]}" sizes="{sizes}">'
        for format in Rendition.Format.values
        if format in offered
    )
    classes = escape(" ".join(filter(None, [css_class, focus_class(image)])))
    return mark_safe(  # noqa: S308 each value is escaped, or made here of letters and digits
        f'<picture>{sources}<img src="{escape(source(image))}"'
        + (f' srcset="{jpegs}" sizes="{sizes}"' if jpegs else "")
        + f' width="{image.width}" height="{image.height}"'
        + f' alt="{escape(_alt(image) if alt is None else alt)}" class="{classes}"'
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
    """Which ninth of the picture cropping keeps: `focus-left-top` … `focus-center-center` …"""
    across = ("left", "center", "right")[min(int(image.focal_x * 3), 2)]
    down = ("top", "center", "bottom")[min(int(image.focal_y * 3), 2)]
    return f"focus-{across}-{down}"


def _srcsets(image: Image) -> dict[str, str]:
    """By format what goes into `srcset`, escaped."""
    srcsets: dict[str, str] = {}
    folder = address = ""
    for made in image.candidates():
        its_folder, _, name = made.file.rpartition("/")
        if its_folder != folder:  # to ask the store for each file took a tenth of a page's time
            folder, address = its_folder, escape(default_storage.url(f"{its_folder}/"))
        candidate = f"{address}{name} {made.width}w"
        before = srcsets.get(made.format)
        srcsets[made.format] = f"{before}, {candidate}" if before else candidate
    return srcsets


def _alt(image: Image) -> str:
    return "" if image.is_decorative else image.alt
