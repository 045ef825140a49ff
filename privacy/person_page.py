"""Where all that is stored about a person is looked up, saved to a file and erased.

Everything is asked by POST: an address in a URL would stay in logs and in the browser's history.
"""

from collections.abc import Iterable, Mapping

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts.confirming import confirmed
from accounts.requests import StaffRequest
from desk import audit
from desk.audit import Kind
from mail.addresses import MAX_LENGTH, mailbox
from mail.header_text import one_line
from privacy import collecting, erasing, records
from privacy.models import Erasure, Hold

MAX_AT_ONCE = 20
MAX_SUGGESTIONS = 50


def page(request: StaffRequest) -> HttpResponseBase:
    """The search, and what is stored. Who saves or erases it says once more who they are."""
    return confirmed(
        _page, when=lambda request: request.POST.get("do") in ("save", "save-page", "erase")
    )(request)


def _page(request: StaffRequest) -> HttpResponse:
    """The search; and once there are addresses, what is stored about who writes from them."""
    if not request.user.has_perm("privacy.add_erasure"):
        raise PermissionDenied
    addresses = request.POST.getlist("address")
    sought = request.POST.get("sought", "").replace("\x00", "").strip()[:MAX_LENGTH]
    if addresses or "@" in sought or "＠" in sought:
        return stored(request, addresses or [sought]) or redirect("admin:privacy_erasure_add")
    suggestions = collecting.suggestions(sought) if sought else []
    context = {
        "sought": sought,
        "suggestions": suggestions[:MAX_SUGGESTIONS],
        "left_out": len(suggestions[MAX_SUGGESTIONS:]),
    }
    return _render(request, "Look up a person", "search", context)


def stored(request: StaffRequest, addresses: Iterable[str]) -> HttpResponse | None:
    """What is stored about who writes from these addresses. None, with an error, if there are
    none or too many."""
    mailboxes = {mailbox(address.replace("\x00", "")) for address in addresses} - {""}
    if not mailboxes:
        messages.error(request, "Enter a full email address, such as name@example.com, or a name.")
        return None
    if len(mailboxes) > MAX_AT_ONCE:
        messages.error(request, f"Choose at most {MAX_AT_ONCE} people at a time.")
        return None
    found = collecting.collect(mailboxes)
    match request.POST.get("do"):
        case "save":
            return _file(request, records.as_file(found), "json", "application/json")
        case "save-page":
            return _file(request, records.as_page(found), "html", "text/html; charset=utf-8")
        case "keep" | "stop-keeping" as wish:
            _keep(request, found, is_kept=wish == "keep")
            found = collecting.collect(mailboxes)
        case "erase":
            if receipt := _erased(request, found):
                messages.success(request, f"Erased: {receipt.deleted}.")
                return redirect("admin:privacy_erasure_change", receipt.pk)
            messages.warning(
                request,
                "Nothing was erased, because what is stored has changed since you opened this "
                "page. Check the list below and try again.",
            )
    subjects = {
        subject: [(group, list(records.as_lines(group))) for group in groups]
        for subject, groups in found.subjects.items()
    }
    context = {"stored": found, "subjects": subjects, "mailboxes": sorted(mailboxes)}
    context["holds"] = erasing.holds(found)
    context["near"] = collecting.near_matches(found.person)
    return _render(request, "What is stored about a person", "stored", context)


def _erased(request: StaffRequest, found: collecting.Stored) -> Erasure | None:
    if not found.changes or request.POST.get("stamp") != found.stamp:
        return None
    try:
        return erasing.erase(found, by=request.user)
    except (erasing.ChangedMeanwhile, erasing.Held):
        return None


def _keep(request: StaffRequest, found: collecting.Stored, *, is_kept: bool) -> None:
    """Mark the person as one whose rows no rule deletes; or no longer."""
    if not is_kept:
        if not request.user.has_perm("privacy.delete_hold"):
            raise PermissionDenied
        Hold.objects.filter(mailbox__in=found.person.addresses).delete()
        return
    if not request.user.has_perm("privacy.add_hold"):
        raise PermissionDenied
    why = one_line(request.POST.get("why", ""))[:250]
    if not why:
        messages.error(request, "Say why the person must be kept.")
        return
    for one in sorted(found.person.addresses):
        Hold.objects.get_or_create(mailbox=one, defaults={"why": why, "by": request.user})


def _file(request: StaffRequest, text: str, ending: str, content_type: str) -> HttpResponse:
    audit.record(Kind.EXPORT, records.EXPORTED, by=request.user)
    name = f"personal-data-{timezone.localdate():%Y-%m-%d}.{ending}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(text, content_type=content_type, headers=headers)


def _render(
    request: StaffRequest, title: str, template: str, context: Mapping[str, object]
) -> HttpResponse:
    page_context = {**admin.site.each_context(request), "title": title, "opts": Erasure._meta}
    return render(request, f"admin/privacy/erasure/{template}.html", {**page_context, **context})
