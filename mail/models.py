"""The outbox. An email is a row before it is sent, and the row says what happened to it."""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Self
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone

from mail import claiming, composing
from mail.addresses import AddressField, readable, untagged
from web.rows import Parameter

# Renewed while the email is being sent (`mail.leases`), so it runs out only under a worker that is
# dead or out of reach of the database.
LEASE = timedelta(seconds=8)
RENEWAL = timedelta(seconds=2)

FIRST_PAUSE = timedelta(seconds=10)
# Within the first hour an email is never further away than this once its mail server is back.
MAX_PAUSE = timedelta(seconds=60)
IMPATIENT_ATTEMPTS = 60
PATIENT_PAUSE = timedelta(minutes=15)
# RFC 5321, section 4.5.4.1: a sender tries for four to five days. At these pauses that is:
MAX_ATTEMPTS = 450
# How long a server that refuses us, not the email, is asked again.
PATIENCE_WITH_REFUSALS = timedelta(hours=1)

# Each try after the final dot may be one more copy in someone's mailbox.
MAX_UNCONFIRMED = 3
PAUSE_AFTER_A_BREAK = timedelta(minutes=1)
PAUSES_AFTER_SILENCE = (timedelta(hours=1), timedelta(hours=6))


class MessageQuerySet(models.QuerySet["Message"]):
    def undelivered(self) -> Self:
        return self.filter(state=Message.State.QUEUED)

    def free(self, now: datetime | Parameter) -> Self:
        """No living worker holds it."""
        return self.filter(Q(leased_until=None) | Q(leased_until__lte=now))

    def due(self, now: datetime | Parameter) -> Self:
        """Queued, its time has come, and no living worker holds it."""
        return self.undelivered().free(now).filter(due_at__lte=now)

    def failed(self) -> Self:
        """Those that will not be tried again; a few may have arrived all the same."""
        return self.filter(state=Message.State.FAILED)

    def possibly_delivered(self) -> Self:
        """Taken whole by the mail server at least once, and never confirmed."""
        return self.exclude(state=Message.State.SENT).filter(unconfirmed__gt=0)

    def renew(self, messages: Iterable["Message"], *, now: datetime) -> set[UUID]:
        """Extend the leases of what was claimed. Returns the claims that still hold."""
        claims = [one.claimed_as for one in messages if one.claimed_as]
        ours = self.undelivered().filter(claimed_as__in=claims)
        ours.update(leased_until=now + LEASE)
        return {claim for claim in ours.values_list("claimed_as", flat=True) if claim}

    def in_turn(self) -> Self:
        """What staff are to learn goes before what visitors get, the oldest first."""
        return self.order_by("can_wait", "due_at", "pk")

    def claim(self, *, now: datetime) -> "Message | None":
        """Take the first that is due for one attempt; None when none is, or others have them all.

        One UPDATE decides, so any number of workers may ask at once, and none waits for another.
        """
        sql, values = claiming.statement(Message, now=now, lease=now + LEASE, claim=uuid.uuid4())
        return next(iter(Message.objects.raw(sql, values)), None)


class Message(models.Model):
    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        SENT = "sent", "Sent"
        FAILED = "failed", "Failed"

    key = models.CharField(max_length=400, unique=True, help_text="One email for each key.")
    to = models.EmailField()
    sender_name = models.CharField(max_length=250, blank=True)
    reply_to = models.EmailField(blank=True)
    reply_to_name = models.CharField(max_length=250, blank=True)
    subject = models.CharField(max_length=250)
    text = models.TextField()
    html = models.TextField(blank=True)
    headers = models.JSONField(default=dict, blank=True)
    message_id = models.CharField("Message-ID", max_length=255, unique=True)
    can_wait = models.BooleanField(
        default=False, db_default=False, editable=False, help_text="Until all others are sent."
    )
    is_private = models.BooleanField(
        default=False,
        db_default=False,
        editable=False,
        help_text="For its recipient alone: its text goes once it is sent.",
    )
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    attempts = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)
    leased_until = models.DateTimeField(null=True, blank=True)
    # Whose the lease is: a worker that lost it writes down nothing.
    claimed_as = models.UUIDField(null=True, blank=True, unique=True, editable=False)
    # Since when the mail server refuses us, and not this email.
    refused_since = models.DateTimeField(null=True, blank=True, editable=False)
    unconfirmed = models.PositiveSmallIntegerField(
        default=0,
        db_default=0,
        help_text="How many times the mail server took the email without confirming it.",
    )
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True, help_text="What went wrong last time.")

    # How it is sent, and what its text says once more: nobody reads these.
    TECHNICAL = ("key", "html", "headers", "message_id", "can_wait", "leased_until", "claimed_as")

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = "email"
        permissions = [("resend_message", "Can send an email again")]
        indexes = [
            models.Index(
                fields=["can_wait", "due_at", "id"],
                name="mail_message_in_turn",
                condition=Q(state="queued"),
            ),
            models.Index(fields=["id"], name="mail_message_failed", condition=Q(state="failed")),
            # How many visitors were written to within the hour is asked at each inquiry.
            models.Index(
                fields=["created_at"], name="mail_message_that_can_wait", condition=Q(can_wait=True)
            ),
            # And so is how many notifications sales had.
            models.Index(
                fields=["created_at"], name="mail_message_to_staff", condition=Q(can_wait=False)
            ),
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
            models.CheckConstraint(
                name="mail_copies_are_few", condition=Q(unconfirmed__lte=MAX_UNCONFIRMED)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} → {self.to}"

    @property
    def is_possibly_delivered(self) -> bool:
        return self.state != self.State.SENT and self.unconfirmed > 0

    @property
    def delivery(self) -> str:
        """The delivery state in words."""
        return "Possibly delivered" if self.is_possibly_delivered else self.get_state_display()

    def as_email(self) -> composing.Email:
        """The email itself: the same bytes at every attempt, as long as the sender is the same."""
        return composing.compose(
            to=self.to,
            subject=self.subject,
            text=self.text,
            html=self.html,
            sender_name=self.sender_name,
            reply_to=self.reply_to,
            reply_to_name=self.reply_to_name,
            headers=self.headers,
            message_id=self.message_id,
            written_at=self.created_at,
        )

    def mark_sent(self, *, now: datetime) -> None:
        gone = {"text": "", "html": ""} if self.is_private else {}
        self._settle(state=self.State.SENT, sent_at=now, error="", **gone)

    def mark_failed(self, why: str) -> None:
        """Permanently: another try would fail the same way."""
        self._settle(state=self.State.FAILED, error=why)

    def postpone(self, why: str, *, now: datetime, is_about_us: bool = False) -> None:
        """Try again later, each pause twice the one before; after more than four days, fail.

        A refusal that is about us, and not about the email, has an hour to end.
        """
        refused_since = self.refused_since or (now if is_about_us else None)
        if is_about_us and refused_since and now - refused_since >= PATIENCE_WITH_REFUSALS:
            self.mark_failed(why)
        elif self.attempts >= MAX_ATTEMPTS:
            self.mark_failed(f"Failed after {self.attempts} attempts. {why}")
        else:
            if self.attempts > IMPATIENT_ATTEMPTS:
                pause = PATIENT_PAUSE
            else:
                pause = min(FIRST_PAUSE * 2 ** min(self.attempts - 1, 10), MAX_PAUSE)
            self._settle(due_at=now + pause, error=why, refused_since=refused_since)

    def mark_unconfirmed(self, *, now: datetime, is_silent: bool) -> None:
        """The whole email went out and no reply came. Retry rarely: each try may be a copy."""
        count = self.unconfirmed + 1
        why = "The mail server took the email, then " + (
            "did not confirm it within ten minutes." if is_silent else "the connection broke."
        )
        if count >= MAX_UNCONFIRMED:
            self._settle(
                state=self.State.FAILED,
                unconfirmed=MAX_UNCONFIRMED,
                error=f"{why} Not tried again: {count} copies may have arrived.",
            )
        else:
            pause = PAUSES_AFTER_SILENCE[count - 1] if is_silent else PAUSE_AFTER_A_BREAK
            self._settle(due_at=now + pause, unconfirmed=count, error=why)

    def hand_back(self, *, now: datetime) -> None:
        """The worker stops before the mail server has accepted anything: another can take over."""
        self._settle(due_at=now, attempts=max(self.attempts - 1, 0))

    def send_again(self, *, now: datetime) -> bool:
        """Whatever became of it, it is due now: same words, same Message-ID. False when a worker
        is sending it at this moment, or its text is gone (`mail.retention`, `is_private`)."""
        is_free = (
            Message.objects.free(now)
            .filter(pk=self.pk)
            .exclude(text="")
            .update(
                state=self.State.QUEUED,
                due_at=now,
                leased_until=None,
                claimed_as=None,
                sent_at=None,
                attempts=0,
                unconfirmed=0,
                refused_since=None,
            )
        )
        self.refresh_from_db()
        return bool(is_free)

    def _settle(self, **outcome: Any) -> None:
        """Write how an attempt ended, unless the lease has passed to another worker meanwhile, or
        the row is gone: someone was erased while the email was on its way."""
        still_ours = Message.objects.filter(pk=self.pk, claimed_as=self.claimed_as)
        outcome |= {"leased_until": None, "claimed_as": None}
        if still_ours.update(**outcome):
            for name, value in outcome.items():
                setattr(self, name, value)


class SuppressionQuerySet(models.QuerySet["Suppression"]):
    def holds(self, address: str) -> bool:
        """Whether its mailbox is listed, in whatever spelling and with whatever +tag."""
        return self.filter(mailbox=untagged(address)).exists()

    def held(self, mailboxes: Iterable[str]) -> set[str]:
        """Those of these mailboxes, without their +tags, that are listed."""
        return set(self.filter(mailbox__in=mailboxes).values_list("mailbox", flat=True))


class Suppression(models.Model):
    """A mailbox that wants no email from us, or cannot receive it."""

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

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.address, self.mailbox = readable(self.address), untagged(self.address)
        super().save(*args, **kwargs)

    def clean(self) -> None:
        super().clean()
        self.address = readable(self.address)
        others = Suppression.objects.exclude(pk=self.pk)
        if others.holds(self.address):
            raise ValidationError({"address": "This mailbox is already on the list."})
