"""Who asks, and how far we are with them.

An inquiry is what one visitor sent, once, word for word. A lead is the work we pursue because of
it: it gathers the inquiries of one contact, and its activities tell its history.
"""

from leads.models.contacts import Company, Contact
from leads.models.enclosures import Brief, InquiryAssessment
from leads.models.history import Activity, NextStep
from leads.models.inquiries import MAX_TEXT, Inquiry, InquiryQuerySet, SpamMark
from leads.models.leads import Answer, Lead, assessments_of_lead
from leads.models.notifications import Digest, Notification, Recipient

__all__ = [
    "MAX_TEXT",
    "Activity",
    "Answer",
    "Brief",
    "Company",
    "Contact",
    "Digest",
    "Inquiry",
    "InquiryAssessment",
    "InquiryQuerySet",
    "Lead",
    "NextStep",
    "Notification",
    "Recipient",
    "SpamMark",
    "assessments_of_lead",
]
