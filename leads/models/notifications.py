"""Which emails went out about inquiries, and to whom in sales they go."""

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from desk.models import Act
from leads.models.inquiries import Inquiry
from leads.models.leads import Lead
from mail.addresses import AddressField, readable, untagged
from mail.models import Message
from offices.models import Office
from readiness.models import Assessment


class Digest(models.Model):
    """A daily or hourly email to staff that lists inquiries or leads; as it names people, it can be
    found.
    """

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="digest")
    inquiries = models.ManyToManyField(Inquiry, related_name="digests")

    def __str__(self) -> str:
        return str(self.message)


class DigestLineQuerySet(models.QuerySet["DigestLine"]):
    def waiting(self) -> Self:
        """Those that no digest has yet."""
        return self.filter(put_at__isnull=True)


class DigestLine(models.Model):
    """An inquiry that a recipient is told of in the digest of its hour, as there were too many
    for a notification of each. The row says whether one has it.
    """

    inquiry = models.ForeignKey(Inquiry, on_delete=models.CASCADE, related_name="digest_lines")
    recipient = models.EmailField()
    created_at = models.DateTimeField()
    put_at = models.DateTimeField("put into a digest at", null=True)
    # May go before the line: with someone else it lists who is erased.
    digest = models.ForeignKey(Digest, on_delete=models.SET_NULL, null=True, related_name="lines")

    objects = DigestLineQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["inquiry", "recipient"], name="leads_in_one_digest_of_a_recipient"
            ),
            models.CheckConstraint(
                name="leads_what_a_digest_has_was_put",
                condition=Q(digest__isnull=True) | Q(put_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["created_at"],
                name="leads_digest_line_waiting",
                condition=Q(put_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.inquiry}: {self.recipient}"


class ColleagueEmail(models.Model):
    """An email to one colleague about leads: assigned to them, or named in a note."""

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="to_colleague")
    leads = models.ManyToManyField(Lead, related_name="colleague_emails")
    # What caused it: whoever takes that back takes back the email, if it has not left.
    act = models.ForeignKey(Act, on_delete=models.SET_NULL, null=True, related_name="emails")

    def __str__(self) -> str:
        return str(self.message)


class NotificationQuerySet(models.QuerySet["Notification"]):
    def failed_and_unanswered(self) -> Self:
        """Notifications to sales that have failed, while nobody has dealt with the inquiry. For
        inquiries that came in a digest see `unheard`.

        Over when it is answered, marked as spam, its lead is closed or the email is sent again.
        """
        return self.filter(
            kind__in=[Notification.Kind.NOTIFICATION, Notification.Kind.READINESS],
            message__state=Message.State.FAILED,
            inquiry__answers__isnull=True,
            inquiry__spam_mark__isnull=True,
        ).exclude(inquiry__lead__closed_at__isnull=False)


def unheard() -> models.QuerySet[Inquiry]:
    """Inquiries of which an email to sales has failed, alone or in a digest, while nobody has dealt
    with them.
    """
    alone = Notification.objects.failed_and_unanswered().order_by().values("inquiry")
    failed = DigestLine.objects.filter(digest__message__state=Message.State.FAILED)
    open_ones = Inquiry.objects.filter(
        pk__in=failed.values("inquiry"), answers__isnull=True, spam_mark__isnull=True
    ).exclude(lead__closed_at__isnull=False)
    return Inquiry.objects.filter(Q(pk__in=alone) | Q(pk__in=open_ones.order_by().values("pk")))


class Notification(models.Model):
    """Which email went to whom about an inquiry, or about an assessment finished after it.

    One of each kind for each recipient, ever; of the latter, one for each assessment.
    """

    class Kind(models.TextChoices):
        NOTIFICATION = "notification", "Notification to sales"
        ACKNOWLEDGMENT = "acknowledgment", "Acknowledgment to visitor"
        READINESS = "readiness", "Readiness result to sales"
        RESULT = "result", "Result to visitor"

    inquiry = models.ForeignKey(Inquiry, on_delete=models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=20, choices=Kind)
    recipient = models.EmailField()
    # Without its +tag: what is counted is how often someone was written to.
    mailbox = models.CharField(max_length=320, editable=False)
    # Protected: an email about a person must not outlive what leads erasure to it.
    assessment = models.ForeignKey(
        Assessment, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    message = models.OneToOneField(Message, on_delete=models.PROTECT, related_name="notification")

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "recipient"]
        constraints = [
            models.UniqueConstraint(
                fields=["inquiry", "kind", "recipient"],
                condition=Q(assessment__isnull=True),
                name="leads_notified_once",
            ),
            models.UniqueConstraint(
                fields=["inquiry", "kind", "recipient", "assessment"],
                condition=Q(assessment__isnull=False),
                name="leads_notified_once_of_an_assessment",
            ),
            models.CheckConstraint(
                name="leads_notification_names_its_assessment",
                condition=Q(kind__in=["readiness", "result"], assessment__isnull=False)
                | Q(~Q(kind__in=["readiness", "result"]), assessment__isnull=True),
            ),
        ]
        indexes = [
            # How many acknowledgments a mailbox had today is asked at each inquiry.
            models.Index(fields=["mailbox", "kind"], name="leads_notification_mailbox"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.recipient}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.mailbox = untagged(self.recipient)
        super().save(*args, **kwargs)


class RecipientQuerySet(models.QuerySet["Recipient"]):
    def addresses(self) -> list[str]:
        """Who is notified of an inquiry: the active rows or, without any, the headquarters.

        The one named first comes first: what visitors answer to our automatic mail goes there.
        Empty only when neither is set; then inquiries wait, and the admin says so in red.
        """
        named = list(self.filter(is_active=True).order_by("pk").values_list("email", flat=True))
        if named:
            return named
        headquarters = Office.objects.headquarters()
        return [headquarters.email] if headquarters and headquarters.email else []


class Recipient(models.Model):
    """Someone in sales who gets an email about each inquiry."""

    email = AddressField(
        unique=True,
        error_messages={"unique": "This address is already a recipient."},
    )
    is_active = models.BooleanField("notified", default=True)

    objects = RecipientQuerySet.as_manager()

    class Meta:
        ordering = ["email"]
        verbose_name = "recipient of inquiries"
        verbose_name_plural = "recipients of inquiries"
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="leads_recipient_unique_in_any_case",
                violation_error_message="This address is already a recipient.",
            ),
        ]

    def __str__(self) -> str:
        return self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = readable(self.email)
        super().save(*args, **kwargs)

    def clean(self) -> None:
        super().clean()
        self.email = readable(self.email)
