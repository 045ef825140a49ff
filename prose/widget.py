"""The editor in a form, with scripts and looks of ours: static/admin/prose."""

from functools import reduce
from operator import add

import js_asset
from django.forms import Script
from django_prose_editor import widgets

# What our modules import from each other: by name, because their files' names carry a hash.
_NAMES = [
    *("addresses", "blocks", "code", "counting", "describing", "handle", "icons", "keys"),
    *("languages", "linking"),
    *("markdown", "notes", "parts", "pasted", "pasted_lists", "pasted_marks", "pasted_styles"),
    *("pasting", "pictures", "rtf", "slash", "toolbar"),
]
_MEDIA = [
    js_asset.Media(importmap=widgets.importmap),
    js_asset.Media(
        importmap=js_asset.ImportMap({f"prose/{name}": f"admin/prose/{name}.js" for name in _NAMES})
    ),
    js_asset.Media(
        css={"all": ["django_prose_editor/editor.css", "admin/prose/writing.css"]},
        js=[
            "admin/prose/starting.js",  # in the head and no module, so that nothing stops it
            *widgets.prose_editor_presets()["configurable"],
            # The preset asks for it once it runs; the browser, as soon as it reads of it.
            Script("admin/prose/extensions.js", type="module"),
            Script("admin/prose/editor.js", type="module"),
        ],
    ),
]


class ProseWidget(widgets.ProseEditorWidget):  # type: ignore[misc]  # django-prose-editor has no types
    @property
    def media(self) -> js_asset.Media:
        return reduce(add, _MEDIA)
