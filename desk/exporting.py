"""Lists of the admin as files: the page and the choice of columns are django-import-export's.

The package is not among the installed apps: its templates break our content security policy, and
its commands would write rows past the doors of the apps.
"""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from import_export.admin import ExportMixin
from import_export.forms import SelectableFieldsExportForm
from import_export.resources import ModelResource

from desk import audit, spreadsheets
from desk.audit import Kind


class Table(ModelResource):  # type: ignore[misc]  # the package has no types
    """What a file tells of each row of a list: its columns, in their order."""

    CHUNK = 500

    def rows(self, queryset: QuerySet[Any], chosen: list[str]) -> Iterator[list[Any]]:
        """The chosen columns of each row, as they are: the format decides how they are written.

        A few rows at a time, with what was prefetched for them; and without the package's own
        way of finding the value of a cell, which looks through all columns for each.
        """
        values = [
            getattr(self, f"dehydrate_{self.get_field_name(column)}", column.get_value)
            for column in self.get_export_fields(chosen)
        ]
        for row in queryset.iterator(self.CHUNK):
            yield [value(row) for value in values]


class ExportForm(SelectableFieldsExportForm):  # type: ignore[misc]  # the same
    """Which kind of file, and which columns."""

    def __init__(self, formats, resources, **kwargs):
        super().__init__(formats, resources, **kwargs)
        kinds = [(str(place), kind().get_title()) for place, kind in enumerate(formats)]
        self.fields["format"] = forms.ChoiceField(
            label="File", choices=kinds, initial="0", widget=forms.RadioSelect
        )
        for resource in resources:
            for name, column in resource().fields.items():
                self.fields[
                    self.create_boolean_field_name(resource, name)
                ].label = column.column_name

    @property
    def columns(self):
        """The fields that choose columns, to be shown side by side."""
        return [self[name] for names in self.resource_fields.values() for name in names]


class Exports(ExportMixin):  # type: ignore[misc]  # the same
    """A list that people who can see it can export as it is filtered, searched and sorted."""

    table: type[Table]
    formats = spreadsheets.FORMATS
    export_form_class = ExportForm
    export_template_name = "admin/export.html"
    import_export_change_list_template = "admin/export_list.html"

    def get_export_resource_classes(self, request):
        return [self.table]

    def has_export_permission(self, request) -> bool:
        return self.has_view_permission(request)

    def get_export_filename(self, request, queryset, file_format) -> str:
        return f"{slugify(self.opts.verbose_name_plural)}-{timezone.localdate():%Y-%m-%d}"

    def get_list_url(self, request) -> str:
        """Of the list whose rows they are, as it was narrowed."""
        url = reverse(f"admin:{self.opts.label_lower.replace('.', '_')}_changelist")
        return f"{url}?{request.GET.urlencode()}" if request.GET else url

    def export_action(self, request: HttpRequest) -> HttpResponseBase:
        if not self.has_export_permission(request):
            raise PermissionDenied
        try:
            found = self.get_export_queryset(request)
        except IncorrectLookupParameters:
            return redirect(f"admin:{self.opts.label_lower.replace('.', '_')}_changelist")
        form = self.export_form_class(
            self.get_export_formats(), [self.table], data=request.POST or None
        )
        if form.is_valid():
            try:
                return self._file(request, found, form)
            except spreadsheets.TooLong as error:
                form.add_error("format", str(error))
        context = {
            **self.init_request_context_data(request, form),
            "title": f"Export {self.opts.verbose_name_plural}",
            "count": found.count(),
            "list_url": self.get_list_url(request),
        }
        status = 422 if form.errors else 200
        return TemplateResponse(request, self.export_template_name, context, status=status)

    def _file(self, request, found, form) -> HttpResponseBase:
        kind = self.get_export_formats()[int(form.cleaned_data["format"])]()
        chosen = form.get_selected_resource_export_fields()
        table = self.table()
        what = self.opts.verbose_name_plural
        audit.record(Kind.EXPORT, f"Exported {what} as {kind.get_title()}.", by=request.user)
        return spreadsheets.as_file(
            kind,
            self.get_export_filename(request, found, kind),
            table.get_export_headers(selected_fields=chosen),
            table.rows(found, chosen),
        )
