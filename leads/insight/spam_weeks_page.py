"""How the program did at spam, as a page of the admin."""

from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.requests import StaffRequest
from leads.insight import spam_weeks
from leads.models import Inquiry, SpamMark
from privacy.retention import kept_for


def page(model_admin: ModelAdmin[Inquiry], request: StaffRequest) -> HttpResponse:
    """For everyone who may see inquiries."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    context = {
        **model_admin.admin_site.each_context(request),
        "title": "Spam by week",
        "opts": model_admin.opts,
        "found": spam_weeks.weeks(timezone.now()),
        "days_kept": kept_for(SpamMark.KEPT_BY).days,
    }
    return render(request, "admin/leads/inquiry/spam_weeks.html", context)
