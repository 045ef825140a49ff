"""Rows of a question set on its page."""

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError

from desk.merging_admin import MergingInline
from readiness.drafts import set_of
from readiness.models import Dimension, Question, Result, Rule
from readiness.places import Numbered, Placed, PlacedForm


class DraftInline(MergingInline, admin.StackedInline):
    """Part of a set, or of a question: to be edited while its set is a draft."""

    extra = 0

    def _is_frozen(self, obj) -> bool:
        return obj is not None and set_of(obj).is_published

    def has_add_permission(self, request, obj=None) -> bool:
        return super().has_add_permission(request, obj) and not self._is_frozen(obj)

    def has_change_permission(self, request, obj=None) -> bool:
        return super().has_change_permission(request, obj) and not self._is_frozen(obj)

    def has_delete_permission(self, request, obj=None) -> bool:
        return super().has_delete_permission(request, obj) and not self._is_frozen(obj)


class LetteredForm(PlacedForm):
    place = "letter"

    def clean_letter(self) -> str:
        letter = self.cleaned_data["letter"]
        if not (letter.isascii() and letter.isalpha()):
            raise ValidationError("Enter one letter from A to Z.")
        return letter.upper()


class Lettered(Placed):
    place = "letter"
    spare = [chr(code) for code in range(0xE000, 0xE100)]  # which no form lets through


class DimensionInline(DraftInline):
    model = Dimension
    form = LetteredForm
    formset = Lettered
    fields = ["letter", "name", "intro"]
    show_change_link = True


class ResultInline(DraftInline):
    model = Result
    classes = ["collapse"]


class RuleForm(PlacedForm):
    """Offers the results and questions of the rule's own version only."""

    def __init__(self, *args, question_set, **kwargs):
        super().__init__(*args, **kwargs)
        own = question_set
        for name, rows in {
            "result": Result.objects.filter(question_set=own),
            "all_zero": Question.objects.filter(dimension__question_set=own).select_related(
                "dimension"
            ),
        }.items():
            field = self.fields.get(name)
            if isinstance(field, forms.ModelChoiceField):
                field.queryset = rows


class Rules(Numbered):
    def get_form_kwargs(self, index):
        return super().get_form_kwargs(index) | {"question_set": self.instance}


class RuleInline(DraftInline):
    model = Rule
    form = RuleForm
    formset = Rules
    verbose_name_plural = "rules, checked from the top"
    fields = [
        ("position", "result"), "explanation", ("min_unsure", "below_total"),
        ("min_total", "min_each_dimension"), "all_zero",
    ]  # fmt: skip
