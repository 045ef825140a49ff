"""Spam: what a person decides about an inquiry, and what those decisions say about the next one."""

from datetime import datetime

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Count, Q

from accounts.models import User
from leads.intake.spam import Past
from leads.models import Activity, Inquiry, Lead, SpamMark
from leads.pipeline import moves
from leads.score import FREE_MAIL
from mail.addresses import mailbox, readable

# The first words of a message that is sent to many. Shorter ones may be anyone's.
OPENING = 60


@transaction.atomic
def mark(inquiry: Inquiry, *, by: User, at: datetime) -> bool:
    """Mark it as spam; False when it is marked already, or its person was erased meanwhile.

    It leaves every list and count, and is deleted after `SpamMark.KEPT_FOR`.
    """
    held, lead = lock(inquiry)
    if held is None:
        return False
    _, is_new = SpamMark.objects.get_or_create(inquiry=held, defaults={"by": by, "at": at})
    if is_new:
        if lead:
            moves.settle(lead)  # it waits for no answer
        log(held, "Marked as spam", by=by, at=at)
    return is_new


@transaction.atomic
def unmark(inquiry: Inquiry, *, by: User, at: datetime) -> bool:
    """Take the mark back: the inquiry is again what it was before. False when there is none."""
    held, lead = lock(inquiry)
    if held is None or not SpamMark.objects.filter(inquiry=held).delete()[0]:
        return False
    if lead and not held.answers.exists():
        moves.wait_for_answer(lead, since=held.received_at)
    log(held, "No longer marked as spam", by=by, at=at)
    return True


def lock(inquiry: Inquiry) -> tuple[Inquiry | None, Lead | None]:
    """The inquiry and its lead as they are now, held until the commit; None for what is gone."""
    lead = Lead.objects.filter(inquiries=inquiry.pk).first()
    if lead:
        try:
            moves.lock(lead)  # and with it all its inquiries
        except moves.Gone:
            return None, None
    held = Inquiry.objects.select_for_update(of=("self",), no_key=True).filter(pk=inquiry.pk)
    return held.first(), lead


def log(inquiry: Inquiry, text: str, *, by: User, at: datetime) -> None:
    """A line in the history of its lead, if it has one, and in the log of the inquiry itself."""
    LogEntry.objects.create(
        user=by,
        action_time=at,
        content_type=ContentType.objects.get_for_model(Inquiry),
        object_id=str(inquiry.pk),
        object_repr=str(inquiry)[:200],
        action_flag=CHANGE,
        change_message=text,
    )
    if inquiry.lead_id:
        Activity.objects.create(
            lead_id=inquiry.lead_id,
            kind=Activity.Kind.INQUIRY,
            text=text,
            by=by,
            at=at,
            inquiry=inquiry,
        )


def past_of(email: str, message: str) -> Past:
    """What was decided about earlier inquiries of this sender, domain or wording."""
    address = mailbox(email)
    domain = readable(email).rpartition("@")[2]
    opening = message.strip()[:OPENING]
    from_there = Q(inquiry__email__iendswith=f"@{domain}")
    found = SpamMark.objects.aggregate(
        same_opening=Count("pk", filter=Q(inquiry__message__startswith=opening)),
        sender=Count("pk", filter=Q(inquiry__email__iexact=readable(email))),
        domain=Count("pk", filter=from_there),
    )
    answered = Lead.objects.work().filter(
        contact__address=address, first_responded_at__isnull=False
    )
    not_spam = Inquiry.objects.filter(
        contact__address=address, verdict=Inquiry.Verdict.NOT_SPAM, spam_mark=None
    )
    return Past(
        same_opening=bool(found["same_opening"]) and len(opening) == OPENING,
        sender=bool(found["sender"]),
        domain=bool(found["domain"]) and domain not in FREE_MAIL,
        known=answered.exists() or not_spam.exists(),
    )
