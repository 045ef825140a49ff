"""The admin's first page: for each who signs in, what waits for them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps

from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.views.main import SEARCH_VAR
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone

from articles.models import Article, Revision
from leads.models import FollowUp, Inquiry, Lead, Recipient
from mail.models import Message
from pages import style
from pages.models import MenuLink, Page, SiteSettings
from redirects.models import MissingPage
from web import health
from web.jobs import Job, jobs

# Each word is a comparison with every field searched, and for some a join.
MOST_WORDS = 20


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
    index_template = "admin/home.html"
    empty_value_display = "–"

    def get_urls(self):
        return [
            path("style/", style.style, name="style"),
            path("status/", self.admin_view(health.status_for_staff), name="status"),
            *super().get_urls(),
        ]

    def each_context(self, request):
        # `site` is what public pages call it, and Django's login page calls something else so.
        ours = {"site_name": SiteSettings.load().name, "version": settings.VERSION}
        return {**super().each_context(request), **ours}

    def admin_view(self, view, cacheable=False):
        owner = getattr(view, "__self__", None)
        # The list as a page, and as a file.
        if isinstance(owner, ModelAdmin) and view.__name__ in ("changelist_view", "export"):
            view = _checked_list(owner, view)
        return super().admin_view(view, cacheable)

    def index(self, request, extra_context=None):
        now = timezone.now()
        context = {
            "waiting": [
                *self._sales(request),
                *self._articles(request),
                *self._unlinked(request),
                *self._left_out(request),
                *self._missing(request),
            ],
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
        failed = Message.objects.failed().count()
        unheard = Inquiry.objects.unheard().count()
        alarm = f"unanswered {'inquiry' if unheard == 1 else 'inquiries'} sales may not know of: "
        alarm += "the notification has failed"
        return [
            *(
                [Waiting(unheard, alarm, f"{inquiries}?notification=failed", True)]
                if unheard
                else []
            ),
            Waiting(unanswered.count(), "leads wait for an answer", f"{leads}?answer=waiting"),
            Waiting(
                overdue, "leads are overdue for an answer", f"{leads}?answer=overdue", bool(overdue)
            ),
            Waiting(FollowUp.objects.due().count(), "follow-ups are due", f"{leads}?follow_up=due"),
            Waiting(
                Inquiry.objects.suspected().count(),
                "inquiries are suspected spam",
                f"{inquiries}?spam=suspected",
            ),
            Waiting(failed, "emails have failed", f"{_list(Message)}?state=failed", bool(failed)),
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

    def _unlinked(self, request: HttpRequest) -> list[Waiting]:
        if not request.user.has_perm("pages.change_page"):
            return []
        count = Page.objects.unlinked().count()
        label = "published page that nothing links to"
        if count > 1:
            label = "published pages that nothing links to"
        return [Waiting(count, label, f"{_list(Page)}?links=none")] if count else []

    def _left_out(self, request: HttpRequest) -> list[Waiting]:
        if not request.user.has_perm("pages.change_menulink"):
            return []
        count = MenuLink.objects.left_out().count()
        label = "menu link is left out: visitors cannot open what it leads to"
        if count > 1:
            label = "menu links are left out: visitors cannot open what they lead to"
        return [Waiting(count, label, f"{_list(MenuLink)}?shown=no")] if count else []

    def _missing(self, request: HttpRequest) -> list[Waiting]:
        if not request.user.has_perm("redirects.view_missingpage"):
            return []
        often = MissingPage.objects.still_missing().often().count()
        label = "addresses are asked for in vain, again and again"
        return [Waiting(often, label, _list(MissingPage))] if often else []

    def _jobs(self, request: HttpRequest, now: datetime) -> list[tuple[Job, bool]]:
        """Each periodic job with whether it is late, for those who watch over the letters."""
        if not request.user.has_perm("mail.view_message"):
            return []
        return [(job, job.is_late(now)) for job in jobs()]


def _checked_list(
    admin: ModelAdmin, view: Callable[..., HttpResponseBase]
) -> Callable[..., HttpResponseBase]:
    """The view of a list, which does nothing to rows before it knows that they are rows of it.

    A search for a pasted page of text is refused as well.
    """

    @wraps(view)
    def list_view(request: HttpRequest, *args, **kwargs) -> HttpResponseBase:
        if not admin.has_view_or_change_permission(request):
            raise PermissionDenied
        if len(request.GET.get(SEARCH_VAR, "").split()) > MOST_WORDS:
            return _all_of_it(admin, request, f"Search for at most {MOST_WORDS} words.")
        if not _are_rows(admin, request.POST.getlist(ACTION_CHECKBOX_NAME)):
            return _all_of_it(admin, request, "What was selected is not in this list.")
        return view(request, *args, **kwargs)

    return list_view


def _are_rows(admin: ModelAdmin, selected: list[str]) -> bool:
    key = admin.model._meta.pk
    try:
        for one in selected:
            key.clean(one, None)
    except ValidationError:
        return False
    return True


def _all_of_it(admin: ModelAdmin, request: HttpRequest, words: str) -> HttpResponse:
    messages.error(request, words)
    return redirect(_list(admin.model))


def _list(model) -> str:
    return reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_changelist")
