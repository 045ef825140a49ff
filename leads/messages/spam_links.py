"""Links in emails by which a colleague decides about spam: see `leads.admin.spam_page`."""

from dataclasses import dataclass
from datetime import timedelta

from django.core import signing
from django.urls import reverse

from leads.models import Inquiry

GOOD_FOR = timedelta(days=30)
SPAM, NOT_SPAM = "spam", "not-spam"
_SALT = "leads.messages.spam_links"


@dataclass(frozen=True)
class Link:
    inquiry_id: int
    act: str
    address: str  # where the email went


def token(inquiry: Inquiry, act: str, address: str) -> str:
    return signing.dumps([inquiry.pk, act, address], salt=_SALT)


def path(inquiry: Inquiry, act: str, address: str) -> str:
    return reverse("admin:leads_inquiry_decide", args=[token(inquiry, act, address)])


def read(token: str) -> Link | None:
    """None when the link is forged, cut off or too old."""
    try:
        inquiry_id, act, address = signing.loads(token, salt=_SALT, max_age=GOOD_FOR)
    except (signing.BadSignature, ValueError):
        return None
    return Link(inquiry_id, act, address)
