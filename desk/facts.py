"""Forms for a few facts of a page, each edited in its place.

Such a form carries what the page showed. Who changes a fact that a colleague has changed since is
told so once, with what it is now; sent again, theirs is saved.
"""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError


class FactForm(forms.Form):
    """For facts of a row that the caller holds."""

    key = ""  # of its address
    verb = "Save"  # of its button
    was = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = f"{self.key}-%s"
        self.label_suffix = ""
        self.initial.update(self.facts(), was=self.seen())

    def facts(self) -> dict[str, Any]:
        """The values that the form shows, as they are now; none for one that only adds."""
        return {}

    def seen(self) -> str:
        """What a page shows of them, to compare with later."""
        return "|".join(str(value) for value in self.facts().values())

    def said(self, name: str, value: Any) -> str:
        """A value as a person reads it."""
        return str(value or "none")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.facts() and cleaned.get("was", "") != self.seen():
            sent: Any = self.data
            self.data = sent.copy()
            self.data["was"] = self.seen()  # type: ignore[index]  # a copy may be changed
            now = ", ".join(self.said(name, value) for name, value in self.facts().items())
            raise ValidationError(
                f"A colleague has changed this since you opened the page. It is now: {now}. "
                "Nothing is saved yet: to use yours all the same, press the button again."
            )
        return cleaned

    def refuse(self, error: ValidationError) -> None:
        """Show what the act has refused, beside its field if the form has that."""
        fields: dict[str, list[str]] = getattr(error, "message_dict", {"": error.messages})
        for name, sentences in fields.items():
            self.add_error(name if name in self.fields else None, sentences)
