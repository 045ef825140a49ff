"""Whether the assessment was right, as a page of the admin, and its table as a file."""

from typing import Any

from django import forms
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from accounts.requests import StaffRequest
from desk import spreadsheets
from leads.insight import calibration
from leads.models import Lead
from readiness import statistics_page
from readiness.models import QuestionSet


class VersionForm(forms.Form):
    """Which questions it is about."""

    version = forms.ModelChoiceField(
        QuestionSet.objects.none(),
        to_field_name="number",
        required=False,
        empty_label="All versions",
        error_messages={"invalid_choice": "There is no such version. All versions are shown."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        versions = self.fields["version"]
        if isinstance(versions, forms.ModelChoiceField):
            versions.queryset = QuestionSet.objects.published()

    def chosen(self) -> QuestionSet | None:
        """None says all of them: that is also what nonsense gets."""
        return self.cleaned_data["version"] if self.is_valid() else None


def page(model_admin: ModelAdmin[Lead], request: StaffRequest) -> HttpResponse:
    """For everyone who may see leads. How the questions are answered is shown below it."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    form = VersionForm(request.GET)
    chosen = form.chosen()
    sets = QuestionSet.objects.published().for_asking()
    asked = sets.filter(pk=chosen.pk).first() if chosen else QuestionSet.objects.current()
    context = {
        **model_admin.admin_site.each_context(request),
        **(statistics_page.figures(asked) if asked else {}),
        "title": "Calibration: how results turned out",
        "opts": model_admin.opts,
        "form": form,
        "version": chosen,
        "calibration": calibration.calibration(chosen),
        "fewest_leads": calibration.MIN_SHOWN,
        "fewest_in_all": calibration.MIN_JUDGED,
    }
    return render(request, "admin/leads/lead/calibration.html", context)


def file(model_admin: ModelAdmin[Lead], request: StaffRequest) -> HttpResponseBase:
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    form = VersionForm(request.GET)
    chosen = form.chosen()
    if form.errors:
        query = request.GET.urlencode()
        return HttpResponseRedirect(f"{reverse('admin:leads_lead_calibration')}?{query}")
    name = f"calibration-version-{chosen.number}" if chosen else "calibration"
    table = calibration.rows(calibration.calibration(chosen))
    return spreadsheets.as_file(spreadsheets.CSV(), name, calibration.COLUMNS, table)
