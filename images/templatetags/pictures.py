from django import template
from django.utils.safestring import SafeString

from images import pictures
from images.models import Image

register = template.Library()


@register.simple_tag
def picture(
    image: Image, sizes: str = "100vw", eager: bool = False, css_class: str = ""
) -> SafeString:
    """`{% picture image sizes="(min-width: 60em) 50vw, 100vw" eager=True css_class="cover" %}`"""
    return pictures.picture(image, sizes=sizes, eager=eager, css_class=css_class)


@register.simple_tag
def picture_source(image: Image, width: int = 960) -> str:
    """`{% picture_source image 480 %}`: the address alone, for a plain `<img>` or a link."""
    return pictures.source(image, width)
