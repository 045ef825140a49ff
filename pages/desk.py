"""The admin's first page: for each who signs in, what waits for them."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.urls import path, reverse
from django.utils import timezone

from articles.models import Article, Revision
from leads.models import FollowUp, Inquiry, Lead, Recipient
from mail.models import Message
from pages import style
from pages.jobs import Job, jobs
from pages.models import SiteSettings


@dataclass(frozen=True)
class Waiting:
    """A number of things that want somebody's hand, and where they are."""

    count: int
    label: str
    url: str
    is_trouble: bool = False


class Desk(AdminSite):
    site_header = "Desk"
    site_title = "desk"
    index_title = "Your desk"
    index_template = "admin/desk.html"
    empty_value_display = "–"

    def get_urls(self):
        return [path("style/", style.style, name="style"), *super().get_urls()]

    def each_context(self, request):
        # `site` is what public pages call it, and Django's login page calls something else so.
        return {**super().each_context(request), "site_name": SiteSettings.load().name}

    def index(self, request, extra_context=None):
        now = timezone.now()
        context = {
            "waiting": [*self._sales(request), *self._articles(request)],
            "jobs": self._jobs(request, now),
            "nobody_is_told": request.user.has_perm("leads.view_inquiry")
            and not Recipient.objects.addresses(),
        }
        return super().index(request, {**context, **(extra_context or {})})

    def _sales(self, request: HttpRequest) -> list[Waiting]:
        if not request.user.has_perm("leads.view_lead"):
            return []
        leads, inquiries = _list(Lead), _list(Inquiry)
        unanswered = Lead.objects.unanswered()
        overdue = Lead.objects.overdue().count()
        failed = Message.objects.filter(state=Message.State.FAILED).count()
        return [
            Waiting(unanswered.count(), "leads wait for a first answer", f"{leads}?answer=waiting"),
            Waiting(
                overdue, "leads are overdue for an answer", f"{leads}?answer=overdue", bool(overdue)
            ),
            Waiting(FollowUp.objects.due().count(), "follow-ups are due", leads),
            Waiting(
                Inquiry.objects.held().count(), "inquiries held back", f"{inquiries}?verdict=held"
            ),
            Waiting(failed, "letters given up", f"{_list(Message)}?state=failed", bool(failed)),
        ]

    def _articles(self, request: HttpRequest) -> list[Waiting]:
        if not request.user.has_perm("articles.view_article"):
            return []
        articles = _list(Article)
        copies = Revision.objects.working_copies()
        in_review = copies.filter(state=Revision.State.IN_REVIEW).count()
        return [
            Waiting(in_review, "articles wait for review", f"{articles}?status=in_review"),
            Waiting(copies.count(), "working copies in hand", f"{articles}?status=working"),
            Waiting(
                Revision.objects.scheduled().count(),
                "revisions are scheduled",
                f"{articles}?status=scheduled",
            ),
        ]

    def _jobs(self, request: HttpRequest, now: datetime) -> list[tuple[Job, bool]]:
        """Each periodic job with whether it is late, for those who watch over the letters."""
        if not request.user.has_perm("mail.view_message"):
            return []
        return [(job, job.is_late(now)) for job in jobs()]


def _list(model) -> str:
    return reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_changelist")
