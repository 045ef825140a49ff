"""The editor's vocabulary: what staff may write and, from the same table, what may be stored.

One table for both sides keeps them in step: whatever a toolbar button makes survives the
sanitizer, and nothing else does. Other apps with copy of their own use `ProseField` too.
"""

import re
from typing import Any

import nh3
from django.urls import reverse_lazy
from django.utils.safestring import mark_safe
from django_prose_editor.config import allowlist_from_extensions, expand_extensions
from django_prose_editor.fields import ProseEditorField, ProseEditorFormField

from desk.differences import Comparison
from desk.three_way import Merged
from prose import own_links
from prose.comparing.merging import common, merge
from prose.comparing.rows import rows
from prose.form import as_edited
from prose.links import link_address
from prose.widget import ProseWidget

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
    "Link": {
        "protocols": ["https", "http", "mailto", "tel"],
        "defaultProtocol": "https",
        "enableTarget": False,
        "targetsUrl": reverse_lazy("admin:link_targets"),
    },
    "LinkAddresses": True,
    "Table": True,
    "TableRow": True,
    "TableHeader": True,
    "TableCell": True,
    "Figure": {"pickerUrl": reverse_lazy("admin:images_image_pick")},
    "Caption": True,
    "Image": True,
    "HTML": True,
    "Writing": {
        "uploadUrl": reverse_lazy("admin:images_image_pick"),
        "describeUrl": reverse_lazy("admin:images_image_describe", args=[0]),
    },
    "Menu": False,  # ours is static/admin/prose/toolbar.js
    "NoSpellCheck": False,
}

_ALLOWED = allowlist_from_extensions(expand_extensions(EXTENSIONS))
# Blocks that the editor does not know, as a word processor or a web page has them. Their words must
# not run together, and a heading of another level stays a heading.
_OTHER_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "body",
        "caption",
        "center",
        "dd",
        "details",
        "dialog",
        "dir",
        "div",
        "dl",
        "dt",
        "fieldset",
        "footer",
        "form",
        "frameset",
        "h1",
        "h4",
        "h5",
        "h6",
        "header",
        "hgroup",
        "legend",
        "listing",
        "main",
        "menu",
        "nav",
        "optgroup",
        "option",
        "plaintext",
        "search",
        "section",
        "summary",
        "title",
        "xmp",
    ]
)
_HEADINGS = {"h1": "h2", "h4": "h3", "h5": "h3", "h6": "h3"}
_OTHER_BLOCK = re.compile(rf"<(?:{'|'.join(_OTHER_BLOCKS)})\b", re.IGNORECASE)
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)((?:\s[^\s=>]+=\"[^\"]*\")*)\s*>")
# In these a paragraph has no place.
_LINES = {"p", "h2", "h3", "figcaption", "pre"}
# A second pass finds most of it settled; headings in headings and the like take a few more.
_MAX_PASSES = 10
# What XML, section 2.2, has no place for: word processors leave some behind, no reader sees them.
_NO_CHARACTERS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def _attribute(tag: str, name: str, value: str) -> str | None:
    if name == own_links.ATTRIBUTE:
        return value if own_links.PAGE.fullmatch(value) else None
    return link_address(value) if (tag, name) == ("a", "href") else value


_clean = nh3.Cleaner(**_ALLOWED, attribute_filter=_attribute)
_clean_but_blocks = nh3.Cleaner(**{**_ALLOWED, "tags": _ALLOWED["tags"] | _OTHER_BLOCKS})
_EMPTY = re.compile(r"<(\w+)></\1>")


def sanitize(html: str) -> str:
    """The HTML without whatever the editor cannot make: scripts, handlers, frames, foreign schemes.

    What other blocks hold becomes paragraphs and headings of ours, and a link's address gets the
    scheme that it lacks. Idempotent. An editor's single empty paragraph comes back as the empty
    string.
    """
    html = _NO_CHARACTERS.sub("", html)
    if _OTHER_BLOCK.search(html):
        html = _in_our_blocks(_clean_but_blocks.clean(html))
    for _ in range(_MAX_PASSES):
        clean = _clean.clean(_NO_CHARACTERS.sub("", html))
        clean = "" if _EMPTY.fullmatch(clean) else clean
        if clean == html:
            break
        html = clean
    return html


def _in_our_blocks(html: str) -> str:
    """Well-formed HTML with a paragraph, a heading or at least a blank for each block unknown."""
    inside: list[str] = []

    def replaced(tag: re.Match[str]) -> str:
        end, name, _ = tag.groups()
        if name in _LINES:
            if not end:
                inside.append(name)
            elif inside:
                inside.pop()
        if name not in _OTHER_BLOCKS:
            return tag[0]
        if inside:
            return "\n" if "pre" in inside else " "
        return f"<{end}{_HEADINGS.get(name, 'p')}>"

    return _clean.clean(_TAG.sub(replaced, html)).replace("<p></p>", "")


class ProseFormField(ProseEditorFormField):  # type: ignore[misc]  # django-prose-editor has no types
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "widget": ProseWidget})

    def prepare_value(self, value: object) -> object:
        return as_edited(value) if isinstance(value, str) else value

    def comparable(self, value: str | None) -> str:
        """The same for the text as stored and as the editor sends it."""
        return sanitize(as_edited(value or ""))

    def compare(self, old: str, new: str, *, prefix: str) -> Comparison:
        """Of two versions, to be shown."""
        return Comparison(tuple(rows(self.comparable(old), self.comparable(new))), prefix)

    def merge(self, base: str, ours: str, theirs: str) -> Merged:
        return merge(self.comparable(base), self.comparable(ours), self.comparable(theirs))

    def common(self, ours: str, theirs: str) -> str:
        """What two versions have in common, in the order of both."""
        return common(self.comparable(ours), self.comparable(theirs))

    def said(self, value: str | None) -> str:
        """As it reads, so that it can be copied into an editor."""
        return mark_safe(sanitize(value or ""))  # noqa: S308 sanitized


class ProseField(ProseEditorField):  # type: ignore[misc]  # django-prose-editor has no types
    """A text column of sanitized HTML, edited in the admin with the editor."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, extensions=EXTENSIONS, sanitize=sanitize, **kwargs)

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": ProseFormField} | kwargs)

    def pre_save(self, model_instance: Any, add: bool) -> str:
        """Sanitize on every way in, not only through forms."""
        clean = sanitize(super().pre_save(model_instance, add))
        setattr(model_instance, self.attname, clean)
        return clean
