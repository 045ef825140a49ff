"""An image as markup. With its renditions prefetched it costs no query:

Image.objects.with_renditions()
Article.objects.select_related("cover").prefetch_related("cover__renditions")
"""

from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
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
    offered = {
        format: ", ".join(f"{made.file.url} {made.width}w" for made in _of_format(image, format))
        for format in Rendition.Format
    }
    jpegs = offered.pop(Rendition.Format.JPEG)
    return format_html(
        "<picture>{}<img{}></picture>",
        format_html_join(
            "",
            '<source type="image/{}" srcset="{}" sizes="{}">',
            [(format.value, srcset, sizes) for format, srcset in offered.items() if srcset],
        ),
        flatatt(
            {
                "src": source(image),
                **({"srcset": jpegs, "sizes": sizes} if jpegs else {}),
                "width": image.width,
                "height": image.height,
                "alt": _alt(image) if alt is None else alt,
                "class": " ".join(filter(None, [css_class, focus_class(image)])),
                **({"fetchpriority": "high"} if eager else {"loading": "lazy", "decoding": "async"}),
            }
        ),
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
