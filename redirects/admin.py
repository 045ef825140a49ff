"""Redirects and missing pages in the admin."""

from collections.abc import Sequence

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.defaultfilters import pluralize
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.http import urlencode

from desk import audit
from desk.audit import Kind
from desk.exporting import Exports
from desk.merging import MergingForm
from desk.merging_admin import MergingAdmin
from redirects import files, plans
from redirects.models import MissingPage, Redirect
from redirects.paths import as_typed, normal_path, normal_target


class RedirectForm(MergingForm):
    class Meta:
        model = Redirect
        fields = ["path", "target", "is_permanent", "note"]

    def clean_path(self) -> str:
        return normal_path(self.cleaned_data["path"])

    def clean_target(self) -> str:
        return normal_target(self.cleaned_data["target"])

    def clean(self):
        super().clean()
        if not self.errors:
            cleaned = {"path": self.instance.path, **self.cleaned_data}
            if plans.plan([Redirect(pk=self.instance.pk, **cleaned)]).rings:
                self.add_error("target", "This would redirect to itself.")
        return self.cleaned_data


class ImportForm(forms.Form):
    """The file at first; then, signed, the text that was checked and what was shown of it."""

    SALT = "redirects.plans"
    MAX_SIGNED_LENGTH = 2_300_000  # characters; DATA_UPLOAD_MAX_MEMORY_SIZE holds it, and the rest

    file = forms.FileField(
        label="CSV or Excel file",
        help_text=(
            f"Columns: {', '.join(files.COLUMNS)}; at most {files.MAX_ROWS:,} rows. CSV in UTF-8, "
            "with commas or semicolons; from Excel (XLSX), the first sheet."
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,text/csv"}),
    )

    def clean_file(self) -> str:
        file = self.cleaned_data["file"]
        if file.size > files.MAX_BYTES:
            raise ValidationError(f"The file is larger than {files.MAX_BYTES // 1024**2} MB.")
        text = files.decode(file.read())
        if len(self.signed(text, "")) > self.MAX_SIGNED_LENGTH:
            raise ValidationError(
                "The file is too large to import at once. Split it and import the parts."
            )
        return text

    @classmethod
    def signed(cls, text: str, shown: str) -> str:
        return signing.dumps([text, shown], salt=cls.SALT, compress=True)

    @classmethod
    def unsigned(cls, checked: str) -> list[str] | None:
        """The text and the stamp of what was shown, for a day."""
        try:
            return signing.loads(checked, salt=cls.SALT, max_age=24 * 60 * 60)
        except signing.BadSignature:
            return None


@admin.register(Redirect)
class RedirectAdmin(Exports, MergingAdmin):
    """Old addresses and where they lead. The path of a redirect stays; its target may change."""

    form = RedirectForm
    list_display = ["path", "target", "is_permanent", "hits", "last_hit_at", "note"]
    list_filter = ["is_permanent", "created_at"]
    search_fields = ["path", "target", "note"]
    list_per_page = 200
    table = files.RedirectTable
    import_export_change_list_template = "admin/redirects/redirect/change_list.html"
    SHOWN = 100  # of each kind, in the preview of an import

    def get_fields(self, request, obj=None):
        return [*RedirectForm.Meta.fields, *(["hits", "last_hit_at", "created_at"] if obj else [])]

    def get_readonly_fields(self, request, obj=None):
        return ["path", "hits", "last_hit_at", "created_at"] if obj else []

    def get_urls(self):
        wrap = self.admin_site.admin_view
        return [
            path("import/", wrap(self.import_file), name="redirects_redirect_import"),
            *super().get_urls(),
        ]

    def save_model(self, request, obj, form, change):
        plan = plans.plan([obj])
        plans.carry_out(plan)
        if plan.led_on:
            paths = ", ".join(row.path for row in plan.led_on[:5])
            count = len(plan.led_on)
            self.message_user(
                request,
                f"{count} other redirect{pluralize(count)} now point{pluralize(count, 's,')} "
                f"there directly: {paths}.",
            )

    @transaction.atomic
    def import_file(self, request: HttpRequest) -> HttpResponse:
        """A file is checked and shown first; what was shown is then done, all of it or nothing."""
        if not (self.has_add_permission(request) and self.has_change_permission(request)):
            raise PermissionDenied
        if request.method != "POST":
            return self._import_page(request, ImportForm())
        if "checked" not in request.POST:
            form = ImportForm(request.POST, request.FILES)
            if not form.is_valid():
                return self._import_page(request, form)
            return self._carry_out(request, form.cleaned_data["file"])
        if checked := ImportForm.unsigned(request.POST["checked"]):
            text, stamp = checked
            return self._carry_out(request, text, shown=stamp)
        self.message_user(request, "Please choose the file again.", messages.ERROR)
        return redirect("admin:redirects_redirect_import")

    def _carry_out(
        self, request: HttpRequest, text: str, *, shown: str | None = None
    ) -> HttpResponse:
        """Do what the file says, if that is what was shown; else show it."""
        reading = files.read(text)
        plan = plans.plan(reading.redirects)
        reading.refuse_rings(plan.rings)
        stamp = plan.stamp()
        if reading.problems or shown != stamp:
            if shown is not None:
                self.message_user(
                    request,
                    "Redirects have changed since you checked the file. Check it again.",
                    messages.WARNING,
                )
            parts = self._shown(plan)
            checked = ImportForm.signed(text, stamp)
            context = {"reading": reading, "plan": plan, "parts": parts, "checked": checked}
            return self._import_page(request, ImportForm(), shown=self.SHOWN, **context)
        plans.carry_out(plan)
        for rows, flag in [(plan.added, ADDITION), ([*plan.changed, *plan.led_on], CHANGE)]:
            self._log(request, rows, flag)
        summary = f"Imported redirects: {len(plan.added)} added, {len(plan.changed)} changed."
        audit.record(Kind.IMPORT, summary, by=request.user)
        self.message_user(
            request, f"{len(plan.added)} added, {len(plan.changed)} changed.", messages.SUCCESS
        )
        return redirect("admin:redirects_redirect_changelist")

    def _shown(self, plan: plans.Plan) -> list[tuple[str, int, list[tuple[Redirect, str | None]]]]:
        """What the plan does, by kind: how many rows and, of the first, what they were."""
        kinds = {
            "to add": plan.added,
            "to change": plan.changed,
            "that point to one of these, to be updated": plan.led_on,
        }
        return [
            (heading, len(rows), [(row, plan.was.get(row.path)) for row in rows[: self.SHOWN]])
            for heading, rows in kinds.items()
            if rows
        ]

    def _import_page(self, request: HttpRequest, form: ImportForm, **context) -> HttpResponse:
        page = {
            **self.admin_site.each_context(request),
            "title": "Import redirects",
            "opts": self.opts,
            "form": form,
            **context,
        }
        status = 422 if form.errors else 200
        return TemplateResponse(
            request, "admin/redirects/redirect/import.html", page, status=status
        )

    def _log(self, request: HttpRequest, rows: Sequence[Redirect], flag: int) -> None:
        if rows:
            assert request.user.pk  # the admin's own view asked who it is
            LogEntry.objects.log_actions(request.user.pk, rows, flag, "Imported.")


class AnsweredFilter(admin.SimpleListFilter):
    """Hides addresses that have an answer by now, unless all are wanted."""

    title = "answer"
    parameter_name = "answer"

    def lookups(self, request, model_admin):
        return [("all", "All, answered or not")]

    def choices(self, changelist):
        default, every = super().choices(changelist)
        return [{**default, "display": "Still missing"}, every]

    def queryset(self, request, queryset):
        return queryset if self.value() == "all" else queryset.still_missing()


@admin.register(MissingPage)
class MissingPageAdmin(admin.ModelAdmin):
    """Addresses that were not found, the most requested first."""

    list_display = ["path", "count", "last_seen", "first_seen", "referrer_host", "way_out"]
    list_display_links = None
    list_filter = [AnsweredFilter, "last_seen"]
    search_fields = ["path", "referrer_host"]

    def has_add_permission(self, request) -> bool:
        return False  # readers find them

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    @admin.display(description="action")
    def way_out(self, missing: MissingPage) -> str:
        query = urlencode({"path": as_typed(missing.path)})
        return format_html(
            '<a href="{}?{}" aria-label="Create a redirect for {}">Create a redirect</a>',
            reverse("admin:redirects_redirect_add"),
            query,
            missing.path,
        )
