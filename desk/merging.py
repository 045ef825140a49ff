"""Forms that may be open in two browsers at once.

A form carries what it showed when it was opened, as short digests. What this person did not change
takes the row's present value. What both changed is an error beside the field: it shows both
versions, keeps what was typed, and offers to keep it or to take the colleague's; saving again
decides. The row is held from validation to commit, so of two who save at the same instant the
second sees what the first saved.

What a page showed is in `seen`, how values compare and read in `merging_values`, what is said of
contested ones in `contested`, rows and the admin's views in `merging_admin`, and the page for what
cannot be saved any more in `not_saved`.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, ClassVar, TypeVar

from django import forms
from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.forms.models import model_to_dict
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from desk import contested, merging_gone, merging_texts
from desk.merging_texts import BASE, TwoTexts
from desk.merging_values import digest, said
from desk.seen import OPENED, SEEN, opened_at, read_seen
from desk.three_way import Choice

Row = TypeVar("Row", bound=models.Model)


class TakesNoChanges(Exception):
    """A colleague deleted or published the row of the page just before it was to be saved."""


class MergingForm(forms.ModelForm[Row]):
    """Saves what this person changed, and leaves what a colleague changed."""

    # Fields that mean one thing, such as an amount and its currency: whoever changes one of them
    # has to have seen the others.
    together: ClassVar[tuple[tuple[str, ...], ...]] = ()

    seen: dict[str, str]
    changes: dict[str, Any]  # what this person changed, once the form is cleaned
    # What only a colleague changed since the page was opened: fields, in their order.
    taken_over: list[str]
    both: dict[str, Any]  # what both changed: fields, with what the row has
    # Digests of what this page has written itself, without being told that it arrived.
    wrote: Mapping[str, str] = MappingProxyType({})
    # Whose history has the changes: for a row of an inline, the object of the page.
    page_of: models.Model | None = None
    is_row = False  # of a page, beside others
    is_gone = False  # a colleague deleted the row,
    is_dropped = False  # and it stays deleted
    can_add_again = True

    class Media:
        css: ClassVar = {"all": ["admin/desk/diff.css"]}
        js: ClassVar = [forms.Script("admin/desk/seen.js", type="module")]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.changes, self.taken_over, self.both = {}, [], {}
        self._merged: set[str] | None = None
        if self.instance.pk:
            shown = self.shown().items()
            self.initial.update({name: self.as_entered(name, value) for name, value in shown})
        self.seen = read_seen(self.data.get(self.add_prefix(SEEN), "")) if self.is_bound else {}

    # What a subclass may say

    def hold(self) -> None:
        """Bring the row up to date, and let nobody else change it until the transaction ends."""
        rows = type(self.instance)._base_manager.select_for_update(of=("self",), no_key=True)
        self.instance.refresh_from_db(from_queryset=rows)

    def shown(self) -> dict[str, Any]:
        """The values that a page opened now shows, by field."""
        names = [name for name in self.fields if self._column(name) is not None]
        return model_to_dict(self.instance, names) if names else {}

    def as_entered(self, name: str, value: Any) -> Any:
        """The value as its field shows it."""
        return value

    def facts(self) -> dict[str, str]:
        """What else the page says of the row, for a subclass that checks whether it was read."""
        return {}

    def said(self, name: str, value: Any) -> str:
        """The value as a person reads it."""
        return said(self.fields[name], value)

    def last_change(self, name: str, since: datetime | None) -> contested.Change:
        """Who changed the field, and when."""
        return contested.find_change(self.page_of or self.instance, self.label(name), since=since)

    def label(self, name: str) -> str:
        return str(self.fields[name].label or name)

    # Opening

    @property
    def seen_input(self) -> SafeString:
        """The hidden field, which the templates show."""
        if not self.instance.pk and not self.is_gone:
            return mark_safe("")
        seen = (
            self.seen if self.is_bound else self.now_seen() | {OPENED: timezone.now().isoformat()}
        )
        value = json.dumps(seen, separators=(",", ":"))
        return forms.HiddenInput().render(self.add_prefix(SEEN), value)

    def now_seen(self) -> dict[str, str]:
        seen: dict[str, str] = {}
        for name, value in self.shown().items():
            if name in self.fields and not self.fields[name].disabled:
                seen[name] = self.digest_of(name, value)
                seen |= merging_texts.carried(self.fields[name], name, value)
        return seen | self.facts()

    # Saving

    def full_clean(self) -> None:
        if self.is_bound and self.instance.pk and not self.is_gone:
            try:
                self.hold()
            except ObjectDoesNotExist as gone:
                if not self.is_row:
                    raise TakesNoChanges from gone
                self.is_gone = True
        super().full_clean()

    @property
    def changed_data(self) -> list[str]:
        found = super().changed_data
        if self._merged is None:
            return found
        if self.is_dropped:
            return []
        others = [name for name in found if name not in self._merged]
        return [*self.changes, *others]

    def clean(self) -> dict[str, Any]:
        super().clean()
        self.changes, self.taken_over, self.both, self._merged = {}, [], {}, None
        if self.is_gone:
            self._merged = set()
            merging_gone.clean(self)
        elif self.instance.pk:
            self._merge()
        return self.cleaned_data

    def _merge(self) -> None:
        shown, both = self.shown(), self.both
        is_going = self.cleaned_data.get(forms.formsets.DELETION_FIELD_NAME, False)
        self._take_theirs(shown)
        now = {name: self.digest_of(name, value) for name, value in shown.items()}
        self.seen |= {name: now[name] for name, own in self.wrote.items() if own == now.get(name)}
        # Without those that have an error of their own, or are not this person's to change.
        typed = {
            name: self.digest_of(name, self.cleaned_data[name])
            for name in shown
            if name in self.cleaned_data and not self.fields[name].disabled
        }
        # What this page has put there and not touched since is no change of its own: it may never
        # have heard that it was taken, nor what came after it.
        self.seen |= {
            name: own
            for name, own in self.wrote.items()
            if own == typed.get(name)
            and self.seen.get(name) != now[name]
            and not self.decision(name)
        }
        self._merged = {*typed}
        texts = {} if is_going else merging_texts.put_together(self, shown, now, typed)
        touched = {name for name in typed if typed[name] not in (self.seen.get(name), now[name])}
        for name in [name for name in typed if name not in texts]:
            is_moved = now[name] != self.seen.get(name)
            if is_moved and is_going:
                both[name] = shown[name]
            elif typed[name] == now[name]:
                self.cleaned_data[name] = self.present(name, shown[name])
            elif name in touched or touched & self._beside(name):
                self.changes[name] = self.cleaned_data[name]
                if is_moved:
                    both[name] = shown[name]
            else:
                self.taken_over.append(name)
                self.cleaned_data[name] = self.present(name, shown[name])
                self.show(name, shown[name])
        both |= {name: shown[name] for name, asked in texts.items() if asked}
        self._refuse_lost_fields()
        if is_going and both:
            self._refuse_deletion(both)
        else:
            for name, value in both.items():
                self.add_error(name, self._both_versions(name, value, texts.get(name)))
        self.look_again([*(name for name in both if name not in texts), *self.taken_over])

    def look_again(self, names: Iterable[str]) -> None:
        """The page that comes back shows these as they are now."""
        now = self.now_seen()
        self.seen |= {key: now[key] for name in names for key in (name, name + BASE) if key in now}

    def _beside(self, name: str) -> set[str]:
        return {other for group in self.together if name in group for other in group} - {name}

    def _take_theirs(self, shown: dict[str, Any]) -> None:
        """Where the person chose the colleague's version, and it is still the one they saw."""
        for name, value in shown.items():
            is_as_seen = merging_texts.is_shown(self.seen, name, self.digest_of(name, value))
            if name not in self.fields or not is_as_seen:
                continue
            is_text = name in self.cleaned_data and merging_texts.is_long(self.fields[name])
            if self.decision(name) == Choice.THEIRS and not is_text:
                self.errors.pop(name, None)
                self.cleaned_data[name] = self.present(name, value)
                self.show(name, value)

    def show(self, name: str, value: Any) -> None:
        """Should the page come back, its field shows this value instead of what was sent."""
        entered = self.as_entered(name, value)
        self.fields[name].bound_data = lambda data, initial: entered  # type: ignore[method-assign]  # of this form's copy alone

    def _refuse_lost_fields(self) -> None:
        """What was typed into a field that has become read-only is shown, not dropped."""
        sent: Any = self.data
        for name in [name for name in self.seen if name not in self.fields]:
            typed = sent.getlist(self.add_prefix(name))
            if typed and digest(None, typed) != self.seen[name]:
                self.add_error(None, contested.is_frozen(name.replace("_", " "), "\n".join(typed)))
                del self.seen[name]

    def _refuse_deletion(self, both: dict[str, Any]) -> None:
        lines = [
            (self.label(name), self.said(name, self.present(name, value)))
            for name, value in both.items()
        ]
        change = self.last_change(next(iter(both)), opened_at(self.seen))
        self.add_error(None, contested.changed_before_deletion(lines, change))

    # Telling

    @property
    def taken_over_note(self) -> SafeString:
        """For a page that comes back: what else it shows differently now."""
        labels = [self.label(name) for name in self.taken_over]
        return contested.also_changed(labels) if labels else mark_safe("")

    def _both_versions(self, name: str, value: Any, texts: TwoTexts | None) -> SafeString:
        mine, theirs = self.cleaned_data[name], self.present(name, value)
        return contested.both_versions(
            name=self._choice(name),
            label=self.label(name),
            mine=self.said(name, mine),
            theirs=self.said(name, theirs),
            texts=texts,
            change=self.last_change(name, opened_at(self.seen)),
        )

    def decision(self, name: str) -> Choice | None:
        """What this person chose, where they were asked."""
        sent = self.data.get(self._choice(name), "")
        return Choice(sent) if sent in {*Choice} else None

    def _choice(self, name: str) -> str:
        return f"{self.add_prefix(name)}-{contested.DECIDE}"

    # Values

    def _column(self, name: str) -> models.Field[Any, Any] | None:
        for field in (*self._meta.model._meta.fields, *self._meta.model._meta.many_to_many):
            if field.name == name:
                return field
        return None

    def present(self, name: str, value: Any) -> Any:
        """What the row has, as a cleaned field would have it."""
        column = self._column(name)
        if column is None or column.many_to_many:
            return value
        return getattr(self.instance, name)

    def digest_of(self, name: str, value: Any) -> str:
        return digest(self.fields.get(name), value)
