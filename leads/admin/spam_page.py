"""Where a link in an email leads, by which a colleague decides whether an inquiry is spam.

The link is signed and good for a month. Only the button on this page acts. It acts for whoever is
signed in, or else for the member of staff to whose address the email went, so that nobody need sign
in; if the address is nobody's (a shared mailbox), the page asks to sign in.
"""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from accounts.models import User
from leads.intake import receiving, spam_marks
from leads.messages import spam_links
from leads.messages.spam_links import NOT_SPAM, SPAM, Link
from leads.models import Inquiry

_MAY_DECIDE = "leads.decide_inquiry"


def find_person(request: HttpRequest, link: Link) -> User | None:
    """The user the link acts for: whoever is signed in and may decide, or else its recipient."""
    signed_in = request.user
    if isinstance(signed_in, User) and signed_in.is_staff and signed_in.has_perm(_MAY_DECIDE):
        return signed_in
    found = User.objects.of_address(link.address).filter(is_active=True, is_staff=True).first()
    return found if found and found.has_perm(_MAY_DECIDE) else None


@never_cache
def page(request: HttpRequest, token: str) -> HttpResponse:
    """Shows the inquiry and what the link would do, and does it when its button is pressed."""
    link = spam_links.read(token)
    inquiry = (
        Inquiry.objects.select_related("spam_mark__by", "lead").filter(pk=link.inquiry_id).first()
        if link
        else None
    )
    person = find_person(request, link) if link else None
    if link and inquiry and request.method == "POST":
        if person is None:
            return redirect(request.path)  # which says to sign in
        now, act = timezone.now(), request.POST.get("act")
        if act == SPAM == link.act:
            spam_marks.mark(inquiry, by=person, at=now)
        elif act == NOT_SPAM == link.act:
            receiving.mark_not_spam(inquiry, by=person, at=now)
        elif act == "undo" and inquiry.is_spam and inquiry.spam_mark.by == person:
            spam_marks.unmark(inquiry, by=person, at=now)
        return redirect(request.path)
    context = {
        **admin.site.each_context(request),
        "title": "Is this spam?",
        "link": link,
        "inquiry": inquiry,
        "person": person,
        "is_open": inquiry is not None and (inquiry.is_suspected or inquiry.is_doubtful),
        "is_theirs": person is not None
        and inquiry is not None
        and inquiry.is_spam
        and inquiry.spam_mark.by == person,
        "sign_in_url": f"{reverse('admin:login')}?next={request.path}",
    }
    return render(
        request, "admin/leads/inquiry/decide.html", context, status=200 if inquiry else 410
    )
