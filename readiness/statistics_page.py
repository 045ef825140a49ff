"""How a question set is answered, as a page of the admin."""

from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from accounts.requests import StaffRequest
from readiness import statistics
from readiness.models import QuestionSet


def page(model_admin: ModelAdmin[QuestionSet], request: StaffRequest, pk: int) -> HttpResponse:
    """For everyone who may see the question set."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    question_set = get_object_or_404(QuestionSet.objects.for_asking(), pk=pk)
    context = {
        **model_admin.admin_site.each_context(request),
        **figures(question_set),
        "title": f"How {question_set} is answered",
        "opts": model_admin.opts,
        "original": question_set,
    }
    return render(request, "admin/readiness/questionset/statistics.html", context)


def figures(question_set: QuestionSet) -> dict[str, object]:
    """What `_statistics.html` shows. Of a set that was loaded `for_asking`."""
    return {
        "statistic": statistics.statistic(question_set, at=timezone.now()),
        "fewest_shown": statistics.MIN_SHOWN,
        "fewest_judged": statistics.MIN_JUDGED,
    }
