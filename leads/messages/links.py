"""Links in emails, each made for one act: see `leads.admin.link_page`, where they lead."""

from dataclasses import dataclass
from datetime import timedelta

from django.core import signing
from django.urls import reverse

GOOD_FOR = timedelta(days=30)
SPAM, NOT_SPAM = "spam", "not-spam"  # an inquiry
TAKE = "take"  # a lead
# As of the first links, which stand in emails of the last month.
_SALT = "leads.messages.spam_links"


@dataclass(frozen=True)
class Link:
    row: int  # the key of what it is about
    act: str
    address: str  # where the email went


def token(act: str, row: int, address: str) -> str:
    return signing.dumps([row, act, address], salt=_SALT)


def path(act: str, row: int, address: str) -> str:
    return reverse("admin:leads_inquiry_decide", args=[token(act, row, address)])


def read(token: str) -> Link | None:
    """None when the link is forged, cut off or too old."""
    try:
        row, act, address = signing.loads(token, salt=_SALT, max_age=GOOD_FOR)
    except (signing.BadSignature, ValueError):
        return None
    return Link(row, act, address)
