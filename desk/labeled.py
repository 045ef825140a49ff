"""Tables of fields in the admin, for those who do not see the table."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db.models import Model
from django.http import HttpRequest
from django.utils.text import capfirst


class InTable(forms.BoundField):
    """A table has its help at the head of a column or nowhere, and no element of its own for it."""

    aria_describedby = ""


class Labeled(forms.BaseModelFormSet[Any, forms.ModelForm[Any]]):
    """Rows of which each field says the name of its column, and its help."""

    def add_fields(self, form: forms.ModelForm[Any], index: int | None) -> None:
        super().add_fields(form, index)
        for field in form.fields.values():
            field.bound_field_class = InTable
            widget = field.widget
            if isinstance(widget, RelatedFieldWidgetWrapper):
                widget = widget.widget  # within its links
            widget.attrs.setdefault("aria-label", capfirst(field.label or ""))
            if field.help_text:
                widget.attrs.setdefault("aria-description", field.help_text)


class LabeledFormSet(Labeled, forms.BaseInlineFormSet[Any, Any, forms.ModelForm[Any]]):
    pass


class LabeledColumns(admin.TabularInline[Any, Any]):
    """Before a tabular inline: each field says the name of its column.

    Django's table names its fields in the head only, which no field refers to (WCAG 2.2, 4.1.2).
    """

    def get_formset(
        self, request: HttpRequest, obj: Model | None = None, **kwargs: Any
    ) -> type[LabeledFormSet]:
        formset = super().get_formset(request, obj, **kwargs)
        return type(formset.__name__, (LabeledFormSet, formset), {})
