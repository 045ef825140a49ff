"""Who is told of an inquiry and its assessments, once they are safe."""

import logging
from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from leads import assessments, letters
from leads.models import Activity, Contact, Inquiry, InquiryAssessment, Notice, Recipient
from mail import outbox
from mail.models import Suppression
from mail.words import normalise_address
from readiness.models import Assessment
from readiness.reports import Report

logger = logging.getLogger(__name__)

# Whoever types a stranger's address into the form must not be able to fill their mailbox.
ACKNOWLEDGEMENTS_A_DAY = 3
RESULTS_A_DAY = 3


@transaction.atomic
def announce(inquiry_id: int) -> None:
    """Write the letters about one inquiry into the outbox, one for each kind and recipient.

    They tell of the assessments that came with it so far; of one that is finished later,
    `tell_result` does. Repeatable: each letter exists at most once, and an inquiry that is
    announced, held, deleted or in another worker's hands is left alone. With nobody to tell it
    stays unannounced, and is taken up again by the sweep until a recipient is named.
    """
    inquiry = (
        Inquiry.objects.unannounced()
        .select_related("contact", "lead", "article", "office")
        # of self: a lock on the joined rows would make a second letter wait for the first.
        .select_for_update(skip_locked=True, of=("self",), no_key=True)
        .filter(pk=inquiry_id)
        .first()
    )
    if inquiry is None:
        return
    _hold_the_contact(inquiry)
    # Looked up once: every letter tells the same, and what is told is what is marked as told.
    reports = assessments.of_inquiry(inquiry)
    untold = _acknowledge(inquiry, reports)
    recipients = Recipient.objects.addresses()
    if not recipients:
        logger.error("Inquiry %s waits: nobody is named as a recipient of inquiries", inquiry.pk)
        return
    for recipient in recipients:
        _tell(
            inquiry, Notice.Kind.NOTICE, recipient, letters.notice(inquiry, reports, to=recipient)
        )
    for report in untold:
        _tell_the_visitor(inquiry, report)
    for report in reports:
        _remember(inquiry, report)
    told = [report.assessment for report in reports]
    inquiry.announced_at = timezone.now()
    inquiry.assessments.filter(assessment__in=told).update(told_at=inquiry.announced_at)
    inquiry.save(update_fields=["announced_at"])


@transaction.atomic
def tell_result(inquiry_assessment_id: int) -> None:
    """Write the letters about an assessment that was finished after its inquiry was announced.

    Repeatable, as `announce` is. What the lead is known to have from another of its inquiries is
    not told again.
    """
    # Held in the order in which `announce`, `intake` and `erasure` take them.
    inquiry = (
        Inquiry.objects.filter(
            assessments__in=InquiryAssessment.objects.untold().filter(pk=inquiry_assessment_id)
        )
        .select_related("contact", "lead")
        .select_for_update(skip_locked=True, of=("self",), no_key=True)
        .first()
    )
    if inquiry is None:
        return
    _hold_the_contact(inquiry)
    came_with = (
        InquiryAssessment.objects.untold()
        .select_related("assessment")
        .select_for_update(of=("self", "assessment"), no_key=True)
        .filter(pk=inquiry_assessment_id)
        .first()
    )
    if came_with is None:
        return
    if not _is_known(inquiry, came_with.assessment):
        [report] = assessments.reports([came_with.assessment])
        _tell_the_visitor(inquiry, report)
        recipients = Recipient.objects.addresses()
        if not recipients:
            logger.error(
                "Assessment %s waits: nobody is named as a recipient of inquiries",
                came_with.assessment_id,
            )
            return
        for recipient in recipients:
            _tell_sales(inquiry, recipient, report)
        _remember(inquiry, report)
    came_with.told_at = timezone.now()
    came_with.save(update_fields=["told_at"])


def _hold_the_contact(inquiry: Inquiry) -> None:
    """One person's letters are written one at a time: the count of them stands still."""
    # By the key: sales may have mended the contact's address meanwhile.
    Contact.objects.select_for_update(of=("self",)).get(inquiries=inquiry)


def _acknowledge(inquiry: Inquiry, reports: Sequence[Report]) -> list[Report]:
    """Tell the visitor that we have their words, and what their latest assessment came to, unless
    that would be a nuisance. Returns those of which an earlier acknowledgement could not tell.
    """
    if inquiry.is_doubtful:
        return []  # a person looks at it first, and answers
    kind = Notice.Kind.ACKNOWLEDGEMENT
    earlier = inquiry.notices.filter(kind=kind).select_related("message").first()
    if earlier:  # and then there was nobody to announce the inquiry to
        since = earlier.message.created_at
        return [
            one
            for one in reports
            if one.assessment.finished_at and one.assessment.finished_at > since
        ]
    address = normalise_address(inquiry.email)
    if _may_write(address, kind, ACKNOWLEDGEMENTS_A_DAY):
        _tell(
            inquiry,
            kind,
            address,
            letters.acknowledgement(*reports[:1], promptly=not inquiry.reasons),
        )
    return []


def _tell_the_visitor(inquiry: Inquiry, report: Report) -> None:
    if inquiry.is_doubtful:
        return
    address = normalise_address(inquiry.email)
    if _may_write(address, Notice.Kind.RESULT, RESULTS_A_DAY):
        _tell(inquiry, Notice.Kind.RESULT, address, letters.result(report), report.assessment)


def _tell_sales(inquiry: Inquiry, recipient: str, report: Report) -> None:
    first = inquiry.notices.filter(kind=Notice.Kind.NOTICE, recipient=recipient)
    answers = first.values_list("message__message_id", flat=True).first() or ""
    letter = letters.readiness(inquiry, report, answers=answers)
    _tell(inquiry, Notice.Kind.READINESS, recipient, letter, report.assessment)


def _may_write(address: str, kind: Notice.Kind, most_a_day: int) -> bool:
    if Suppression.objects.holds(address):
        return False
    sent_today = Notice.objects.filter(
        kind=kind,
        recipient=address,
        message__created_at__gt=timezone.now() - timedelta(days=1),
    )
    return sent_today.count() < most_a_day


def _tell(
    inquiry: Inquiry,
    kind: Notice.Kind,
    recipient: str,
    letter: letters.Letter,
    assessment: Assessment | None = None,
) -> None:
    of_it = f"assessment {assessment.pk} " if assessment else ""
    message = outbox.put(
        key=f"inquiry {inquiry.pk} {of_it}{kind} {recipient}", to=recipient, **letter
    )
    Notice.objects.get_or_create(
        inquiry=inquiry,
        kind=kind,
        recipient=recipient,
        assessment=assessment,
        defaults={"message": message},
    )


def _is_known(inquiry: Inquiry, assessment: Assessment) -> bool:
    """Whether sales have it on the lead already: it came with another of its inquiries, too."""
    told = InquiryAssessment.objects.filter(assessment=assessment, told_at__isnull=False)
    return told.filter(inquiry__lead=inquiry.lead_id).exists()


def _remember(inquiry: Inquiry, report: Report) -> None:
    if inquiry.lead and not _is_known(inquiry, report.assessment):
        Activity.objects.create(
            lead=inquiry.lead,
            kind=Activity.Kind.ASSESSMENT,
            text=f"Readiness: {report.result.name}, {report.total} of 100",
            inquiry=inquiry,
        )
