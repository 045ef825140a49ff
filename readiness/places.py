"""Rows that stand in an order, edited together: any of them may change places in one save."""

from collections.abc import Iterable
from itertools import count
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet


class PlacedForm(forms.ModelForm[Any]):
    """A row with a place. Whether it is free the formset knows: who stands there may be leaving."""

    place = "position"

    def validate_constraints(self) -> None:
        # As Django's own, which asks for this set and takes what is wrong by these two methods.
        exclude = {*self._get_validation_exclusions(), self.place}  # type: ignore[attr-defined]
        try:
            self.instance.validate_constraints(exclude=exclude)
        except ValidationError as error:
            self._update_errors(error)  # type: ignore[attr-defined]


class Placed(forms.BaseInlineFormSet[Any, Any, forms.ModelForm[Any]]):
    """Each row leaves its place before any of them takes one: the constraint that gives a place to
    one row is not deferred, which SQLite could not do.
    """

    place = "position"
    spare: Iterable[Any] = ()  # places that nobody chooses

    def clean(self) -> None:
        shown = {form.instance.pk for form in self.initial_forms}
        if self._stored().keys() - shown:
            raise ValidationError(
                "Somebody added to these rows while you were at it. Reload the page and save again."
            )
        super().clean()

    def save_existing_objects(self, commit: bool = True) -> list[Any]:
        if commit:
            self._clear_places()
        return super().save_existing_objects(commit)

    def _clear_places(self) -> None:
        stored = self._stored()
        wanted = {form.instance.pk: getattr(form.instance, self.place) for form in self.forms}
        taken = {*stored.values(), *wanted.values()}
        spare = (place for place in self.spare or count(1) if place not in taken)
        going = {form.instance.pk for form in self.deleted_forms}
        for pk, place in stored.items():
            if pk in going or wanted[pk] != place:
                self._put(pk, next(spare))

    def _stored(self) -> dict[int, Any]:
        return dict(self._rows().values_list("pk", self.place))

    def _put(self, pk: int, place: object) -> None:
        self._rows().filter(pk=pk).update(**{self.place: place})

    def _rows(self) -> QuerySet[Any]:
        model: type[Model] = self.fk.model
        return model._base_manager.filter(**{self.fk.name: self.instance.pk})


class Numbered(Placed):
    """Numbered from 1 without a gap, whatever numbers were typed: a row is put where its number
    says, and those behind it move on. A new row without a number goes to the end.
    """

    def add_fields(self, form: forms.ModelForm[Any], index: int | None) -> None:
        super().add_fields(form, index)
        form.fields[self.place].required = False

    def clean(self) -> None:
        if not any(self.errors):
            for place, form in enumerate(sorted(self._staying(), key=self._order), start=1):
                form.cleaned_data[self.place] = place
                setattr(form.instance, self.place, place)
        super().clean()

    def _staying(self) -> list[Any]:
        return [
            form
            for form in self.forms
            if self.place in form.cleaned_data and form not in self.deleted_forms
        ]

    def _order(self, form: Any) -> tuple[float, int]:
        """Who was put at another's place comes before it on the way up, behind it on the way
        down.
        """
        typed, before = form.cleaned_data[self.place], form.initial.get(self.place)
        if typed is None:
            return float("inf"), 0
        if before is None or typed < before:
            return typed, -1
        return typed, int(typed > before)

    def save_existing_objects(self, commit: bool = True) -> list[Any]:
        saved = super().save_existing_objects(commit)
        if commit:  # those that only moved on, whose forms are as they were
            for form in self.initial_forms:
                place = getattr(form.instance, self.place)
                if form.initial[self.place] != place and not form.has_changed():
                    self._put(form.instance.pk, place)
        return saved
