"""What visitors sent, word for word."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, Expression, OuterRef, Q, Value
from django.db.models.functions import Left, Lower, StrIndex, Substr
from django.urls import reverse
from django.utils import timezone

from articles.models import Article
from desk.models import Act
from leads.models.contacts import Contact
from mail.addresses import AddressField
from offices.models import Office
from privacy.models import Wording
from privacy.retention import kept_for

SPAM = "spam"
# How what was marked as spam is found again, each by an index: by whom, from where, and how it
# begins. Shorter openings may be anyone's.
OPENING = 60
SENDER, BEGINNING = Lower("email"), Left("message", OPENING)
DOMAIN = Substr(SENDER, StrIndex(SENDER, Value("@")))
MAX_TEXT = 50_000  # characters of a message, or of a section of a brief


class Kind(models.TextChoices):
    """What an inquiry is about. Spam is a mark of its own, shown among them."""

    WORK = "work", "Work"
    SUPPORT = "support", "Support"
    PRESS = "press", "Press"
    JOB = "job", "Job"
    VENDOR = "vendor", "Vendor"
    PRIVACY = "privacy", "Privacy"
    OTHER = "other", "Other"


class InquiryQuerySet(models.QuerySet["Inquiry"]):
    def awaiting_notification(self) -> Self:
        """Not spam, and not yet notified; nor decided on so lately that it may be undone before an
        email leaves.
        """
        waiting = self.not_spam().filter(notified_at__isnull=True)
        return waiting.exclude(verdict=Inquiry.Verdict.SUSPECTED).exclude(
            Exists(
                Act.objects.undoable(timezone.now()).filter(
                    activities__inquiry=OuterRef("pk"), at__gt=timezone.now() - Act.EMAILS_AFTER
                )
            )
        )

    def suspected(self) -> Self:
        """Held for a person to decide whether it is spam."""
        return self.not_spam().filter(verdict=Inquiry.Verdict.SUSPECTED)

    def spam(self) -> Self:
        return self.filter(spam_mark__isnull=False)

    def not_spam(self) -> Self:
        """Not marked as spam. PostgreSQL knows that this is nearly all; of a join it thinks that
        it is one.
        """
        return self.filter(~Exists(SpamMark.objects.filter(inquiry=OuterRef("pk"))))

    def spam_of_sender(self, email: Any) -> Self:
        return self._spam_with(SENDER, Lower(email))

    def spam_of_domain(self, domain: Any) -> Self:
        """From “@example.com”."""
        return self._spam_with(DOMAIN, Lower(domain))

    def spam_beginning(self, opening: Any) -> Self:
        """With these OPENING characters."""
        return self._spam_with(BEGINNING, opening)

    def _spam_with(self, what: Expression, given: Any) -> Self:
        return self.spam().alias(what=what).filter(what=given)

    def found_real(self) -> Self:
        """What people answered, gave a kind, or said is no spam."""
        decided = Q(answers__isnull=False) | Q(sorted_as__isnull=False)
        decided |= Q(verdict=Inquiry.Verdict.NOT_SPAM)
        return self.not_spam().filter(decided).distinct()

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
    # By which it came: a worker that takes it up late writes it into the emails all the same.
    request_id = models.CharField(
        max_length=64, blank=True, default="", db_default="", editable=False
    )
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
    reasons = models.JSONField(
        default=list, blank=True, help_text="What speaks for spam, and against it."
    )
    # What the signs came to when it was received, whatever people decided since.
    points = models.SmallIntegerField(null=True, blank=True)
    notified_at = models.DateTimeField(null=True, blank=True)
    # By its ISO 639 code, as `leads.languages` has guessed it: empty if nobody can tell.
    language = models.CharField(  # noqa: DJ001  # null: not looked at yet
        max_length=3, null=True, blank=True, editable=False
    )

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
            models.Index(
                fields=["received_at", "id"],
                name="leads_inquiries_suspected",
                condition=Q(verdict="suspected"),
            ),
            models.Index(fields=["received_at", "id"], name="leads_inquiries_by_time"),
            models.Index(fields=["name", "id"], name="leads_inquiries_by_name"),
            models.Index(SENDER, name="leads_inquiries_of_sender"),
            models.Index(DOMAIN, name="leads_inquiries_of_domain"),
            models.Index(BEGINNING, name="leads_inquiries_beginning"),
            models.Index(
                fields=["received_at", "id"],
                name="leads_inquiry_without_language",
                condition=Q(language__isnull=True),
            ),
            models.Index(
                fields=["language", "received_at", "id"], name="leads_inquiries_by_language"
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

    def get_absolute_url(self) -> str:
        """Its lead’s record on the desk; without one, where it is decided about."""
        if self.lead:
            return self.lead.get_absolute_url()
        return reverse("admin:inbox", query={"tab": "suspected", "open": f"i{self.pk}"})

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """Asked of each form that is sent; none of its fields is in a constraint."""

    @property
    def kind(self) -> str:
        """A `Kind`, or SPAM; empty while nobody has sorted it. Asks the database unless loaded
        with its mark and its kind.
        """
        if self.is_spam:
            return SPAM
        return self.sorted_as.kind if hasattr(self, "sorted_as") else ""

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

    After its period the inquiry is deleted (`leads.retention`).
    """

    KEPT_BY = "leads.spam"  # the rule of that period

    inquiry = models.OneToOneField(Inquiry, on_delete=models.CASCADE, related_name="spam_mark")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_index=True)
    # What is suspected has no lead whose history could say in which act it was marked.
    act = models.ForeignKey(
        Act, on_delete=models.SET_NULL, null=True, blank=True, related_name="spam_marks"
    )

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"Spam: {self.inquiry}"

    @property
    def deleted_on(self) -> datetime:
        return self.at + kept_for(self.KEPT_BY)


class InquiryKind(models.Model):
    """Someone said what an inquiry is about. The row is the state; without one, nobody has."""

    inquiry = models.OneToOneField(Inquiry, on_delete=models.CASCADE, related_name="sorted_as")
    kind = models.CharField(max_length=10, choices=Kind)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="leads_kind_is_known", condition=Q(kind__in=Kind.values)),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.inquiry}"
