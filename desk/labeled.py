"""Tables of fields in the admin, for those who do not see the table."""

from typing import Any

from django.utils.text import capfirst


class LabeledColumns:
    """Before a tabular inline: each field says the name of its column.

    Django's table names its fields in the head only, which no field refers to (WCAG 2.2, 4.1.2).
    """

    def get_formset(self, request, obj=None, **kwargs) -> Any:
        # As Django's inlines, which this one stands before.
        formset = super().get_formset(request, obj, **kwargs)  # type: ignore[misc]

        class Labeled(formset):  # type: ignore[valid-type, misc]
            def add_fields(self, form, index) -> None:
                super().add_fields(form, index)
                for field in form.fields.values():
                    widget = getattr(field.widget, "widget", field.widget)  # within its links
                    widget.attrs.setdefault("aria-label", capfirst(field.label or ""))

        return Labeled
