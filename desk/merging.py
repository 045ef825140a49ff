"""Forms that may be open in two browsers at once.

A form carries what it showed when it was opened, as short digests. What this person did not change
takes the row's present value. What both changed is an error beside the field: it shows the
colleague's value, keeps what was typed, and saving again decides. The row is held from validation
to commit, so of two who save at the same instant the second sees what the first saved.
"""

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from hashlib import sha256
from typing import Any

from django import forms
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.files.uploadedfile import UploadedFile
from django.db import models
from django.forms.models import model_to_dict
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

SEEN = "seen"
OPENED = "@"  # when the page was opened; no field has that name
GONE = "!"  # the person was told that a colleague deleted the row
MAX_SEEN = 20_000  # characters
MAX_LINE = 80  # of a value that fits into a sentence
MAX_LOG = 20  # entries to look for who changed a field


class MergingForm(forms.ModelForm):
    """Saves what this person changed, and leaves what a colleague changed."""

    seen: dict[str, str]
    # What this person changed, once the form is cleaned.
    changes: dict[str, Any] | None = None
    # Whose history has the changes: for a row of an inline, the object of the page.
    page_of: models.Model | None = None
    is_gone = False  # a colleague deleted the row,
    is_dropped = False  # and it stays deleted
    can_add_again = True

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial.update(self.shown())
        self.seen = _read(self.data.get(self.add_prefix(SEEN), "")) if self.is_bound else {}

    # What a subclass may say

    def hold(self) -> None:
        """Bring the row up to date, and let nobody else change it until the transaction ends."""
        rows = type(self.instance)._base_manager.select_for_update(of=("self",), no_key=True)
        self.instance.refresh_from_db(from_queryset=rows)

    def shown(self) -> dict[str, Any]:
        """The values that a page opened now shows, by field."""
        names = [name for name in self.fields if self._column(name) is not None]
        return model_to_dict(self.instance, names) if names else {}

    def facts(self) -> dict[str, str]:
        """What else the page says of the row, for a subclass that checks whether it was read."""
        return {}

    def said(self, name: str, value: Any) -> str:
        """The value as a person reads it."""
        display = getattr(self.instance, f"get_{name}_display", None)
        if display and not isinstance(value, models.Model):
            return str(display())
        says = getattr(self.fields[name], "said", None)
        return says(value) if says else said(value)

    # Opening

    @property
    def seen_input(self) -> SafeString:
        """The hidden field, which the templates show."""
        if not self.instance.pk and not self.is_gone:
            return mark_safe("")  # noqa: S308  (empty)
        seen = self.seen if self.is_bound else self._now() | {OPENED: timezone.now().isoformat()}
        value = json.dumps(seen, separators=(",", ":"))
        return forms.HiddenInput().render(self.add_prefix(SEEN), value)

    def _now(self) -> dict[str, str]:
        shown = {
            name: self._digest(name, value)
            for name, value in self.shown().items()
            if name in self.fields and not self.fields[name].disabled
        }
        return shown | self.facts()

    # Saving

    def full_clean(self):
        if self.is_bound and self.instance.pk and not self.is_gone:
            try:
                self.hold()
            except type(self.instance).DoesNotExist:
                self.is_gone = True
        super().full_clean()

    @property
    def changed_data(self) -> list[str]:
        found = super().changed_data
        if self.changes is None:
            return found
        if self.is_dropped:
            return []
        others = [name for name in found if name not in self._merged]
        return [*self.changes, *others]

    def clean(self):
        super().clean()
        self.changes, self._merged = None, set()
        if self.is_gone:
            self._clean_gone()
        elif self.instance.pk:
            self._merge()
        return self.cleaned_data

    def _merge(self) -> None:
        self.changes = {}
        self._merged = set()
        shown, contested = self.shown(), {}
        is_going = self.cleaned_data.get(forms.formsets.DELETION_FIELD_NAME, False)
        for name, value in shown.items():
            if name not in self.cleaned_data or self.fields[name].disabled:
                continue  # it has an error of its own, or is not this person's to change
            self._merged.add(name)
            before, now = self.seen.get(name), self._digest(name, value)
            typed = self._digest(name, self.cleaned_data[name])
            if is_going:
                if now != before:
                    contested[name] = value
            elif typed in (before, now):
                self.cleaned_data[name] = self._present(name, value)
            elif now == before:
                self.changes[name] = self.cleaned_data[name]
            else:
                self.changes[name] = self.cleaned_data[name]
                contested[name] = value
        self._refuse_lost_fields()
        if is_going and contested:
            self.add_error(None, self._changed_before_deletion(contested))
        else:
            for name, value in contested.items():
                self.add_error(name, self._contested(name, value))
        self.look_again(contested)

    def look_again(self, names: Iterable[str]) -> None:
        """The page that comes back shows these as they are now."""
        now = self._now()
        self.seen |= {name: now[name] for name in names if name in now}

    def _refuse_lost_fields(self) -> None:
        """What was typed into a field that has become read-only is shown, not dropped."""
        sent: Any = self.data
        for name in [name for name in self.seen if name not in self.fields]:
            typed = sent.getlist(self.add_prefix(name))
            if typed and _short(_comparable(typed)) != self.seen[name]:
                label = name.replace("_", " ")
                self.add_error(
                    None,
                    format_html(
                        "The field “{}” can no longer be changed: a colleague has published this "
                        "while you had the page open. You entered: {} Copy it if you need it, "
                        "then save again.",
                        label,
                        _block("\n".join(typed)),
                    ),
                )
                del self.seen[name]

    def _clean_gone(self) -> None:
        self.changes = {}
        if self.seen.get(GONE):
            return
        if not self.can_add_again or not self._is_touched():
            self.is_dropped = True
            return
        self.seen[GONE] = "1"
        self.add_error(
            None,
            "A colleague deleted this while you had the page open. Your entries are still here: "
            "save again to add it as new, or mark it for deletion.",
        )

    def _is_touched(self) -> bool:
        """Whether this person changed the row that is gone."""
        return any(
            self.seen.get(name, "") != self._digest(name, self._entry(name))
            for name in self.fields
            if name in self.seen
        )

    def _entry(self, name: str) -> Any:
        return self.cleaned_data.get(name, self[name].data)

    # Telling

    def _contested(self, name: str, value: Any) -> SafeString:
        reading = self.said(name, self._present(name, value))
        who = self._who_changed(name)
        again = "Your version is still here. Save again to keep it, or enter theirs."
        if isinstance(reading, SafeString) or len(reading) > MAX_LINE or "\n" in reading:
            return format_html(
                "{} changed this while you had the page open. {} Their version: {}",
                who,
                again,
                reading if isinstance(reading, SafeString) else _block(reading),
            )
        if not reading:
            return format_html("{} emptied this while you had the page open. {}", who, again)
        return format_html(
            "{} changed this to “{}” while you had the page open. {}", who, reading, again
        )

    def _changed_before_deletion(self, contested: dict[str, Any]) -> SafeString:
        lines = [
            f"{self.fields[name].label or name}: {self.said(name, self._present(name, value))}"
            for name, value in contested.items()
        ]
        return format_html(
            "{} changed this row while you had the page open. Save again to delete it anyway. "
            "It now says: {}",
            self._who_changed(next(iter(contested))),
            _block("\n".join(lines)),
        )

    def _who_changed(self, name: str) -> str:
        """By the log of the admin, where it knows: the person, and when."""
        page = self.page_of or self.instance
        opened = parse_datetime(self.seen.get(OPENED, ""))
        label = str(self.fields[name].label or name)
        if opened is None or timezone.is_naive(opened):
            return "A colleague"
        entries = LogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(page),
            object_id=str(page.pk),
            action_time__gte=opened,
        ).select_related("user")
        for entry in entries.order_by("-action_time")[:MAX_LOG]:
            if f'"{label}"' in json.dumps(_parts(entry.change_message), ensure_ascii=False):
                moment = timezone.localtime(entry.action_time)
                return f"{entry.user} ({moment:%-d %b, %H:%M})"
        return "A colleague"

    # Values

    def _column(self, name: str) -> models.Field | None:
        for field in (*self._meta.model._meta.fields, *self._meta.model._meta.many_to_many):
            if field.name == name:
                return field
        return None

    def _present(self, name: str, value: Any) -> Any:
        """What the row has, as a cleaned field would have it."""
        column = self._column(name)
        if column is None or column.many_to_many:
            return value
        return getattr(self.instance, name)

    def _digest(self, name: str, value: Any) -> str:
        comparable = getattr(self.fields[name], "comparable", _comparable)
        return _short(comparable(value))


def said(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "Yes" if value else "No"
        case datetime():
            return f"{timezone.localtime(value):%-d %b %Y, %H:%M %Z}"
        case date():
            return f"{value:%-d %b %Y}"
        case time():
            return f"{value:%H:%M}"
        case list() | tuple() | models.QuerySet():
            return ", ".join(map(said, value))
    return str(value)


def _comparable(value: object) -> str:
    """The same for the same value, whether it comes from the row or from the form."""
    match value:
        case None:
            return ""
        case datetime():
            return value.astimezone(UTC).replace(second=0, microsecond=0).isoformat()
        case time():
            return f"{value:%H:%M}"
        case Decimal():
            return f"{value.normalize():f}"
        case UploadedFile():
            return f"upload {value.name} {value.size}"
        case models.Model():
            return str(value.pk)
        case list() | tuple() | set() | models.QuerySet():
            return "\n".join(sorted(map(_comparable, value)))
    return "\n".join(str(value).strip().splitlines())


def _short(text: str) -> str:
    return sha256(text.encode(errors="replace")).hexdigest()[:12]


def _read(sent: str) -> dict[str, str]:
    """What the page showed, as it says itself; nothing where it says nonsense."""
    if len(sent) > MAX_SEEN:
        return {}
    try:
        seen = json.loads(sent)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(seen, dict):
        return {}
    return {name: value for name, value in seen.items() if isinstance(value, str)}


def _parts(change_message: str) -> Any:
    try:
        return json.loads(change_message)
    except ValueError:
        return []


def _block(text: str) -> SafeString:
    """A text to read in full, and to copy."""
    return format_html('<div class="theirs theirs--plain">{}</div>', text)
