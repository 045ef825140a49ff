"""Long texts of a form: what the page showed of them, and what two people made of it.

Beside its digest, the page carries the text itself. So when two have changed a text, what does not
touch is put together without a question; for the rest both versions are shown, and can be kept.
"""

import base64
import binascii
import zlib
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from desk.aligning import aligned
from desk.differences import Comparison, text_rows
from desk.merging_values import digest
from desk.three_way import Choice, Merged, merge_text

# What a page says of "body" beside its digest; no field has such names.
BASE = "="  # "body=": the text
TOLD = "?"  # "body?": digest of the version that the person was asked about
MAX_BASE = 500_000  # characters of a packed text; of a longer one the page carries the digest alone
MAX_TEXT = 10_000_000


def is_long(field: forms.Field | None) -> bool:
    if hasattr(field, "merge"):
        return True
    return isinstance(field, forms.CharField) and isinstance(field.widget, forms.Textarea)


def carried(field: forms.Field, name: str, value: Any) -> dict[str, str]:
    """What a page that shows this value carries of it."""
    if not (is_long(field) and isinstance(value, str)):
        return {}
    packed = base64.b64encode(zlib.compress(value.encode(errors="replace"), 9)).decode()
    return {name + BASE: packed} if len(packed) <= MAX_BASE else {}


def is_shown(seen: dict[str, str], name: str, now: str) -> bool:
    """Whether the page shows the version that the row has now, be it to ask about it."""
    return now in (seen.get(name), seen.get(name + TOLD))


def _unpacked(packed: str) -> str | None:
    unzip = zlib.decompressobj()
    try:
        text = unzip.decompress(base64.b64decode(packed, validate=True), MAX_TEXT)
        return text.decode() if unzip.eof else None
    except (binascii.Error, zlib.error, ValueError):
        return None


@dataclass(frozen=True)
class TwoTexts:
    """What this person and a colleague made of a text."""

    field: forms.Field
    base: str | None  # None where the page does not say
    ours: str
    theirs: str

    @classmethod
    def of(
        cls, field: forms.Field, name: str, seen: dict[str, str], ours: Any, theirs: Any
    ) -> "TwoTexts | None":
        """None where it is not a text that can be put together."""
        if not (is_long(field) and isinstance(ours, str) and isinstance(theirs, str)):
            return None
        base = _unpacked(seen.get(name + BASE, ""))
        # Once the page has seen something else, by whatever way, the text is out of date.
        is_as_seen = base is not None and digest(field, base) == seen.get(name)
        return cls(field, base if is_as_seen else None, ours, theirs)

    def merged(self) -> Merged:
        base = _common(self.field, self.ours, self.theirs) if self.base is None else self.base
        return _merge(self.field, base, self.ours, self.theirs)

    def settled(self) -> str | None:
        """The text in which both changes stand; None where somebody has to choose."""
        merged = self.merged()
        if self.base is None or merged.conflicts:
            return None
        return merged.text() if fits(self.field, merged.text()) else None

    def chosen(self, choice: Choice) -> str:
        """As chosen where they touch, and put together elsewhere if the field takes that."""
        whole = {Choice.OURS: self.ours, Choice.THEIRS: self.theirs}.get(choice)
        if whole is not None and self.base is None:
            return whole
        text = self.merged().text(choice)
        return text if whole is None or fits(self.field, text) else whole

    def comparison(self, prefix: str) -> Comparison:
        """From my version of what touches to theirs."""
        return compare(
            self.field, self.chosen(Choice.OURS), self.chosen(Choice.THEIRS), prefix=prefix
        )


def compare(field: forms.Field, old: str, new: str, *, prefix: str) -> Comparison:
    by_field = getattr(field, "compare", None)
    if by_field:
        found: Comparison = by_field(old, new, prefix=prefix)
        return found
    return Comparison(tuple(text_rows(old, new, where="")), prefix)


def _merge(field: forms.Field, base: str, ours: str, theirs: str) -> Merged:
    by_field = getattr(field, "merge", None)
    if by_field:
        found: Merged = by_field(base, ours, theirs)
        return found
    return merge_text(*("\n".join(text.splitlines()) for text in (base, ours, theirs)))


def _common(field: forms.Field, ours: str, theirs: str) -> str:
    """What both have, so that whatever else either has counts as new."""
    by_field = getattr(field, "common", None)
    if by_field:
        found: str = by_field(ours, theirs)
        return found
    lines = ours.splitlines()
    same = (one for one in aligned(lines, theirs.splitlines()) if one.is_same)
    return "\n".join(line for one in same for line in lines[one.old_from : one.old_to])


def fits(field: forms.Field, text: str) -> bool:
    """Whether the field takes it: it may be too long."""
    try:
        field.run_validators(text)
    except ValidationError:
        return False
    return True


def put_together(
    form: Any, shown: dict[str, Any], now: dict[str, str], typed: dict[str, str]
) -> dict[str, TwoTexts | None]:
    """The texts of a form that both changed, taken as they have to be: None for one that is put
    together, the two texts where somebody has to choose.
    """
    found: dict[str, TwoTexts | None] = {}
    for name in typed:
        was = form.seen.get(name)
        if typed[name] in (was, now[name]) or was == now[name]:
            continue  # only one of the two changed it
        is_told = is_shown(form.seen, name, now[name])
        texts = TwoTexts.of(
            form.fields[name], name, form.seen, form.cleaned_data[name], shown[name]
        )
        if texts:
            choice = form.decision(name) if is_told else None
            text = texts.chosen(choice) if choice else texts.settled()
            if text is not None and fits(texts.field, text):
                _take(form, name, text, is_unread=not is_told)
                found[name] = None
            else:
                # What the page has seen stays what both began with.
                form.seen[name + TOLD] = now[name]
                found[name] = texts
            if form.digest_of(name, form.cleaned_data[name]) != now[name]:
                form.changes[name] = form.cleaned_data[name]
    return found


def _take(form: Any, name: str, text: Any, *, is_unread: bool) -> None:
    form.cleaned_data[name] = text
    form.show(name, text)
    form.look_again([name])
    if is_unread:
        form.taken_over.append(name)
