"""What visitors sent, word for word."""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from articles.models import Article
from leads.models.contacts import Contact
from mail.addresses import AddressField
from offices.models import Office
from privacy.models import Wording

MAX_TEXT = 50_000  # characters of a message, or of a section of a brief


class InquiryQuerySet(models.QuerySet["Inquiry"]):
    def awaiting_notification(self) -> Self:
        """Not spam, and not yet notified."""
        waiting = self.not_spam().filter(notified_at__isnull=True)
        return waiting.exclude(verdict=Inquiry.Verdict.SUSPECTED)

    def suspected(self) -> Self:
        """Held for a person to decide whether it is spam."""
        return self.not_spam().filter(verdict=Inquiry.Verdict.SUSPECTED)

    def spam(self) -> Self:
        return self.filter(spam_mark__isnull=False)

    def not_spam(self) -> Self:
        """Not marked as spam."""
        return self.filter(spam_mark__isnull=True)

    def waiting(self) -> Self:
        """Not answered yet, spam aside."""
        return self.not_spam().filter(answers__isnull=True)


class Inquiry(models.Model):
    """Never edited, never merged, never overwritten: triggers in the database see to it.

    Deleted when its person is erased, and when it is old spam; see `privacy.models.Deletion`.
    """

    class Verdict(models.TextChoices):
        CLEAR = "clear", "Clear"
        DOUBTFUL = "doubtful", "May be spam"
        SUSPECTED = "suspected", "Suspected spam"
        NOT_SPAM = "not_spam", "Not spam"

    # What the visitor said, and where.
    name = models.CharField(max_length=120)
    email = AddressField()
    company = models.CharField(max_length=160, blank=True)
    message = models.TextField(max_length=MAX_TEXT)
    source_path = models.CharField("sent from", max_length=500, blank=True)
    article = models.ForeignKey(
        Article,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="inquiries",
        help_text="The article that the form was on.",
    )
    referrer_host = models.CharField("came from", max_length=253, blank=True)
    utm_source = models.CharField("campaign source", max_length=120, blank=True)
    utm_medium = models.CharField("campaign medium", max_length=120, blank=True)
    utm_campaign = models.CharField("campaign", max_length=120, blank=True)
    received_at = models.DateTimeField(default=timezone.now)
    # The version of the privacy page that was live.
    wording = models.ForeignKey(
        Wording, on_delete=models.PROTECT, verbose_name="privacy wording", related_name="+"
    )
    # What makes it one inquiry however often it is sent.
    submission_key = models.CharField(max_length=100, unique=True)
    fingerprint = models.CharField(max_length=64, db_index=True)
    # What we made of it.
    contact = models.ForeignKey(
        Contact, on_delete=models.PROTECT, null=True, blank=True, related_name="inquiries"
    )
    lead = models.ForeignKey(
        "leads.Lead", on_delete=models.PROTECT, null=True, blank=True, related_name="inquiries"
    )
    office = models.ForeignKey(
        Office, on_delete=models.SET_NULL, null=True, blank=True, related_name="inquiries"
    )
    verdict = models.CharField(max_length=10, choices=Verdict, default=Verdict.CLEAR)
    reasons = models.JSONField(default=list, blank=True, help_text="Why it looks like spam.")
    notified_at = models.DateTimeField(null=True, blank=True)

    objects = InquiryQuerySet.as_manager()

    class Meta:
        ordering = ["-received_at", "-pk"]
        verbose_name_plural = "inquiries"
        permissions = [("decide_inquiry", "Can decide whether an inquiry is spam")]
        indexes = [
            models.Index(
                fields=["received_at"],
                name="leads_inquiry_not_notified",
                condition=Q(notified_at__isnull=True),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="leads_verdict_is_known",
                condition=Q(verdict__in=["clear", "doubtful", "suspected", "not_spam"]),
            ),
            models.CheckConstraint(
                name="leads_inquiry_not_suspected_has_its_lead",
                condition=Q(verdict="suspected") | Q(contact__isnull=False, lead__isnull=False),
            ),
            models.CheckConstraint(
                name="leads_suspected_inquiry_not_notified",
                condition=~Q(verdict="suspected") | Q(notified_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {timezone.localtime(self.received_at):%-d %B %Y}"

    @property
    def is_suspected(self) -> bool:
        return self.verdict == self.Verdict.SUSPECTED

    @property
    def is_doubtful(self) -> bool:
        return self.verdict == self.Verdict.DOUBTFUL

    @property
    def state_text(self) -> str:
        if self.is_spam:
            return "Spam"
        if self.is_suspected or self.is_doubtful:
            return self.get_verdict_display()
        return "Notified" if self.notified_at else "Not notified yet"

    @property
    def is_spam(self) -> bool:
        """Whether someone marked it as spam. Asks the database unless loaded with its mark."""
        return hasattr(self, "spam_mark")


class SpamMark(models.Model):
    """Someone decided that an inquiry is spam. The row is the state: who and when come with it.

    After KEPT_FOR the inquiry is deleted (`leads.old_spam`).
    """

    KEPT_FOR = timedelta(days=90)

    inquiry = models.OneToOneField(Inquiry, on_delete=models.CASCADE, related_name="spam_mark")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"Spam: {self.inquiry}"

    @property
    def deleted_on(self) -> datetime:
        return self.at + self.KEPT_FOR
