"""The editor's vocabulary: what staff may write and, from the same table, what may be stored.

One table for both sides keeps them in step: whatever a toolbar button makes survives the
sanitiser, and nothing else does. Other apps with copy of their own use `ProseField` too.
"""

import re
from typing import Any

from django.urls import reverse_lazy
from django_prose_editor.fields import ProseEditorField, create_sanitizer

EXTENSIONS: dict[str, Any] = {
    "Bold": True,
    "Italic": True,
    "Code": True,
    "Strike": True,
    "Superscript": True,
    "Subscript": True,
    "Heading": {"levels": [2, 3]},  # the title is the page's one h1
    "BulletList": True,
    "OrderedList": True,
    "ListItem": True,
    "Blockquote": True,
    "HorizontalRule": True,
    "HardBreak": True,
    "CodeBlock": {"languageClassPrefix": "language-"},
    "Link": {"protocols": ["https", "http", "mailto", "tel"], "enableTarget": False},
    "Table": True,
    "TableRow": True,
    "TableHeader": True,
    "TableCell": True,
    "Figure": {"pickerUrl": reverse_lazy("admin:images_image_pick")},
    "Caption": True,
    "Image": True,
    "HTML": True,
}

_clean = create_sanitizer(EXTENSIONS)
# A second pass finds most of it settled; headings in headings and the like take a few more.
_MOST_PASSES = 10
# What XML, section 2.2, has no place for: word processors leave some behind, no reader sees them.
_NO_CHARACTERS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def sanitise(html: str) -> str:
    """The HTML without whatever the editor cannot make: scripts, handlers, frames, foreign schemes.

    Idempotent. An editor's single empty paragraph comes back as the empty string.
    """
    for _ in range(_MOST_PASSES):
        clean = _clean(_NO_CHARACTERS.sub("", html))
        if clean == html:
            break
        html = clean
    return html


class ProseField(ProseEditorField):
    """A text column of sanitised HTML, edited in the admin with the editor."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, extensions=EXTENSIONS, sanitize=sanitise, **kwargs)

    def pre_save(self, model_instance: Any, add: bool) -> str:
        """Sanitise on every way in, not only through forms."""
        clean = sanitise(super().pre_save(model_instance, add))
        setattr(model_instance, self.attname, clean)
        return clean
