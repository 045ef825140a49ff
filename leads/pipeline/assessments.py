"""The readiness that came with inquiries: readiness itself knows nobody, the join is here."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from leads.models import Inquiry, InquiryAssessment, Lead, Notification
from mail.models import Message
from readiness import taking
from readiness.models import Assessment, AssessmentQuerySet, QuestionSet
from readiness.reports import Report, report

INVITED_FOR = timedelta(days=7)
_SALT = "leads.pipeline.assessments.invitation"


def attach(inquiry: Inquiry, assessment_id: int, *, is_new: bool = False) -> None:
    """Let the assessment come with the inquiry, unless it is gone. `is_new`: nothing did before.

    To be called in the transaction that keeps the inquiry: the assessment is held until it ends,
    so that nothing about it can cost us the inquiry.
    """
    held = Assessment.objects.select_for_update().filter(pk=assessment_id).values_list("pk")
    if not held:
        return
    link = InquiryAssessment.objects
    (link.create if is_new else link.get_or_create)(inquiry=inquiry, assessment_id=assessment_id)


def of_inquiry(inquiry: Inquiry) -> list[Report]:
    """The latest first."""
    return reports(_taken().filter(inquiries__inquiry=inquiry))


def of_lead(lead: Lead) -> list[Report]:
    """Of the lead's inquiries, spam aside, the latest first: earlier ones are to compare with."""
    genuine = Inquiry.objects.not_spam().filter(lead=lead)
    return reports(_taken().filter(inquiries__inquiry__in=genuine))


def has_result(inquiry: Inquiry) -> bool:
    """Whether a finished assessment came with it."""
    return _taken().filter(inquiries__inquiry=inquiry).exists()


@dataclass(frozen=True)
class SentAlong:
    """What became of a result: when it was sent to us with a message, and whether it was mailed."""

    at: datetime
    was_mailed: bool


def sent_along(assessment: Assessment) -> SentAlong | None:
    """None for one that came with no inquiry. Tells nothing about who sent it."""
    came_with = assessment.inquiries.select_related("inquiry").order_by("inquiry__received_at")
    if (first := came_with.first()) is None:
        return None
    sent = Notification.objects.filter(
        inquiry__assessments__assessment=assessment, message__state=Message.State.SENT
    )
    by_itself = Q(kind=Notification.Kind.RESULT, assessment=assessment)
    with_ours = Q(
        kind=Notification.Kind.ACKNOWLEDGMENT, message__created_at__gte=assessment.finished_at
    )
    return SentAlong(first.inquiry.received_at, sent.filter(by_itself | with_ours).exists())


def reports(assessments: Iterable[Assessment]) -> list[Report]:
    """Of finished ones, in their order."""
    return [report(one) for one in assessments]


def of_spam() -> AssessmentQuerySet:
    """What came with spam, or what is held as such, and with nothing else: statistics leave it
    out.
    """
    came_with = InquiryAssessment.objects.filter(assessment=OuterRef("pk"))
    not_held = ~Q(inquiry__verdict=Inquiry.Verdict.SUSPECTED)
    genuine = came_with.filter(not_held, inquiry__spam_mark__isnull=True)
    return Assessment.objects.filter(Exists(came_with), ~Exists(genuine))


def _taken() -> AssessmentQuerySet:
    return Assessment.objects.finished().newest_first().distinct()


def invitation(inquiry: Inquiry) -> str:
    """What lets the one who sent the inquiry add an assessment to it, and do nothing else.

    The same for the same inquiry. It shows nothing of it that its sender does not know.
    """
    return Signer(salt=_SALT).sign(inquiry.fingerprint)


def invited_by(token: str) -> Inquiry | None:
    """None when the invitation is forged, or its week is over."""
    try:
        fingerprint = Signer(salt=_SALT).unsign(token)
    except BadSignature:
        return None
    since = timezone.now() - INVITED_FOR
    recent = Inquiry.objects.filter(fingerprint=fingerprint, received_at__gt=since)
    return recent.order_by("-received_at", "-pk").first()


@transaction.atomic
def begin_for(inquiry: Inquiry, question_set: QuestionSet) -> str | None:
    """An assessment that comes with the inquiry from its start; the key that goes on with it.

    None when the inquiry was erased meanwhile.
    """
    if Inquiry.objects.select_for_update().filter(pk=inquiry.pk).first() is None:
        return None
    theirs = Assessment.objects.filter(inquiries__inquiry=inquiry)
    theirs.filter(answers={}, finished_at=None).delete()  # opened before, and left at once
    assessment, key = taking.begin(question_set)
    InquiryAssessment.objects.create(inquiry=inquiry, assessment=assessment)
    return key
