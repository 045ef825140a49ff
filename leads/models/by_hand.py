"""Inquiries that a colleague wrote down."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from leads.models.inquiries import Inquiry
from mail.addresses import mailbox


class ByHand(models.Model):
    """A colleague wrote the inquiry down: after a call, say. Taking that back deletes both.

    Nobody is emailed of it unless they asked for it.
    """

    class Way(models.TextChoices):
        CALL = "call", "Call"
        EVENT = "event", "Event"
        EMAIL = "email", "Email"
        OTHER = "other", "Other"

    inquiry = models.OneToOneField(Inquiry, on_delete=models.CASCADE, related_name="by_hand")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    way = models.CharField(max_length=10, choices=Way)
    # Of an event: what it was, or where.
    place = models.CharField(max_length=120, blank=True, default="", db_default="")
    tells_sales = models.BooleanField(help_text="Whether the others in sales are emailed.")
    tells_person = models.BooleanField(help_text="Whether the person gets an acknowledgment.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="leads_way_is_known", condition=Q(way__in=["call", "event", "email", "other"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_way_display()}: {self.inquiry}"

    def tells(self, recipient: str) -> bool:
        """Whether this recipient of inquiries is emailed of it."""
        return self.tells_sales and mailbox(recipient) != mailbox(self.by.email)

    @property
    def what_happened(self) -> str:
        """As the person is told it."""
        match self.way:
            case self.Way.CALL:
                return f"{self.by} spoke with you on the phone and wrote down what you need."
            case self.Way.EVENT:
                at = f" at {self.place}" if self.place else ""
                return f"{self.by} met you{at} and wrote down what you need."
            case self.Way.EMAIL:
                return f"{self.by} has your email and has passed it on to us."
        return f"{self.by} was in touch with you and wrote down what you need."

    @property
    def is_silent(self) -> bool:
        return not (self.tells_sales or self.tells_person)
