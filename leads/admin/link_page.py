"""Where a link in an email leads, by which a colleague takes a lead or decides about spam.

The link is signed, good for a month, and made for one act. Only the button on this page acts. It
acts for whoever is signed in, or else for the member of staff to whose address the email went, so
that nobody need sign in; if the address is nobody's (a shared mailbox), the page asks to sign in.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from accounts.models import User
from desk import acts
from desk.models import Act
from leads.acts import doing
from leads.acts.each import Done
from leads.duty.absences import away
from leads.duty.staff import is_in_sales
from leads.messages import links
from leads.messages.links import Link
from leads.models import Activity, Inquiry, Lead
from leads.pipeline.history import display


class Taking:
    """What a link is about that makes someone the owner of a lead."""

    title, permission, verb = "Take this lead?", "leads.change_lead", "I’ll take it"
    sign_in = "Sign in to take it"

    def __init__(self, lead: Lead) -> None:
        self.lead = lead
        self.inquiry = lead.inquiries.not_spam().first() or lead.inquiries.first()
        self.url = lead.get_absolute_url()
        self.owner = lead.owner if lead.owner and is_in_sales(lead.owner) else None
        self.is_open = lead.is_open and not lead.is_spam() and self.owner is None

    def state(self, person: User | None) -> str:
        """How it stands, in words."""
        name = self.lead.contact.name
        if self.lead.is_spam():
            return f"All that {name} wrote was marked as spam."
        if self.owner and self.owner == person:
            return "You have it."
        if self.owner:
            since = self._since()
            absent = away(self.owner, timezone.now())
            return f"{self.owner} has it{since}.{f' {absent}.' if absent else ''}"
        if not self.lead.is_open:
            return f"This lead is closed: {self.lead.get_stage_display().lower()}."
        if self.lead.owner:
            return f"{self.lead.owner} had it and is no longer in sales."
        return "Nobody has it yet."

    def do(self, by: User, at: datetime) -> Done:
        return doing.take([self.lead], by=by, at=at)

    def done_by(self, person: User, now: datetime) -> Act | None:
        """The act of this person that the page can take back."""
        if self.owner != person:
            return None
        own = Act.objects.undoable(now).filter(by=person)
        return own.filter(activities__lead=self.lead, activities__kind=Activity.Kind.OWNER).first()

    def _since(self) -> str:
        given = self.lead.activities.filter(kind=Activity.Kind.OWNER).first()
        return f" since {display(given.at)}" if given else ""


class Deciding:
    """What a link is about that decides whether an inquiry is spam."""

    title, permission = "Is this spam?", "leads.decide_inquiry"
    sign_in = "Sign in to decide"

    def __init__(self, inquiry: Inquiry, *, is_spam: bool) -> None:
        self.inquiry: Inquiry = inquiry
        self.marks_spam = is_spam
        self.verb = "Spam" if is_spam else "Not spam"
        self.url = inquiry.get_absolute_url()
        is_doubted = inquiry.is_suspected or inquiry.is_doubtful
        self.is_open = not inquiry.is_spam if is_spam else inquiry.is_spam or is_doubted

    def state(self, person: User | None) -> str:
        if self.inquiry.is_spam:
            mark = self.inquiry.spam_mark
            deleted = f"{timezone.localtime(mark.deleted_on):%-d %b %Y}"
            return (
                f"{mark.by} marked this as spam on {display(mark.at)}. It will be deleted on "
                f"{deleted}."
            )
        if self.inquiry.verdict == Inquiry.Verdict.NOT_SPAM:
            return "Someone decided that this is not spam, and sales have been notified."
        if self.inquiry.is_suspected or self.inquiry.is_doubtful:
            return ""
        return "This does not look like spam, and sales have been notified."

    def do(self, by: User, at: datetime) -> Done:
        act = doing.spam_inquiries if self.marks_spam else doing.not_spam
        return act([self.inquiry], by=by, at=at)

    def done_by(self, person: User, now: datetime) -> Act | None:
        if self.marks_spam and not (self.inquiry.is_spam and self.inquiry.spam_mark.by == person):
            return None
        about = Q(spam_marks__inquiry=self.inquiry) | Q(activities__inquiry=self.inquiry)
        return Act.objects.undoable(now).filter(about, by=person).distinct().first()


Subject = Taking | Deciding


def find_subject(link: Link) -> Subject | None:
    """None when it was erased meanwhile."""
    if link.act == links.TAKE:
        leads = Lead.objects.select_related("contact__company", "owner")
        lead = leads.filter(pk=link.row).first()
        return Taking(lead) if lead else None
    inquiries = Inquiry.objects.select_related("spam_mark__by", "lead")
    inquiry = inquiries.filter(pk=link.row).first()
    return Deciding(inquiry, is_spam=link.act == links.SPAM) if inquiry else None


def find_person(request: HttpRequest, link: Link, permission: str) -> User | None:
    """The user the link acts for: whoever is signed in and may, or else its recipient."""
    signed_in = request.user
    if isinstance(signed_in, User) and signed_in.is_staff and signed_in.has_perm(permission):
        return signed_in
    found = User.objects.of_address(link.address).filter(is_active=True, is_staff=True).first()
    return found if found and found.has_perm(permission) else None


@never_cache
def page(request: HttpRequest, token: str) -> HttpResponse:
    """Shows what the link is about and what it would do, and does it when its button is pressed."""
    link = links.read(token)
    subject = find_subject(link) if link else None
    person = find_person(request, link, subject.permission) if link and subject else None
    now = timezone.now()
    if subject and request.method == "POST":
        if person:  # or else the page says to sign in
            for sentence in _act(request.POST, link, subject, by=person, at=now):
                messages.info(request, sentence)
        return redirect(request.path)
    context = {
        **admin.site.each_context(request),
        "title": subject.title if subject else "A link from an email",
        "link": link,
        "subject": subject,
        "person": person,
        "state": subject.state(person) if subject else "",
        "can_undo": bool(subject and person and subject.done_by(person, now)),
        "sent_to": User.objects.of_address(link.address).first() if link else None,
        "sign_in_url": f"{reverse('admin:login')}?next={request.path}",
    }
    return render(
        request, "admin/leads/inquiry/decide.html", context, status=200 if subject else 410
    )


def _act(
    sent: Mapping[str, Any], link: Link | None, subject: Subject, *, by: User, at: datetime
) -> list[str]:
    """What the pressed button says, if it is one of the link's."""
    pressed = sent.get("act")
    if pressed == "undo":
        act = subject.done_by(by, at)
        return acts.take_back(act.pk, by=by, now=at) if act else []
    if link and pressed == link.act and subject.is_open:
        return subject.do(by, at).left_out
    return []
