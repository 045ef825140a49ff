"""The outbox. A letter is a row before it is sent, and its row says what became of it."""

from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from mail.addresses import AddressField, readable, untagged
from mail.words import named

# Longer than a task may live (CELERY_TASK_TIME_LIMIT), so that a lease only ever runs out
# under a worker that is dead.
LEASE = timedelta(seconds=75)
FIRST_PAUSE = timedelta(seconds=10)
# Within the first hour a letter is never further away than this once its mail server is back.
LONGEST_PAUSE = timedelta(seconds=60)
IMPATIENT_ATTEMPTS = 60
PATIENT_PAUSE = timedelta(minutes=15)
# RFC 5321, section 4.5.4.1: a sender tries for four to five days. At these pauses that is:
MOST_ATTEMPTS = 450


class MessageQuerySet(models.QuerySet["Message"]):
    def undelivered(self) -> Self:
        return self.filter(state=Message.State.QUEUED)

    def due(self, now: datetime) -> Self:
        """Waiting, its time has come, and no living worker holds it."""
        free = Q(leased_until=None) | Q(leased_until__lte=now)
        return self.undelivered().filter(free, due_at__lte=now)

    def oldest_first(self) -> Self:
        return self.order_by("due_at", "pk")


class Message(models.Model):
    class State(models.TextChoices):
        QUEUED = "queued", "Waiting"
        SENT = "sent", "Sent"
        FAILED = "failed", "Given up"

    key = models.CharField(max_length=400, unique=True, help_text="What makes it one letter.")
    to = models.EmailField()
    sender_name = models.CharField(max_length=250, blank=True)
    reply_to = models.EmailField(blank=True)
    reply_to_name = models.CharField(max_length=250, blank=True)
    subject = models.CharField(max_length=250)
    text = models.TextField()
    html = models.TextField(blank=True)
    headers = models.JSONField(default=dict, blank=True)
    message_id = models.CharField("Message-ID", max_length=255, unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    attempts = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)
    leased_until = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True, help_text="What went wrong the last time.")

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        permissions = [("resend_message", "Can send a message again")]
        indexes = [
            models.Index(fields=["due_at"], name="mail_message_due", condition=Q(state="queued")),
        ]
        constraints = [
            models.CheckConstraint(
                name="mail_state_is_known", condition=Q(state__in=["queued", "sent", "failed"])
            ),
            models.CheckConstraint(
                name="mail_sent_has_a_moment",
                condition=Q(state="sent", sent_at__isnull=False)
                | Q(~Q(state="sent"), sent_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} → {self.to}"

    def as_email(self) -> EmailMultiAlternatives:
        """The letter itself, the same at every attempt, its Message-ID included."""
        email = EmailMultiAlternatives(
            subject=self.subject,
            body=self.text,
            from_email=self._sender(),
            to=[self.to],
            reply_to=[named(self.reply_to_name, self.reply_to)] if self.reply_to else None,
            headers={**self.headers, "Message-ID": self.message_id},
        )
        if self.html:
            email.attach_alternative(self.html, "text/html")
        return email

    def _sender(self) -> str:
        """By the name that the operator gave in DEFAULT_FROM_EMAIL or, without one, by ours."""
        name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
        return settings.DEFAULT_FROM_EMAIL if name else named(self.sender_name, address)

    def claim(self, *, now: datetime) -> bool:
        """Take the letter for one attempt; False when it is not due or somebody else has it.

        One UPDATE decides, so any number of workers may ask at once.
        """
        lease = now + LEASE
        taken = (
            Message.objects.due(now)
            .filter(pk=self.pk)
            .update(leased_until=lease, attempts=F("attempts") + 1)
        )
        if taken:
            self.refresh_from_db()
        return bool(taken)

    def mark_sent(self, *, now: datetime) -> None:
        self._settle(state=self.State.SENT, sent_at=now, error="")

    def mark_failed(self, why: str) -> None:
        """For good: the mail server refused, and would refuse again."""
        self._settle(state=self.State.FAILED, error=why)

    def postpone(self, why: str, *, now: datetime) -> None:
        """Try again later, each pause twice the one before; after more than four days, give up."""
        if self.attempts >= MOST_ATTEMPTS:
            self.mark_failed(f"Given up after {self.attempts} attempts. {why}")
        elif self.attempts > IMPATIENT_ATTEMPTS:
            self._settle(due_at=now + PATIENT_PAUSE, error=why)
        else:
            pause = min(FIRST_PAUSE * 2 ** min(self.attempts - 1, 10), LONGEST_PAUSE)
            self._settle(due_at=now + pause, error=why)

    def send_again(self, *, now: datetime) -> None:
        """Whatever became of it, it is due now: same words, same Message-ID."""
        Message.objects.filter(pk=self.pk).update(
            state=self.State.QUEUED, due_at=now, leased_until=None, sent_at=None, attempts=0
        )
        self.refresh_from_db()

    def _settle(self, **outcome) -> None:
        """Write how an attempt ended, unless the lease has passed to another worker meanwhile, or
        the row is gone: somebody was erased while the letter was on its way."""
        still_ours = Message.objects.filter(pk=self.pk, leased_until=self.leased_until)
        if still_ours.update(leased_until=None, **outcome):
            self.refresh_from_db()


class SuppressionQuerySet(models.QuerySet["Suppression"]):
    def holds(self, address: str) -> bool:
        """Whether its mailbox is listed, in whatever spelling and with whatever +tag."""
        return self.filter(mailbox=untagged(address)).exists()


class Suppression(models.Model):
    """A mailbox that wants no email from us, or cannot take it."""

    address = AddressField()
    mailbox = models.CharField(max_length=320, unique=True, editable=False)
    why = models.CharField(max_length=250)
    added_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = SuppressionQuerySet.as_manager()

    class Meta:
        ordering = ["address"]
        verbose_name = "suppressed address"
        verbose_name_plural = "suppressed addresses"

    def __str__(self) -> str:
        return self.address

    def save(self, *args, **kwargs) -> None:
        self.address, self.mailbox = readable(self.address), untagged(self.address)
        super().save(*args, **kwargs)

    def clean(self) -> None:
        super().clean()
        self.address = readable(self.address)
        others = Suppression.objects.exclude(pk=self.pk)
        if others.holds(self.address):
            raise ValidationError({"address": "This mailbox is on the list already."})
