from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import label_for_field
from django_countries import countries

from desk.checked import LINE, PARAGRAPHS, CheckedAdmin
from desk.merging import MergingForm
from desk.merging_admin import MergingAdmin
from desk.moments import NEAR_MOMENTS
from offices.addresses import unused_parts
from offices.models import WEEKDAYS, Office
from redirects.deleting import NamesWhatIsDeleted


class WeekdaysField(forms.MultipleChoiceField):
    """Checkboxes for what the row keeps as digits: "12345"."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs):
        choices = [(str(day), name) for day, name in enumerate(WEEKDAYS, start=1)]
        super().__init__(choices=choices, **kwargs)

    def prepare_value(self, value):
        return list(value) if isinstance(value, str) else value

    def clean(self, value):
        return "".join(sorted(set(super().clean(value))))

    def said(self, value):
        return ", ".join(WEEKDAYS[int(day) - 1] for day in value)


class OfficeForm(MergingForm):
    together = (
        ("country", "phone"),
        ("opens_at", "closes_at"),
        ("latitude", "longitude"),
    )

    weekdays = WeekdaysField(
        label="Working days",
        error_messages={"required": "Choose at least one working day."},
    )

    def clean(self):
        cleaned = super().clean() or {}
        phone, country = cleaned.get("phone"), cleaned.get("country")
        if phone and country and not Office(phone=phone, country=country).phone_link:
            self.add_error(
                "phone",
                f"“{phone}” is not a phone number in {countries.name(country)}. Enter one "
                "number, with its country code: +45 33 12 34 56, or +45 33 12 34 56 ext. 12.",
            )
        return cleaned


@admin.register(Office)
class OfficeAdmin(NamesWhatIsDeleted, CheckedAdmin, MergingAdmin):
    form = OfficeForm
    checked = {"name": LINE, "description": PARAGRAPHS}
    formfield_overrides = NEAR_MOMENTS
    list_display = ["name", "city", "country", "hours", "is_headquarters", "is_listed", "position"]
    list_editable = ["position"]
    list_filter = ["is_listed", "country"]
    search_fields = ["name", "city", "street"]
    ordering = ["position", "name"]
    prepopulated_fields = {"slug": ["name"]}
    autocomplete_fields = ["image"]
    save_on_top = True
    fieldsets = [
        (None, {"fields": ["name", "slug", "description", "image"]}),
        ("Address", {"fields": ["street", "postal_code", "city", "region", "country"]}),
        ("Working hours", {"fields": ["timezone", "weekdays", ("opens_at", "closes_at")]}),
        ("Contact", {"fields": ["phone", "email"]}),
        ("Map", {"fields": [("latitude", "longitude")]}),
        ("On the site", {"fields": ["is_listed", "is_headquarters", "position"]}),
    ]

    def was_public(self, row):
        return row.was_listed

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if obj.was_listed and not obj.is_listed and "is_listed" in form.changed_data:
            messages.warning(
                request,
                f"Readers who open {obj.get_absolute_url()} now see that the office is no "
                "longer listed. Menu links to it are hidden.",
            )
        for field in unused_parts(obj):
            name, country = label_for_field(field, Office), obj.country.name
            messages.warning(
                request, f"Visitors do not see the {name}: addresses in {country} have none."
            )
