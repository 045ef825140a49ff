"""Who is notified of an inquiry and its assessments, once they are saved."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import DatabaseError, InterfaceError, transaction
from django.utils import timezone

from leads.duty.care import Care, Unsettled, care_of, settle_owners
from leads.messages import compose, limits
from leads.messages.putting import Emails, Outgoing
from leads.messages.recipients import addresses
from leads.messages.waiting import Waiting
from leads.models import (
    Activity,
    ByHand,
    Contact,
    DigestLine,
    Inquiry,
    InquiryAssessment,
    Lead,
    Notification,
)
from leads.pipeline import assessments
from leads.standing import Standing
from mail.addresses import readable
from readiness.models import Assessment
from readiness.reports import Report
from web import request_ids

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Composed:
    """The emails about an inquiry, but for what differs by recipient."""

    inquiry: Inquiry
    standing: Standing
    reports: list[Report]
    notification: compose.Email
    to_visitor: list[Outgoing]

    @classmethod
    def of(cls, waiting: Waiting) -> "Composed":
        inquiry = waiting.inquiry
        # Looked up once, so that every email says the same and exactly that is marked as reported.
        reports = assessments.of_inquiry(inquiry) if inquiry.assessments.all() else []
        by_hand = _by_hand(inquiry)
        is_told = not by_hand or by_hand.tells_person
        return cls(
            inquiry,
            waiting.standing,
            reports,
            _notification(waiting, reports),
            _to_the_visitor(inquiry, reports) if is_told else [],
        )


def about_inquiries(waiting: Sequence[Waiting]) -> None:
    """Put the emails about inquiries of those `awaiting` into the outbox, one for each kind and
    recipient: about all in one transaction. Where that fails, each has its own, and one that fails
    holds up no other.

    They tell of the assessments that came with each so far; of one that is finished later,
    `about_result` does. Repeatable: each email exists at most once, and an inquiry that is
    announced, held, deleted or in another worker's hands is left alone. With nobody to notify it
    stays unannounced, and is taken up again by the sweep until a recipient is named.
    """
    try:
        # Composed before anything is locked: it may take its time, and nobody waits for it.
        _announce([Composed.of(one) for one in waiting])
    except Exception:
        if len(waiting) == 1:
            raise
        errors = list[Exception]()
        for one in waiting:
            try:
                about_inquiries([one])
            except Exception as error:
                errors.append(error)
        if errors:
            raise errors[0] from None


@transaction.atomic
def _announce(composed: Sequence[Composed]) -> None:
    held = _hold([one.inquiry for one in composed])
    ready = [one for one in composed if one.inquiry.pk in held]
    if not ready:
        return
    now = timezone.now()
    cares = settle_owners([_unsettled(one) for one in ready], at=now)
    room = limits.Room()
    emails, announced = Emails([one.inquiry for one in ready]), list[int]()
    lines = list[DigestLine]()
    for one, care in zip(ready, cares, strict=True):
        if not care.recipients:
            logger.error("Inquiry %s waits: there is no recipient of inquiries", one.inquiry.pk)
            emails.add(one.inquiry, *(each for each in one.to_visitor if each.assessment is None))
            continue
        to_sales = _to_sales(one, care)
        # What a colleague wrote down is no flood.
        if not _by_hand(one.inquiry) and not room.take(len(to_sales)):
            lines += [DigestLine(inquiry=one.inquiry, recipient=each.recipient, created_at=now)
                      for each in to_sales]  # fmt: skip
            to_sales = []
        emails.add(one.inquiry, *to_sales, *one.to_visitor)
        for report in one.reports:
            _log(one.inquiry, report)
        if reported := [report.assessment for report in one.reports]:
            one.inquiry.assessments.filter(assessment__in=reported).update(notified_at=now)
        announced.append(one.inquiry.pk)
    emails.put()
    DigestLine.objects.bulk_create(lines, ignore_conflicts=True)
    Inquiry.objects.filter(pk__in=announced).update(notified_at=now)


def _unsettled(one: Composed) -> Unsettled:
    """What may be spam is nobody's turn."""
    won_by = one.standing.won.owner if one.standing.won else None
    return Unsettled(_lead(one.inquiry).pk, won_by, may_give=not one.inquiry.is_doubtful)


def _to_sales(one: Composed, care: Care) -> list[Outgoing]:
    by_hand = _by_hand(one.inquiry)
    return [
        Outgoing(
            Notification.Kind.NOTIFICATION,
            recipient,
            compose.notification_for(recipient, one.inquiry, one.notification, care),
        )
        for recipient in (_told_of(by_hand) if by_hand else care.recipients)
    ]


def _by_hand(inquiry: Inquiry) -> ByHand | None:
    return getattr(inquiry, "by_hand", None)


def about_result(inquiry_assessment_id: int) -> None:
    """Put the emails about an assessment that was finished after its inquiry was announced into
    the outbox.

    Repeatable, as `about_inquiries` is. What the lead has from another of its inquiries is not sent
    again.
    """
    unnotified = InquiryAssessment.objects.awaiting_notification().filter(pk=inquiry_assessment_id)
    came_with = unnotified.select_related("assessment", "inquiry__contact", "inquiry__lead").first()
    if came_with is None:
        return
    inquiry = came_with.inquiry
    [report] = assessments.reports([came_with.assessment])
    result = _readiness(inquiry, report)
    emails = Emails([inquiry], request_id=request_ids.of_row(inquiry_assessment_id))
    emails.add(inquiry, *_results(inquiry, [report]))
    with transaction.atomic():
        # Held in the order in which `about_inquiries`, intake and erasure take them.
        if not _hold([inquiry]):
            return
        held = unnotified.select_for_update(of=("self", "assessment"), no_key=True)
        if held.select_related("assessment").first() is None:
            return
        if not _is_known(inquiry, came_with.assessment):
            recipients = care_of(_lead(inquiry), at=timezone.now()).recipients
            kind, assessment = Notification.Kind.READINESS, report.assessment
            emails.add(inquiry, *(Outgoing(kind, one, result, assessment) for one in recipients))
            emails.put()
            if not recipients:
                logger.error(
                    "Assessment %s waits: there is no recipient of inquiries",
                    came_with.assessment_id,
                )
                return
            _log(inquiry, report)
        came_with.notified_at = timezone.now()
        came_with.save(update_fields=["notified_at"])


def _told_of(by_hand: ByHand) -> list[str]:
    """All in sales, if whoever wrote it down wants that; they know of it themselves."""
    return [one for one in addresses() if by_hand.tells(one)]


def _lead(inquiry: Inquiry) -> Lead:
    assert inquiry.lead, "only suspected spam has none, and nobody is notified of that"
    return inquiry.lead


def _notification(waiting: Waiting, reports: Sequence[Report]) -> compose.Email:
    """Composed once for everyone. If that fails, a short replacement still notifies sales."""
    inquiry = waiting.inquiry
    try:
        return compose.notification(inquiry, reports, waiting.standing, before=waiting.before)
    except Exception as error:
        _report(error, f"The notification of inquiry {inquiry.pk}")
        return compose.bare_notification(inquiry)


def _readiness(inquiry: Inquiry, report: Report) -> compose.Email:
    try:
        return compose.readiness(inquiry, report)
    except Exception as error:
        _report(error, f"The notification of assessment {report.assessment.pk}")
        return compose.bare_readiness(inquiry)


def _to_the_visitor(inquiry: Inquiry, reports: Sequence[Report]) -> list[Outgoing]:
    """That we have their words, and what their latest assessment came to; then the results of
    which an earlier acknowledgment could not tell.
    """
    if not limits.has_a_reader(inquiry):
        return []
    kind = Notification.Kind.ACKNOWLEDGMENT
    earlier = next((one for one in inquiry.notifications.all() if one.kind == kind), None)
    if earlier:  # and then there was nobody to announce the inquiry to
        since = earlier.message.created_at
        taken = [(one, one.assessment.finished_at) for one in reports]
        return _results(inquiry, [one for one, at in taken if at and at > since])
    try:
        email = compose.acknowledgment(
            *reports[:1],
            promptly=inquiry.verdict == Inquiry.Verdict.CLEAR,
            by_hand=getattr(inquiry, "by_hand", None),
        )
    except Exception as error:
        _report(error, f"The acknowledgment of inquiry {inquiry.pk}")
        return []  # the page has thanked them already
    return [Outgoing(kind, _visitor(inquiry), email)]


def _results(inquiry: Inquiry, reports: Iterable[Report]) -> list[Outgoing]:
    if not limits.has_a_reader(inquiry):
        return []
    found = []
    for report in reports:
        try:
            email = compose.result(report)
        except Exception as error:
            _report(error, f"The result of assessment {report.assessment.pk}")
        else:
            found.append(
                Outgoing(Notification.Kind.RESULT, _visitor(inquiry), email, report.assessment)
            )
    return found


def _report(error: Exception, what: str) -> None:
    """A message that cannot be composed must hold up nothing, not even itself: tried again, it
    would fail again. Trouble of the database passes, and the sweep comes back: that is raised.
    """
    if isinstance(error, DatabaseError | InterfaceError):
        raise error
    logger.error("%s could not be composed: %s", what, error, exc_info=error)


def _hold(inquiries: Sequence[Inquiry]) -> set[int]:
    """Hold inquiries and their people until the commit. Returns the numbers of those that are what
    was composed and in nobody else's hands. A person's emails are written one at a time: the count
    of them stands still.
    """
    composed = {one.pk: (one.lead_id, one.verdict, one.notified_at) for one in inquiries}
    free = Inquiry.objects.not_spam().filter(pk__in=composed)
    # of self: a lock on joined rows would make a second email wait for the first.
    free = free.select_for_update(skip_locked=True, of=("self",), no_key=True).order_by("pk")
    held = {
        one.pk: one.contact_id
        for one in free.only("lead", "verdict", "notified_at", "contact")
        if (one.lead_id, one.verdict, one.notified_at) == composed[one.pk]
    }
    # By the key: sales may have corrected the contact's address meanwhile.
    people = Contact.objects.filter(pk__in=filter(None, held.values())).order_by("pk")
    list(people.select_for_update().values_list("pk"))
    return set(held)


def _visitor(inquiry: Inquiry) -> str:
    return readable(inquiry.email)


def _is_known(inquiry: Inquiry, assessment: Assessment) -> bool:
    """Whether sales have it on the lead already: it came with another of its inquiries, too."""
    notified = InquiryAssessment.objects.filter(assessment=assessment, notified_at__isnull=False)
    return notified.filter(inquiry__lead=inquiry.lead_id).exists()


def _log(inquiry: Inquiry, report: Report) -> None:
    if inquiry.lead and not _is_known(inquiry, report.assessment):
        Activity.objects.create(
            lead=inquiry.lead,
            kind=Activity.Kind.ASSESSMENT,
            text=f"Readiness: {report.result.name}, {report.total} of 100",
            inquiry=inquiry,
        )
