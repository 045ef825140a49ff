"""What happened on a lead, and what is to be done next."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from desk.models import Act
from leads.models.contacts import Company, Contact
from leads.models.inquiries import Inquiry
from leads.models.leads import Lead


class Activity(models.Model):
    """One line of a lead's history. Lines are added, never changed."""

    class Kind(models.TextChoices):
        INQUIRY = "inquiry", "Inquiry"
        ASSESSMENT = "assessment", "Assessment"
        ANSWER = "answer", "Answer"
        STAGE = "stage", "Stage"
        OWNER = "owner", "Assignment"
        KIND = "kind", "Kind"
        CHANGE = "change", "Change"
        NOTE = "note", "Note"
        NEXT_STEP = "next_step", "Next step"

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="activities")
    kind = models.CharField(max_length=10, choices=Kind)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    text = models.TextField()
    inquiry = models.ForeignKey(
        Inquiry, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # What it was done in, and what there was before: with these it can be taken back.
    act = models.ForeignKey(
        Act, on_delete=models.SET_NULL, null=True, blank=True, related_name="activities"
    )
    before = models.JSONField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name_plural = "activities"
        indexes = [models.Index(fields=["lead", "at"], name="leads_activities_of_lead")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.text}"


class Change(models.Model):
    """What someone changed about a person or a company. Lines are added, never changed."""

    contact = models.ForeignKey(
        Contact, on_delete=models.CASCADE, null=True, blank=True, related_name="changes"
    )
    company = models.ForeignKey(
        Company, on_delete=models.CASCADE, null=True, blank=True, related_name="changes"
    )
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    text = models.TextField()
    # As in an activity: with these it can be taken back.
    act = models.ForeignKey(
        Act, on_delete=models.SET_NULL, null=True, blank=True, related_name="changes"
    )
    before = models.JSONField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="leads_change_is_of_a_person_or_a_company",
                condition=Q(contact__isnull=False, company__isnull=True)
                | Q(contact__isnull=True, company__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.text


class NextStepQuerySet(models.QuerySet["NextStep"]):
    def open(self) -> Self:
        return self.filter(done_at__isnull=True)

    def due(self) -> Self:
        of_work = Lead.objects.work().filter(pk=OuterRef("lead"))
        return self.open().filter(Exists(of_work), due_on__lte=timezone.localdate())


class NextStep(models.Model):
    """What happens next on a lead, with a date and an owner."""

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="next_steps")
    text = models.CharField("next step", max_length=250)
    due_on = models.DateField("due")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name="assigned to",
    )
    done_at = models.DateTimeField(null=True, blank=True)

    objects = NextStepQuerySet.as_manager()

    class Meta:
        ordering = ["done_at", "due_on", "pk"]
        verbose_name = "next step"
        indexes = [
            models.Index(
                fields=["owner", "due_on"],
                name="leads_steps_to_do",
                condition=Q(done_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def is_done(self) -> bool:
        return self.done_at is not None
