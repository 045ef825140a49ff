"""The readiness that came with inquiries: readiness itself knows nobody, the join is here."""

from django.db.models import QuerySet

from leads.models import Inquiry, InquiryAssessment, Lead
from readiness import taking
from readiness.models import Assessment
from readiness.reports import Report, report


def attach(inquiry: Inquiry, result_key: str) -> None:
    """Let the assessment of that result come with the inquiry; a stale or forged key brings none.

    To be called in the transaction that keeps the inquiry: the assessment is held until it ends,
    so that nothing about it can cost us the inquiry.
    """
    found = taking.find_result(result_key)
    if found is None:
        return
    if held := Assessment.objects.select_for_update().filter(pk=found.pk).first():
        InquiryAssessment.objects.get_or_create(inquiry=inquiry, assessment=held)


def of_inquiry(inquiry: Inquiry) -> list[Report]:
    """The latest first."""
    return _reports(Assessment.objects.filter(inquiries__inquiry=inquiry))


def of_lead(lead: Lead) -> list[Report]:
    """Of all the lead's inquiries, the latest first: earlier ones are there to compare with."""
    return _reports(Assessment.objects.filter(inquiries__inquiry__lead=lead))


def _reports(assessments: QuerySet[Assessment]) -> list[Report]:
    kept = assessments.finished().newest_first().distinct()  # type: ignore[attr-defined]
    return [report(assessment) for assessment in kept]
