"""Which visitors get automatic email, and how much of it."""

import logging
from collections import Counter
from collections.abc import Collection
from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Count
from django.utils import timezone

from leads.models import Inquiry, Notification, Recipient
from mail.addresses import is_written_to, untagged
from mail.models import Message, Suppression
from offices.models import Office
from web.memo import remembered

logger = logging.getLogger(__name__)

# Whoever types a stranger's address into the form must not be able to fill their mailbox.
MAX_A_DAY = {Notification.Kind.ACKNOWLEDGMENT: 3, Notification.Kind.RESULT: 3}


def has_a_reader(inquiry: Inquiry) -> bool:
    """Whether automatic email may go to the visitor: not if a person has to look first whether it
    is spam, nor to a robot or to ourselves, where it would go round in circles.
    """
    is_ours = untagged(inquiry.email) in _ours()
    return not inquiry.is_doubtful and is_written_to(inquiry.email) and not is_ours


@remembered
def _ours() -> set[str]:
    """Our own mailboxes."""
    ours = [
        *Recipient.objects.values_list("email", flat=True),
        *Office.objects.exclude(email="").values_list("email", flat=True),
    ]
    return {untagged(address) for address in ours}


class Room:
    """How many more notifications sales get in this hour, each an email of its own.

    Make it in a transaction: until that ends, nobody else counts.
    """

    def __init__(self) -> None:
        _count_alone()
        most, since = settings.NOTIFICATIONS_PER_HOUR, timezone.now() - timedelta(hours=1)
        sent = Message.objects.filter(
            can_wait=False,
            created_at__gt=since,
            notification__kind=Notification.Kind.NOTIFICATION,
        )
        self.left = most - sent.order_by()[:most].count()
        self._is_said = False

    def take(self, emails: int) -> bool:
        """Whether there is room for so many, which count from now on."""
        if emails > self.left:
            if not self._is_said:
                logger.warning("NOTIFICATIONS_PER_HOUR is reached: sales get a digest an hour")
            self._is_said = True
            return False
        self.left -= emails
        return True


class Allowance:
    """How many more emails these strangers' mailboxes get: none that wants none, no more than its
    share of the day, and no more than everyone together has in an hour.

    Make it in a transaction: until that ends, nobody else counts.
    """

    def __init__(self, addresses: Collection[str]) -> None:
        mailboxes = {untagged(one) for one in addresses}
        self.refused = Suppression.objects.held(mailboxes)
        _count_alone()
        now, to_visitors = timezone.now(), Message.objects.filter(can_wait=True)
        of_the_hour = to_visitors.filter(created_at__gt=now - timedelta(hours=1))
        self.left = (
            settings.ACKNOWLEDGMENTS_PER_HOUR
            - of_the_hour[: settings.ACKNOWLEDGMENTS_PER_HOUR].count()
        )
        written = Notification.objects.filter(
            kind__in=MAX_A_DAY,
            mailbox__in=mailboxes,
            message__created_at__gt=now - timedelta(days=1),
        )
        counted = written.order_by().values_list("mailbox", "kind").annotate(Count("pk"))
        self.written = Counter({(mailbox, kind): count for mailbox, kind, count in counted})

    def take(self, address: str, kind: Notification.Kind) -> bool:
        """Whether it gets one more, which counts from now on."""
        mailbox = untagged(address)
        if mailbox in self.refused or self.written[mailbox, kind] >= MAX_A_DAY[kind]:
            return False
        if self.left < 1:
            logger.warning("ACKNOWLEDGMENTS_PER_HOUR is reached: visitors get no email for now")
            return False
        self.left -= 1
        self.written[mailbox, kind] += 1
        return True


def _count_alone() -> None:
    """Until the commit, nobody else counts the hour's. On SQLite no two write at once anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('leads.messages.limits'))")
