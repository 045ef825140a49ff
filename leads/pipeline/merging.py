"""Forms that may lie open while a colleague works on the same row."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.db import models
from django.http import QueryDict

from leads.pipeline.moves import display


class MergingForm(forms.ModelForm):
    """Saves what this person changed, and leaves what a colleague changed meanwhile.

    The form carries what it showed when it was opened. A field that still says so is nobody's
    wish: it takes the row's present value. A field that both changed is an error that says what
    the colleague chose; what was typed stays in the form, and saving again is then a decision.
    Add `seen` to the fields that the admin shows.
    """

    seen = forms.CharField(required=False, max_length=5000, widget=forms.HiddenInput)

    merged: ClassVar[list[str]]
    changes: dict[str, Any]  # what this person changed, once the form is cleaned
    row: Any  # what `present` said

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.changes = {}
        self.row = None
        if self.instance.pk:
            self.initial["seen"] = json.dumps(self.shown(self.instance))

    def present(self) -> models.Model | None:
        """The row as it is by now, held until the transaction ends; None if it is gone."""
        raise NotImplementedError

    def shown(self, row: Any) -> dict[str, str]:
        """What a page that is opened now shows of the row."""
        return {name: _comparable(getattr(row, name)) for name in self.merged}

    @property
    def changed_data(self) -> list[str]:
        others = [name for name in super().changed_data if name not in (*self.merged, "seen")]
        return [*self.changes, *others]

    def clean(self):
        super().clean()
        self.row = row = self.present()
        if row is None:
            self.add_error(None, "Somebody has deleted this meanwhile.")
            return self.cleaned_data
        seen, now = self.seen_values(), self.shown(row)
        contested = []
        for name in self.merged:
            if name not in self.cleaned_data or name not in self.fields:
                continue  # it has an error of its own, or is not shown to this person
            wanted = _comparable(self.cleaned_data[name])
            if wanted in (seen.get(name), now[name]):
                self.cleaned_data[name] = getattr(row, name)
            elif now[name] == seen.get(name):
                self.changes[name] = self.cleaned_data[name]
            else:
                contested.append(name)
        for name in contested:
            self.add_error(name, _changed_meanwhile(row, name))
        self.look_again(now, contested)
        return self.cleaned_data

    def seen_values(self) -> dict[str, Any]:
        """What the page showed, as it says itself; nothing where it says nonsense."""
        try:
            seen = json.loads(self.cleaned_data.get("seen", ""))
        except (ValueError, RecursionError):
            return {}
        return seen if isinstance(seen, dict) else {}

    def look_again(self, now: dict[str, str], names: Iterable[str]) -> None:
        """The page that comes back shows these as they are now."""
        names = list(names)
        if names:
            seen = json.dumps(self.seen_values() | {name: now[name] for name in names})
            self.cleaned_data["seen"] = seen
            data = QueryDict(mutable=True)
            data.update(self.data)
            data[self.add_prefix("seen")] = seen
            self.data = data


def _comparable(value: object) -> str:
    """The same for the same value, whether it comes from the row or from the form."""
    match value:
        case None:
            return ""
        case datetime():
            return value.astimezone(UTC).replace(second=0, microsecond=0).isoformat()
        case Decimal():
            return f"{value:.3f}"
        case models.Model():
            return str(value.pk)
    return str(value)


def _changed_meanwhile(row: models.Model, name: str) -> str:
    label = getattr(row, f"get_{name}_display", None)
    value = label() if label else display(getattr(row, name), row)
    return (
        f"A colleague changed this to “{value}” while you had the page open; the history says "
        "who. Yours is still in the form: save again to keep it, or put theirs back."
    )
