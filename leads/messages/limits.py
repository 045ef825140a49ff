"""Which visitors get automatic email, and how much of it."""

import logging
from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone

from leads.models import Inquiry, Notification, Recipient
from mail.addresses import is_written_to, untagged
from mail.models import Suppression
from offices.models import Office

logger = logging.getLogger(__name__)

# Whoever types a stranger's address into the form must not be able to fill their mailbox.
MAX_A_DAY = {Notification.Kind.ACKNOWLEDGMENT: 3, Notification.Kind.RESULT: 3}


def has_a_reader(inquiry: Inquiry) -> bool:
    """Whether automatic email may go to the visitor: not if a person has to look first whether it
    is spam, nor to a robot or to ourselves, where it would go round in circles.
    """
    ours = [
        *Recipient.objects.values_list("email", flat=True),
        *Office.objects.exclude(email="").values_list("email", flat=True),
    ]
    is_ours = untagged(inquiry.email) in {untagged(address) for address in ours}
    return not inquiry.is_doubtful and is_written_to(inquiry.email) and not is_ours


def may_write(address: str, kind: Notification.Kind) -> bool:
    """Whether a stranger's mailbox gets one more: not if it wants none, had its share of the day,
    or everyone together had theirs of the hour.
    """
    if Suppression.objects.holds(address):
        return False
    now = timezone.now()
    today = Notification.objects.filter(
        kind=kind, mailbox=untagged(address), message__created_at__gt=now - timedelta(days=1)
    )
    if today.count() >= MAX_A_DAY[kind]:
        return False
    _count_alone()
    this_hour = Notification.objects.filter(
        kind__in=MAX_A_DAY, message__created_at__gt=now - timedelta(hours=1)
    )
    if this_hour.count() < settings.ACKNOWLEDGMENTS_PER_HOUR:
        return True
    logger.warning("ACKNOWLEDGMENTS_PER_HOUR is reached: visitors get no email for now")
    return False


def _count_alone() -> None:
    """Until the commit, nobody else counts the hour's. On SQLite no two write at once anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('leads.messages.limits'))")
