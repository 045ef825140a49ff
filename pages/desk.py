"""The admin's first page: for each who signs in, what waits for them. And how it takes nonsense."""

import logging
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import wraps

from django.apps import apps
from django.contrib import messages
from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ERROR_FLAG, SEARCH_VAR
from django.core.exceptions import BadRequest, FieldDoesNotExist, PermissionDenied, ValidationError
from django.db import DataError, OperationalError
from django.db.models import ForeignKey, ManyToManyField
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.template.response import SimpleTemplateResponse
from django.urls import path, reverse
from django.utils import timezone

from articles.models import Article, Revision
from leads.models import FollowUp, Inquiry, Lead, Recipient
from mail.models import Message
from pages import health, style
from pages.jobs import Job, jobs
from pages.models import MenuLink, MissingPage, Page, SiteSettings

logger = logging.getLogger(__name__)

# What a list may raise when its address asks for what no row can answer: the year 9999, a number
# of thirty digits, a comparison too deep for the database.
NONSENSE = (ValueError, OverflowError, RecursionError, DataError, OperationalError)
# Each word is a comparison with every field searched, and for some a join.
MOST_WORDS = 20
TOO_LARGE = re.compile(r"\s*-?\d{19,}\s*")  # what no column of ours holds
EDITED_ROW = re.compile(r"form-\d+-id")


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
        return [
            path("style/", style.style, name="style"),
            path("status/", self.admin_view(health.status_for_staff), name="status"),
            *super().get_urls(),
        ]

    def each_context(self, request):
        # `site` is what public pages call it, and Django's login page calls something else so.
        return {**super().each_context(request), "site_name": SiteSettings.load().name}

    def admin_view(self, view, cacheable=False):
        owner = getattr(view, "__self__", None)
        if isinstance(owner, ModelAdmin):
            match view.__name__:
                case "changelist_view" | "export":  # the list as a page, and as a file
                    view = _list_taking_nonsense(owner, view)
                case "add_view" | "change_view":
                    view = _form_taking_nonsense(view)
        return super().admin_view(view, cacheable)

    def autocomplete_view(self, request):
        """Asked by our own widgets, which name a field that leads to other rows."""
        query = request.GET
        try:
            model = apps.get_model(query.get("app_label", ""), query.get("model_name", ""))
            field = model._meta.get_field(query.get("field_name", ""))
        except (LookupError, FieldDoesNotExist) as error:
            raise PermissionDenied from error
        if not isinstance(field, ForeignKey | ManyToManyField):
            raise PermissionDenied
        if len(query.get("term", "").split()) > MOST_WORDS:
            return JsonResponse({"results": [], "pagination": {"more": False}})
        return super().autocomplete_view(request)

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
        if not request.user.has_perm("pages.view_missingpage"):
            return []
        often = MissingPage.objects.still_missing().often().count()
        label = "addresses are asked for in vain, again and again"
        return [Waiting(often, label, _list(MissingPage))] if often else []

    def _jobs(self, request: HttpRequest, now: datetime) -> list[tuple[Job, bool]]:
        """Each periodic job with whether it is late, for those who watch over the letters."""
        if not request.user.has_perm("mail.view_message"):
            return []
        return [(job, job.is_late(now)) for job in jobs()]


def _list_taking_nonsense(
    admin: ModelAdmin, view: Callable[..., HttpResponseBase]
) -> Callable[..., HttpResponseBase]:
    """The view of a list which shows all of it, and says so, when its address makes no sense.

    Django does so for some nonsense only. An error that stays when nothing is asked is ours: it is
    raised. So is whatever an action does wrong. What is passed over stands in the log.
    """

    @wraps(view)
    def list_view(request: HttpRequest, *args, **kwargs) -> HttpResponseBase:
        if not admin.has_view_or_change_permission(request):
            raise PermissionDenied
        if len(request.GET.get(SEARCH_VAR, "").split()) > MOST_WORDS:
            return _all_of_it(admin, request, f"Search for at most {MOST_WORDS} words.")
        if not _are_rows(admin, _rows_named_by(request)):
            return _all_of_it(admin, request, "What was selected is not in this list.")
        try:
            if request.method == "POST":
                _look(admin, request)
            else:
                answer = view(request, *args, **kwargs)
                # Much of what a list asks, it asks when it is drawn.
                return answer.render() if isinstance(answer, SimpleTemplateResponse) else answer
        except NONSENSE:
            if set(request.GET) <= {ERROR_FLAG}:
                raise
            logger.warning("A list was asked for what it cannot answer.", exc_info=True)
            return _all_of_it(
                admin, request, "The list cannot be filtered like that. Here is all of it."
            )
        return view(request, *args, **kwargs)

    return list_view


def _form_taking_nonsense(
    view: Callable[..., HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """The view of a form, which refuses a choice that it can neither look up nor show again.

    Django asks the database for a number of any length, and its widget for choosing another row
    looks up what was sent, whether it is a number or not. Any other error is ours: it is raised.
    """

    @wraps(view)
    def form_view(request: HttpRequest, *args, **kwargs) -> HttpResponseBase:
        try:
            answer = view(request, *args, **kwargs)
        except (OverflowError, DataError) as error:
            if not any(
                TOO_LARGE.fullmatch(one) for _, sent in request.POST.lists() for one in sent
            ):
                raise
            raise BadRequest("There is a number in it that is too large.") from error
        if request.method != "POST" or not isinstance(answer, SimpleTemplateResponse):
            return answer
        try:
            return answer.render()
        except NONSENSE as error:
            if not _refuses_a_choice(answer):
                raise
            raise BadRequest("Something was chosen that no list offers.") from error

    return form_view


def _refuses_a_choice(answer: SimpleTemplateResponse) -> bool:
    context = answer.context_data or {}
    forms = [context["adminform"].form] if "adminform" in context else []
    for inline in context.get("inline_admin_formsets", []):
        forms += inline.formset.forms
    return any(
        error.code in ("invalid_choice", "invalid_pk_value")
        for form in forms
        for errors in form.errors.as_data().values()
        for error in errors
    )


def _rows_named_by(request: HttpRequest) -> list[str]:
    """Those selected, and those edited in the list itself."""
    edited = [name for name in request.POST if EDITED_ROW.fullmatch(name)]
    return [one for name in [ACTION_CHECKBOX_NAME, *edited] for one in request.POST.getlist(name)]


def _look(admin: ModelAdmin, request: HttpRequest) -> None:
    """Ask what the address asks, before anything is done to the rows it finds."""
    with suppress(IncorrectLookupParameters):  # Django's own answer to it will do
        admin.get_changelist_instance(request)


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
    return redirect(f"{_list(admin.model)}?{ERROR_FLAG}=1")


def _list(model) -> str:
    return reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_changelist")
