from django import template
from django.utils.safestring import SafeString

from images import pictures
from images.models import Image

register = template.Library()


@register.simple_tag
def picture(
    image: Image,
    sizes: str = "100vw",
    widest: int = 1600,
    eager: bool = False,
    css_class: str = "",
    alt: str | None = None,
) -> SafeString:
    """`{% picture image sizes="(min-width: 60em) 50vw, 100vw" eager=True css_class="cover" %}`

    `alt=""` beside words that say whom or what it shows: nobody wants to hear that twice.
    """
    return pictures.picture(
        image, sizes=sizes, widest=widest, eager=eager, css_class=css_class, alt=alt
    )


@register.simple_tag
def picture_source(image: Image, width: int = 960) -> str:
    """`{% picture_source image 480 %}`: the address alone, for a plain `<img>` or a link."""
    return pictures.source(image, width)
