"""What came with an inquiry: an assessment, or a brief."""

from typing import Self

from django.db import models
from django.db.models import Q

from leads.models.inquiries import MAX_TEXT, Inquiry
from readiness.models import Assessment


class InquiryAssessmentQuerySet(models.QuerySet["InquiryAssessment"]):
    def awaiting_notification(self) -> Self:
        """Finished after its inquiry's notifications went out, and not sent on its own yet."""
        return self.filter(
            notified_at__isnull=True,
            assessment__finished_at__isnull=False,
            inquiry__notified_at__isnull=False,
            inquiry__spam_mark__isnull=True,
        )


class InquiryAssessment(models.Model):
    """The assessment that came with an inquiry. One that was passed on may come with several."""

    inquiry = models.ForeignKey(Inquiry, on_delete=models.CASCADE, related_name="assessments")
    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="inquiries")
    # When its result went out: with the inquiry's notification, or in emails of its own.
    notified_at = models.DateTimeField(null=True, blank=True)

    objects = InquiryAssessmentQuerySet.as_manager()

    class Meta:
        ordering = ["-assessment__finished_at", "-pk"]
        indexes = [
            models.Index(
                fields=["assessment"],
                name="leads_assessment_not_notified",
                condition=Q(notified_at__isnull=True),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["inquiry", "assessment"], name="leads_an_assessment_comes_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.inquiry}: {self.assessment}"


class Brief(models.Model):
    """A piece of work as the visitor described it, with the inquiry that brought it.

    Word for word, like the inquiry: a trigger in the database sees to it.
    """

    inquiry = models.OneToOneField(Inquiry, on_delete=models.CASCADE, related_name="brief")
    title = models.CharField(max_length=160, blank=True)
    context = models.TextField(max_length=MAX_TEXT, blank=True)
    interfaces = models.TextField(max_length=MAX_TEXT, blank=True)
    acceptance_criteria = models.TextField(max_length=MAX_TEXT, blank=True)
    out_of_scope = models.TextField(max_length=MAX_TEXT, blank=True)
    definition_of_done = models.TextField(max_length=MAX_TEXT, blank=True)
    constraints = models.TextField(max_length=MAX_TEXT, blank=True)

    # What `leads.briefs.hints` points out, once it was asked.
    findings = models.JSONField(null=True, editable=False)

    TEXT_FIELDS = (
        "title", "context", "interfaces", "acceptance_criteria", "out_of_scope",
        "definition_of_done", "constraints",
    )  # fmt: skip

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="leads_brief_says_something",
                condition=~Q(
                    title="",
                    context="",
                    interfaces="",
                    acceptance_criteria="",
                    out_of_scope="",
                    definition_of_done="",
                    constraints="",
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.title or "A brief"

    @property
    def says_something(self) -> bool:
        return any(getattr(self, name) for name in self.TEXT_FIELDS)
