"""What sales store about a person, and what becomes of it when the person is erased."""

from collections.abc import Callable
from typing import Any

from django.db.models import Case, JSONField, Model, QuerySet, Value, When

from accounts.models import User
from leads import people
from leads.models import (
    Absence,
    Activity,
    Answer,
    Brief,
    ByHand,
    Change,
    ColleagueEmail,
    Digest,
    DigestLine,
    Duty,
    InquiryAssessment,
    InquiryKind,
    Lead,
    NextStep,
    Notification,
    Opened,
    Recipient,
    SpamMark,
)
from leads.named_by_colleagues import NAMED_BY_COLLEAGUES
from mail.addresses import of_mailboxes
from mail.models import Message
from web.personal import ERASED, Named, Personal

HASHES = ("key_hash", "result_hash", "request_id")
_ANSWERED = Answer.inquiries.through
_LISTED = Digest.inquiries.through
_TOLD = ColleagueEmail.leads.through


def _of_inquiries(model: type[Model]) -> Callable[[Named], QuerySet[Any]]:
    return lambda person: model._default_manager.filter(inquiry__in=people.inquiries(person))


def _of_going(model: type[Model]) -> Callable[[Named], QuerySet[Any]]:
    return lambda person: model._default_manager.filter(lead__in=people.going_leads(person))


def _of_shared(model: type[Model]) -> Callable[[Named], QuerySet[Any]]:
    return lambda person: model._default_manager.filter(
        lead__in=people.shared_leads(person).values("pk")
    )


def _colleagues(person: Named) -> QuerySet[User]:
    return of_mailboxes(User.objects.all(), "email", person.addresses)


# In the order in which intake, notifications and moves lock their rows.
PERSONAL = (
    Personal(
        "leads.Inquiry",
        "Inquiries",
        "What they sent, from any of their addresses.",
        people.inquiries,
        hidden=("submission_key", "fingerprint", "request_id"),
    ),
    Personal("leads.Contact", "Contact", "Who they are.", people.contacts),
    Personal(
        "leads.Change",
        "Contact",
        "What colleagues have changed about them, from what to what.",
        lambda person: Change.objects.filter(contact__in=people.contacts(person)),
        called=("change", "changes"),
    ),
    Personal(
        "leads.Lead",
        "Leads",
        "Possible work with them. An inquiry someone else sent moves to that person’s own lead.",
        people.going_leads,
    ),
    Personal(
        "leads.Lead",
        "Leads",
        "Someone else is on the lead as well. It becomes theirs.",
        people.shared_leads,
        stays=True,
        emptied={
            "lost_reason": Case(When(stage=Lead.Stage.LOST, then=Value(ERASED)), default=Value(""))
        },
        handed_on=("contact", "responded_at", "first_responded_at", "kind"),
    ),
    *NAMED_BY_COLLEAGUES,
    Personal(
        "readiness.Assessment",
        "Readiness",
        "Sent with their inquiry.",
        lambda person: people.assessments(person).exclude(people.with_others(person)),
        hidden=HASHES,
    ),
    Personal(
        "readiness.Assessment",
        "Readiness",
        "Sent with someone else’s inquiry as well. The answers say nothing about who gave them.",
        lambda person: people.assessments(person).filter(people.with_others(person)),
        stays=True,
        hidden=HASHES,
    ),
    Personal("leads.Activity", "Leads", "The history of their leads.", _of_going(Activity)),
    Personal(
        "leads.Activity",
        "Leads",
        "The history of a lead someone else is on as well.",
        _of_shared(Activity),
        stays=True,
        emptied={"text": ERASED, "before": Value(None, JSONField())},
        hidden=("text", "before"),
    ),
    Personal("leads.NextStep", "Leads", "What was planned on their leads.", _of_going(NextStep)),
    Personal(
        "leads.NextStep",
        "Leads",
        "What is planned on a lead someone else is on as well.",
        _of_shared(NextStep),
        stays=True,
        emptied={"text": ERASED},
        hidden=("text",),
    ),
    Personal("leads.Answer", "Leads", "When a colleague answered them.", _of_going(Answer)),
    Personal(
        "leads.Answer",
        "Leads",
        "When a colleague answered someone else on the same lead. There is no text in it.",
        people.answers_of_others,
        stays=True,
        handed_on=("lead",),
    ),
    Personal("leads.Answer_inquiries", "", "Which inquiry was answered.", _of_inquiries(_ANSWERED)),
    Personal("leads.Brief", "Inquiries", "Sent with their inquiry.", _of_inquiries(Brief)),
    Personal(
        "leads.InquiryAssessment",
        "",
        "Which assessment came with which inquiry.",
        _of_inquiries(InquiryAssessment),
    ),
    Personal(
        "leads.Notification",
        "",
        "Which email was about which inquiry.",
        _of_inquiries(Notification),
    ),
    Personal(
        "leads.Notification",
        "",
        "Which email to them as a member of staff was about which inquiry of others.",
        lambda person: Notification.objects.filter(
            message__in=people.messages_about_others(person)
        ),
        stays=True,
    ),
    Personal(
        "leads.DigestLine",
        "",
        "Which colleague is told of their inquiry in an hourly list.",
        _of_inquiries(DigestLine),
    ),
    Personal(
        "leads.DigestLine",
        "",
        "Of which inquiry of others they are told as a member of staff.",
        people.digest_lines_about_others,
        stays=True,
    ),
    Personal(
        "leads.SpamMark",
        "Inquiries",
        "A colleague marked their inquiry as spam.",
        _of_inquiries(SpamMark),
    ),
    Personal(
        "leads.ByHand",
        "Inquiries",
        "A colleague wrote their inquiry down, after a call for example.",
        _of_inquiries(ByHand),
        called=("inquiry added by hand", "inquiries added by hand"),
    ),
    Personal(
        "leads.InquiryKind",
        "Inquiries",
        "A colleague said what their inquiry is about.",
        _of_inquiries(InquiryKind),
        called=("kind of an inquiry", "kinds of inquiries"),
    ),
    Personal(
        "leads.Opened",
        "",
        "Which colleague opened their leads, or began to write about them.",
        _of_going(Opened),
    ),
    Personal(
        "leads.Opened",
        "",
        "Which colleague opened a lead someone else is on as well.",
        _of_shared(Opened),
        stays=True,
    ),
    Personal(
        "leads.ColleagueEmail",
        "",
        "Emails to colleagues about their leads, or with a note that names them.",
        people.colleague_emails,
    ),
    Personal(
        "leads.ColleagueEmail_leads",
        "",
        "Which leads such an email is about.",
        lambda person: _TOLD._default_manager.filter(
            colleagueemail__in=people.colleague_emails(person)
        ),
    ),
    Personal(
        "leads.Digest",
        "",
        "Daily and hourly lists for colleagues that include an inquiry of theirs.",
        people.digests,
    ),
    Personal(
        "leads.Digest_inquiries",
        "",
        "Which inquiries such a list includes.",
        lambda person: _LISTED._default_manager.filter(digest__in=people.digests(person)),
    ),
    Personal(
        "mail.Message",
        "Emails",
        "To them, about their inquiries.",
        people.messages_to_them,
        hidden=Message.TECHNICAL,
    ),
    Personal(
        "mail.Message",
        "Emails",
        "To colleagues, about them. Not shown: these have links by which colleagues act, and may "
        "speak of others. What they say of the person is in the records above.",
        lambda person: people.messages_about_them(person).exclude(
            pk__in=people.messages_to_them(person)
        ),
        hidden=("subject", "text", "reply_to", "reply_to_name", *Message.TECHNICAL),
    ),
    Personal(
        "mail.Message",
        "Emails",
        "Sent to them as a member of staff, about other people. Deleted with those people.",
        people.messages_about_others,
        stays=True,
        hidden=("subject", "text", "reply_to", "reply_to_name", *Message.TECHNICAL),
    ),
    Personal(
        "leads.Company",
        "Company",
        "Nobody else works there.",
        lambda person: people.companies(person).exclude(people.colleagues(person)),
    ),
    Personal(
        "leads.Company",
        "Company",
        "Someone else works there.",
        lambda person: people.companies(person).filter(people.colleagues(person)),
        stays=True,
    ),
    Personal(
        "leads.Change",
        "Company",
        "What colleagues have changed about a company where nobody else works.",
        lambda person: Change.objects.filter(
            company__in=people.companies(person).exclude(people.colleagues(person))
        ),
    ),
    Personal(
        "leads.Absence",
        "Staff",
        "When they are away as a member of staff, and who covers for them.",
        lambda person: Absence.objects.filter(user__in=_colleagues(person)),
        stays=True,
    ),
    Personal(
        "leads.Duty",
        "Staff",
        "Whether they take new leads as a member of staff.",
        lambda person: Duty.objects.filter(user__in=_colleagues(person)),
        stays=True,
    ),
    Personal(
        "leads.Recipient",
        "Staff",
        "Colleagues who are notified of inquiries. An administrator removes them.",
        lambda person: of_mailboxes(Recipient.objects.all(), "email", person.addresses),
        stays=True,
    ),
)
