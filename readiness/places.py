"""Rows that stand in an order, edited together: any of them may change places in one save."""

from collections.abc import Iterable
from itertools import count
from operator import itemgetter
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet

from desk.merging import MergingForm
from desk.merging_admin import MergingInlineRows


class PlacedForm(MergingForm[Any]):
    """A row with a place. Whether it is free the formset knows: who stands there may be leaving."""

    place = "position"

    def validate_constraints(self) -> None:
        # As Django's own, which asks for this set and takes what is wrong by these two methods.
        exclude = {*self._get_validation_exclusions(), self.place}  # type: ignore[attr-defined]  # Django's own
        try:
            self.instance.validate_constraints(exclude=exclude)
        except ValidationError as error:
            self._update_errors(error)  # type: ignore[attr-defined]  # Django's own


class Placed(MergingInlineRows):
    """Each row leaves its place before any of them takes one: the constraint that gives a place to
    one row is not deferred, which SQLite could not do. What a colleague added keeps its place.
    """

    place = "position"
    spare: Iterable[Any] = ()  # places that nobody chooses

    def clean(self) -> None:
        taken = self._unshown().values()
        for form in self._staying():
            if form.cleaned_data[self.place] in taken:
                form.add_error(self.place, "A colleague added a row here. Choose another.")
        super().clean()

    def _staying(self) -> list[Any]:
        every: list[Any] = self.forms
        return [
            form
            for form in every
            if self.place in getattr(form, "cleaned_data", {})
            and not form.is_dropped
            and form not in self.deleted_forms
        ]

    def _unshown(self) -> dict[int, Any]:
        """What a colleague added while the page was open, with its places."""
        shown = {form.instance.pk for form in self.initial_forms}
        return {pk: place for pk, place in self._stored().items() if pk not in shown}

    def save_existing_objects(self, commit: bool = True) -> list[Any]:
        if commit:
            self._clear_places()
        return super().save_existing_objects(commit)

    def _clear_places(self) -> None:
        stored = self._stored()
        wanted = self._unshown() | {
            form.instance.pk: getattr(form.instance, self.place) for form in self.forms
        }
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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.moved_on: dict[int, int] = {}  # where rows go that a colleague added

    def add_fields(self, form: forms.ModelForm[Any], index: int | None) -> None:
        super().add_fields(form, index)
        form.fields[self.place].required = False

    def clean(self) -> None:
        if not any(self.errors):
            rows = [(self._order(form), form) for form in self._staying()]
            rows += [((place, 0), pk) for pk, place in self._unshown().items()]
            for place, (_, row) in enumerate(sorted(rows, key=itemgetter(0)), start=1):
                if isinstance(row, int):
                    self.moved_on[row] = place
                else:
                    row.cleaned_data[self.place] = place
                    setattr(row.instance, self.place, place)
        super().clean()

    def _unshown(self) -> dict[int, Any]:
        return super()._unshown() | self.moved_on

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
            for pk, place in self.moved_on.items():
                self._put(pk, place)
            for form in self.initial_forms:
                place = getattr(form.instance, self.place)
                if form.initial.get(self.place, place) != place and not form.has_changed():
                    self._put(form.instance.pk, place)
        return saved
