"""Who is notified of an inquiry and its assessments, once they are saved."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import DatabaseError, InterfaceError, transaction
from django.utils import timezone

from leads.messages import compose, limits
from leads.models import Activity, Contact, Inquiry, InquiryAssessment, Notification, Recipient
from leads.pipeline import assessments
from mail import outbox
from mail.addresses import readable
from readiness.models import Assessment
from readiness.reports import Report

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outgoing:
    """One email as composed: to be put into the outbox, once for each recipient."""

    kind: Notification.Kind
    recipient: str
    email: compose.Email
    assessment: Assessment | None = None


def about_inquiry(inquiry_id: int) -> None:
    """Put the emails about one inquiry into the outbox, one for each kind and recipient.

    They tell of the assessments that came with it so far; of one that is finished later,
    `about_result` does. Repeatable: each email exists at most once, and an inquiry that is
    announced, held, deleted or in another worker's hands is left alone. With nobody to notify it
    stays unannounced, and is taken up again by the sweep until a recipient is named.
    """
    inquiry = (
        Inquiry.objects.awaiting_notification()
        .select_related("contact", "lead", "article", "office")
        .filter(pk=inquiry_id)
        .first()
    )
    if inquiry is None:
        return
    # Looked up once, so that every email says the same and exactly that is marked as reported.
    reports = assessments.of_inquiry(inquiry)
    recipients = Recipient.objects.addresses()
    if not recipients:
        logger.error("Inquiry %s waits: there is no recipient of inquiries", inquiry.pk)
    # Composed before anything is locked: it may take its time, and nobody waits for it.
    to_sales = _notifications(inquiry, reports, recipients)
    to_visitor = _to_the_visitor(inquiry, reports)
    with transaction.atomic():
        if not _lock(inquiry):
            return
        if not recipients:
            _put(inquiry, (one for one in to_visitor if one.assessment is None))
            return
        _put(inquiry, [*to_visitor, *to_sales])
        for report in reports:
            _log(inquiry, report)
        reported = [report.assessment for report in reports]
        inquiry.notified_at = timezone.now()
        inquiry.assessments.filter(assessment__in=reported).update(notified_at=inquiry.notified_at)
        inquiry.save(update_fields=["notified_at"])


def about_result(inquiry_assessment_id: int) -> None:
    """Put the emails about an assessment that was finished after its inquiry was announced into
    the outbox.

    Repeatable, as `about_inquiry` is. What the lead has from another of its inquiries is not sent
    again.
    """
    unnotified = InquiryAssessment.objects.awaiting_notification().filter(pk=inquiry_assessment_id)
    came_with = unnotified.select_related("assessment", "inquiry__contact", "inquiry__lead").first()
    if came_with is None:
        return
    inquiry = came_with.inquiry
    [report] = assessments.reports([came_with.assessment])
    recipients = Recipient.objects.addresses()
    if not recipients:
        logger.error(
            "Assessment %s waits: there is no recipient of inquiries",
            came_with.assessment_id,
        )
    to_sales = _of_the_result(inquiry, report, recipients)
    to_visitor = _results(inquiry, [report])
    with transaction.atomic():
        # Held in the order in which `about_inquiry`, intake and erasure take them.
        if not _lock(inquiry):
            return
        held = unnotified.select_for_update(of=("self", "assessment"), no_key=True)
        if held.select_related("assessment").first() is None:
            return
        if not _is_known(inquiry, came_with.assessment):
            _put(inquiry, to_visitor)
            if not recipients:
                return
            _put(inquiry, to_sales)
            _log(inquiry, report)
        came_with.notified_at = timezone.now()
        came_with.save(update_fields=["notified_at"])


def _notifications(
    inquiry: Inquiry, reports: Sequence[Report], recipients: Sequence[str]
) -> list[Outgoing]:
    """Composed once for everyone. If that fails, a short replacement still notifies sales."""
    try:
        notification = compose.notification(inquiry, reports)
    except Exception as error:
        _report(error, f"The notification of inquiry {inquiry.pk}")
        notification = compose.bare_notification(inquiry)
    return [
        Outgoing(
            Notification.Kind.NOTIFICATION,
            one,
            compose.notification_for(one, inquiry, notification),
        )
        for one in recipients
    ]


def _of_the_result(inquiry: Inquiry, report: Report, recipients: Sequence[str]) -> list[Outgoing]:
    try:
        email = compose.readiness(inquiry, report)
    except Exception as error:
        _report(error, f"The notification of assessment {report.assessment.pk}")
        email = compose.bare_readiness(inquiry)
    kind, assessment = Notification.Kind.READINESS, report.assessment
    return [Outgoing(kind, one, email, assessment) for one in recipients]


def _to_the_visitor(inquiry: Inquiry, reports: Sequence[Report]) -> list[Outgoing]:
    """That we have their words, and what their latest assessment came to; then the results of
    which an earlier acknowledgment could not tell.
    """
    if not limits.has_a_reader(inquiry):
        return []
    kind = Notification.Kind.ACKNOWLEDGMENT
    earlier = inquiry.notifications.filter(kind=kind).select_related("message").first()
    if earlier:  # and then there was nobody to announce the inquiry to
        since = earlier.message.created_at
        taken = [(one, one.assessment.finished_at) for one in reports]
        return _results(inquiry, [one for one, at in taken if at and at > since])
    try:
        email = compose.acknowledgment(*reports[:1], promptly=not inquiry.reasons)
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


def _lock(inquiry: Inquiry) -> bool:
    """Hold the inquiry and its person until the commit; False if it is not what was composed, or
    is in other hands. A person's emails are written one at a time: the count of them stands still.
    """
    held = Inquiry.objects.filter(
        pk=inquiry.pk,
        lead=inquiry.lead_id,
        verdict=inquiry.verdict,
        notified_at=inquiry.notified_at,
        spam_mark__isnull=True,
    )
    # of self: a lock on joined rows would make a second email wait for the first.
    if not held.select_for_update(skip_locked=True, of=("self",), no_key=True).first():
        return False
    # By the key: sales may have corrected the contact's address meanwhile.
    Contact.objects.select_for_update(of=("self",)).get(inquiries=inquiry)
    return True


def _visitor(inquiry: Inquiry) -> str:
    return readable(inquiry.email)


def _thread(inquiry: Inquiry, recipient: str) -> list[str]:
    """The Message-IDs of the notifications that this recipient got of the lead: of the first of
    all, and of this inquiry's own.
    """
    got = Notification.objects.filter(
        kind=Notification.Kind.NOTIFICATION, recipient=recipient, inquiry__lead=inquiry.lead_id
    )
    ids = got.order_by("message__created_at", "pk").values_list("message__message_id", flat=True)
    return list(dict.fromkeys([*ids[:1], *ids.filter(inquiry=inquiry)]))


def _put(inquiry: Inquiry, outgoing: Iterable[Outgoing]) -> None:
    """Put each into the outbox, unless it would bother a visitor."""
    for one in outgoing:
        earlier = inquiry.notifications.filter(
            kind=one.kind, recipient=one.recipient, assessment=one.assessment
        )
        is_to_visitor = one.kind in limits.MAX_A_DAY
        if earlier.exists() or (is_to_visitor and not limits.may_write(one.recipient, one.kind)):
            continue
        of_it = f"assessment {one.assessment.pk} " if one.assessment else ""
        key = f"inquiry {inquiry.pk} {of_it}{one.kind} {one.recipient}"
        email = one.email
        if not is_to_visitor:
            email = compose.in_thread(email, _thread(inquiry, one.recipient))
        Notification.objects.create(
            inquiry=inquiry,
            kind=one.kind,
            recipient=one.recipient,
            assessment=one.assessment,
            message=outbox.put(key=key, to=one.recipient, **email),
        )


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
