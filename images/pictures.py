"""An image as markup. With its renditions prefetched it costs no query:

Image.objects.with_renditions()
Article.objects.select_related("cover").prefetch_related("cover__renditions")
"""

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

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
    by_format = {
        format: ", ".join(f"{made.file.url} {made.width}w" for made in _of_format(image, format))
        for format in Rendition.Format
    }
    jpegs = by_format.pop(Rendition.Format.JPEG)
    return render_to_string(
        "images/picture.html",
        {
            "image": image,
            "sources": [(format.value, srcset) for format, srcset in by_format.items() if srcset],
            "srcset": jpegs,
            "src": source(image),
            "sizes": sizes,
            "eager": eager,
            "classes": " ".join(filter(None, [css_class, focus_class(image)])),
            "alt": _alt(image) if alt is None else alt,
        },
    )


def source(image: Image, width: int = 960) -> str:
    """Address of a JPEG about this wide, or of the original until there is one."""
    jpegs = _of_format(image, Rendition.Format.JPEG)
    if not jpegs:
        return image.file.url
    return next((made for made in jpegs if made.width >= width), jpegs[-1]).file.url


def focus_class(image: Image) -> str:
    """Which ninth of the picture cropping keeps: `focus-left-top` … `focus-center-center` …"""
    across = ("left", "center", "right")[min(int(image.focal_x * 3), 2)]
    down = ("top", "center", "bottom")[min(int(image.focal_y * 3), 2)]
    return f"focus-{across}-{down}"


def _of_format(image: Image, format: Rendition.Format) -> list[Rendition]:
    made = [rendition for rendition in image.renditions.all() if rendition.format == format]
    return sorted(made, key=lambda rendition: rendition.width)


def _alt(image: Image) -> str:
    return "" if image.is_decorative else image.alt
