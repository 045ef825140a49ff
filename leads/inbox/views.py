"""The pages of the inbox and of a record, and the addresses of its acts."""

from collections.abc import Sequence
from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.requests import StaffRequest
from desk.bulk import Bulk, tell
from desk.counts import shown
from desk.numbers import row_number
from desk.undo_page import back
from leads.acts import doing
from leads.acts.doing import Done, Shown
from leads.bulk import views as bulk
from leads.inbox import forms, record
from leads.inbox.history import history
from leads.inbox.numbers import numbers
from leads.inbox.open_tab import OpenTab
from leads.inbox.paging import Place
from leads.inbox.rows import language_marks, row, suspected_row, with_rows
from leads.inbox.tabs import TABS
from leads.models import Inquiry, Kind, Lead, LeadQuerySet, NextStep
from leads.pipeline.locking import Gone, lock
from web.memo import remembering

ON_A_PAGE = 50
# What can be decided about suspected spam: address, text, key, style of the button.
DECISIONS = (
    ("spam", "Spam", "s", "button--main"),
    ("not-spam", "Not spam", "u", ""),
)
KINDS = [(kind, number) for number, kind in enumerate(Kind, 1)]


@require_GET
def inbox(request: StaffRequest) -> HttpResponse:
    """What waits, and beside it one record: the one that is asked for, or else the first.

    `after` names the row to open when `open` has left the list: then the next one opens by itself.
    """
    _check(request, "leads.view_lead")
    return _inbox(request, OpenTab(request, request.GET))


def _inbox(
    request: StaffRequest, shown_tab: OpenTab, *, bound: Bulk | None = None, status: int = 200
) -> HttpResponse:
    query = shown_tab.query
    page = row_number(query.get("page")) or 1
    start, now = (page - 1) * ON_A_PAGE, shown_tab.now
    if shown_tab.is_suspected:
        loaded: list[Any] = list(shown_tab.found[start : start + ON_A_PAGE + 1])
        rows = [suspected_row(one, now) for one in loaded[:ON_A_PAGE]]
    else:
        leads = with_rows(cast(LeadQuerySet, shown_tab.found), request.user, now)
        loaded = list(leads[start : start + ON_A_PAGE + 1])
        rows = [row(one, now) for one in loaded[:ON_A_PAGE]]
    keys = [one.key for one in rows]
    asked, after = query.get("open", ""), query.get("after", "")
    chosen = next((key for key in (asked, after) if key in keys), "")
    if not chosen and not (asked and not after):
        chosen = keys[0] if keys else ""
    opened = chosen or asked
    place = keys.index(opened) if opened in keys else None
    found_numbers = numbers(request)
    with remembering():  # who may have a lead, for every form
        context = {
            **admin.site.each_context(request),
            "title": "Inbox",
            "tab": shown_tab.tab,
            "kind": shown_tab.kind,
            "waiting_kinds": [
                (one, shown(found_numbers[one.value])) for one in Kind if found_numbers[one.value]
            ],
            "tabs": [(one, shown(found_numbers[one.key])) for one in TABS],
            "rows": rows,
            "opened": opened,
            "is_asked": bool(asked),
            "place": place + 1 if place is not None else None,
            "previous": keys[place - 1] if place else "",
            "next": keys[place + 1] if place is not None and place + 1 < len(keys) else "",
            "page": page,
            "has_more": len(loaded) > ON_A_PAGE,
            "here": shown_tab.here,
            "may_add": request.user.has_perm("leads.change_lead"),
            **bulk.bar(request, shown_tab, shown_tab.acts, bound),
            **_opened(request, opened, None if shown_tab.is_suspected else loaded),
        }
    return render(request, "leads/inbox/inbox.html", context, status=status)


@require_POST
def act_on_selected(request: StaffRequest, name: str) -> HttpResponse:
    """Does one thing to the selected rows of a tab, or to all of it, and leads back to the tab."""
    _check(request, "leads.view_lead")
    shown_tab = OpenTab(request, QueryDict(request.POST.get("filters", "")[:200]))
    return bulk.act(
        request, shown_tab, name, shown_tab.acts,
        lambda form: _inbox(request, shown_tab, bound=form, status=422),
    )  # fmt: skip


def _opened(
    request: StaffRequest,
    key: str,
    loaded: Sequence[Any] | None = None,
    *,
    bound: forms.ActForm | None = None,
    place: Place | None = None,
) -> dict[str, Any]:
    """The record, or the suspected inquiry, of that key; nothing for none. Its history from a place
    on, if one is named.

    A lead among those `loaded` is not asked for again.
    """
    if key.startswith("i"):
        number = row_number(key[1:])
        found = Inquiry.objects.filter(pk=number or 0).select_related("spam_mark__by").first()
        may_decide = request.user.has_perm("leads.decide_inquiry")
        about: dict[str, Any] = {"suspected": found, "may_decide": may_decide}
        if found:
            marks = list(language_marks(found.language))
            about |= {"decisions": DECISIONS, "suspected_marks": marks}
        return about if found else {}
    number = row_number(key)
    if not number:
        return {}
    now = timezone.now()
    lead = next((lead for lead in loaded or () if lead.pk == number), None)
    if lead:
        one: record.Record | None = record.Record(lead, user=request.user, now=now)
    else:
        one = record.find(number, user=request.user, now=now)
    if one is None:
        return {}
    record.open_record(one)
    made = {key: form(lead=one.lead, user=request.user) for key, form in forms.FORMS.items()}
    if bound:
        made[bound.key] = bound
    return {
        "record": one,
        "history": history(one, place),
        "forms": {name.replace("-", "_"): form for name, form in made.items()},
        "seen": one.seen,
        "kinds": KINDS,
        "may_change": request.user.has_perm("leads.change_lead"),
        "may_decide": request.user.has_perm("leads.decide_inquiry"),
        "wrong": bound.key if bound else "",
    }


@require_GET
def lead(request: StaffRequest, pk: int) -> HttpResponse:
    """One whole record."""
    _check(request, "leads.view_lead")
    with remembering():
        context = _opened(request, str(pk), place=Place.read(request.GET.get("before", "")))
    if "record" not in context:
        raise Http404("There is no such lead, or its person was erased.")
    return _page(request, context)


def _page(request: StaffRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    whole = {
        **admin.site.each_context(request),
        "title": context["record"].name,
        "is_whole": True,
        "here": reverse("admin:lead", args=[context["record"].lead.pk]),
        **context,
    }
    return render(request, "leads/inbox/lead.html", whole, status=status)


@require_POST
def act(request: StaffRequest, name: str) -> HttpResponse:
    """Does one thing to a lead, and leads back to where it was pressed.

    A form with an error comes back with what was typed, on the page of its lead.
    """
    _check(request, "leads.decide_inquiry" if name == "spam" else "leads.change_lead")
    now, number = timezone.now(), row_number(request.POST.get("lead")) or 0
    found = Lead.objects.select_related("contact__company", "owner").filter(pk=number).first()
    if found is None:
        messages.warning(request, "Nothing was selected, or it has been erased meanwhile.")
        return redirect(back(request))
    if press := forms.PRESSES.get(name):
        shown_leads = Shown.read(request.POST.getlist("seen"))
        return _told(request, press(found, request.user, now, shown_leads, "again" in request.POST))
    if name not in forms.FORMS:
        raise Http404("There is no such act.")
    try:
        with transaction.atomic():
            lock(found)
            form = forms.FORMS[name](request.POST, lead=found, user=request.user)
            if form.is_valid():
                return _told(request, form.act(now))
    except Gone:
        messages.warning(request, "Its person was erased meanwhile.")
        return redirect("admin:inbox")
    except ValidationError as error:
        form.refuse(error)
    return _page(request, _opened(request, str(found.pk), bound=form), status=422)


@require_POST
def done(request: StaffRequest, pk: int) -> HttpResponse:
    """Ticks a next step off."""
    _check(request, "leads.change_lead")
    step = NextStep.objects.filter(pk=pk).select_related("lead__contact").first()
    if step is None:
        return _told(request, Done(left_out=["A colleague has canceled it meanwhile."]))
    return _told(request, doing.complete_step(step, by=request.user, at=timezone.now()))


def _told(request: HttpRequest, done: Done) -> HttpResponse:
    tell(request, done)
    return redirect(back(request))


def _check(request: HttpRequest, permission: str) -> None:
    if not request.user.has_perm(permission):
        raise PermissionDenied
