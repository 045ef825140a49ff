"""Who asks, and how far we are with them.

An inquiry is what one visitor sent, once, word for word. A lead is the work we pursue because of
it: it gathers the inquiries of one contact, and its activities tell its history.
"""

from leads.models.answers import Answer, Opened
from leads.models.by_hand import ByHand
from leads.models.contacts import Company, Contact
from leads.models.duty import Absence, Duty, Morning
from leads.models.enclosures import Brief, InquiryAssessment
from leads.models.history import Activity, Change, NextStep
from leads.models.inquiries import (
    MAX_TEXT,
    OPENING,
    SPAM,
    Inquiry,
    InquiryKind,
    InquiryQuerySet,
    Kind,
    SpamMark,
)
from leads.models.leads import Lead, LeadQuerySet, assessments_of_lead
from leads.models.lessons import SpamLesson
from leads.models.notifications import (
    ColleagueEmail,
    Digest,
    DigestLine,
    Notification,
    Recipient,
    unheard,
)

__all__ = [
    "MAX_TEXT",
    "OPENING",
    "SPAM",
    "Absence",
    "Activity",
    "Answer",
    "Brief",
    "ByHand",
    "Change",
    "ColleagueEmail",
    "Company",
    "Contact",
    "Digest",
    "DigestLine",
    "Duty",
    "Inquiry",
    "InquiryAssessment",
    "InquiryKind",
    "InquiryQuerySet",
    "Kind",
    "Lead",
    "LeadQuerySet",
    "Morning",
    "NextStep",
    "Notification",
    "Opened",
    "Recipient",
    "SpamLesson",
    "SpamMark",
    "assessments_of_lead",
    "unheard",
]
