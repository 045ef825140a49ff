"""Which fields of a form may be kept while someone types, and which changes of them are losses."""

import re
from collections.abc import Mapping

from django import forms
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper

from desk.losing import takes_words_away

SECRET_WIDGETS = (forms.PasswordInput, forms.FileInput)
SECRET_NAMES = re.compile(r"password|secret|token", re.IGNORECASE)
MANAGED = ("TOTAL_FORMS", "INITIAL_FORMS", "MIN_NUM_FORMS", "MAX_NUM_FORMS")


class Names:
    """The names under which a form and its rows send what may be kept."""

    def __init__(self) -> None:
        self._fields: list[re.Pattern[str]] = []
        self._texts: list[tuple[re.Pattern[str], forms.Field]] = []

    def add(self, form: type[forms.BaseForm], prefix: str = "") -> None:
        """`prefix` is that of rows; without one it is the form of the page."""
        fields: Mapping[str, forms.Field] = getattr(form, "base_fields", {})
        kept = [name for name, one in fields.items() if not _is_secret(name, one)]
        if prefix:
            kept += ["id", "DELETE", "ORDER"]
            managed = "|".join(MANAGED)
            self._fields.append(re.compile(rf"{re.escape(prefix)}-(?:{managed})"))
        if kept:
            before = rf"{re.escape(prefix)}-\d{{1,5}}-" if prefix else ""
            either = "|".join(map(re.escape, kept))
            self._fields.append(re.compile(rf"{before}(?:{either})(?:_\d)?"))
            for name in kept:
                if isinstance(fields.get(name), forms.CharField):
                    pattern = re.compile(rf"{before}{re.escape(name)}")
                    self._texts.append((pattern, fields[name]))

    def text_of(self, name: str) -> forms.Field | None:
        """The field of that name, if people write in it."""
        return next((one for pattern, one in self._texts if pattern.fullmatch(name)), None)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and any(one.fullmatch(name) for one in self._fields)


def words_are_gone(one: forms.Field | None, before: str, after: str) -> bool:
    """Whether a change of this field is one that somebody may regret: much of a long text is gone,
    or a line is emptied. Another line in place of one is what forms are for.
    """
    if not isinstance(one, forms.CharField):
        return False
    if isinstance(one.widget, forms.Textarea):
        return takes_words_away(before, after)
    return isinstance(one.widget, forms.TextInput) and bool(before.strip()) and not after.strip()


def _is_secret(name: str, one: forms.Field) -> bool:
    widget = one.widget
    if isinstance(widget, RelatedFieldWidgetWrapper):
        widget = widget.widget
    parts = [widget, *getattr(widget, "widgets", [])]
    has_secret = any(isinstance(part, SECRET_WIDGETS) for part in parts)
    return has_secret or one.disabled or bool(SECRET_NAMES.search(name))
