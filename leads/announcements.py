"""Who is told of an inquiry, once it is safe."""

import logging
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from leads import letters
from leads.models import Contact, Inquiry, Notice, Recipient
from mail import outbox
from mail.models import Suppression
from mail.words import normalise_address

logger = logging.getLogger(__name__)

# Whoever types a stranger's address into the form must not be able to fill their mailbox.
ACKNOWLEDGEMENTS_A_DAY = 3


@transaction.atomic
def announce(inquiry_id: int) -> None:
    """Write the letters about one inquiry into the outbox, one for each kind and recipient.

    Repeatable: each letter exists at most once, and an inquiry that is announced, held, deleted
    or in another worker's hands is left alone. With nobody to tell it stays unannounced, and is
    taken up again by the sweep until a recipient is named.
    """
    inquiry = (
        Inquiry.objects.unannounced()
        .select_related("contact", "lead", "article", "office")
        # of self: a lock on the joined rows would make a second letter wait for the first.
        .select_for_update(skip_locked=True, of=("self",))
        .filter(pk=inquiry_id)
        .first()
    )
    if inquiry is None:
        return
    _acknowledge(inquiry)
    recipients = Recipient.objects.addresses()
    if not recipients:
        logger.error("Inquiry %s waits: nobody is named as a recipient of inquiries", inquiry.pk)
        return
    for recipient in recipients:
        _tell(inquiry, Notice.Kind.NOTICE, recipient, letters.notice(inquiry))
    inquiry.announced_at = timezone.now()
    inquiry.save(update_fields=["announced_at"])


def _acknowledge(inquiry: Inquiry) -> None:
    """Tell the visitor that we have their words, unless that would be a nuisance."""
    # The count stands still. By the key: sales may have mended the contact's address meanwhile.
    Contact.objects.select_for_update(of=("self",)).get(inquiries=inquiry)
    address = normalise_address(inquiry.email)
    if Suppression.objects.holds(address):
        return
    sent_today = Notice.objects.filter(
        kind=Notice.Kind.ACKNOWLEDGEMENT,
        recipient=address,
        message__created_at__gt=timezone.now() - timedelta(days=1),
    )
    if sent_today.count() < ACKNOWLEDGEMENTS_A_DAY:
        letter = letters.acknowledgement()
        _tell(inquiry, Notice.Kind.ACKNOWLEDGEMENT, address, letter)


def _tell(inquiry: Inquiry, kind: Notice.Kind, recipient: str, letter: letters.Letter) -> None:
    message = outbox.put(key=f"inquiry {inquiry.pk} {kind} {recipient}", to=recipient, **letter)
    Notice.objects.get_or_create(
        inquiry=inquiry, kind=kind, recipient=recipient, defaults={"message": message}
    )
