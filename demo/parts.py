"""Each app's part of the demo, in the order in which they are loaded."""

from django.utils.module_loading import import_string

from web import contributions
from web.demo import Part


def parts() -> list[Part]:
    said: list[Part] = [import_string(one.demo) for one in contributions.every() if one.demo]
    return sorted(said, key=lambda part: part.position)
