"""The pages of a person and of a company, and the addresses of what is changed there."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.requests import StaffRequest
from desk.bulk import tell
from desk.facts import FactForm
from leads.acts.each import Done
from leads.directory import forms
from leads.directory.pages import Firm, Person
from leads.inbox.paging import Place
from leads.models import Company, Contact
from leads.pipeline import details
from leads.pipeline.locking import Gone


@require_GET
def person(request: StaffRequest, pk: int) -> HttpResponse:
    """Everything about one person."""
    _check(request, "leads.view_contact")
    contact = Contact.objects.select_related("company").filter(pk=pk).first()
    return _person(request, contact) if contact else _no_longer_here(request, "person", "people")


@require_POST
def change_person(request: StaffRequest, pk: int, key: str) -> HttpResponse:
    """Changes one fact, or adds a note."""
    _check(request, "leads.change_lead" if key == "note" else "leads.change_contact")
    contact = Contact.objects.select_related("company").filter(pk=pk).first()
    if contact is None:
        return _no_longer_here(request, "person", "people")
    return _change(request, contact, forms.OF_A_PERSON.get(key))


@require_GET
def company(request: StaffRequest, pk: int) -> HttpResponse:
    """Everything about one company."""
    _check(request, "leads.view_company")
    found = Company.objects.filter(pk=pk).first()
    return _company(request, found) if found else _no_longer_here(request, "company", "companies")


@require_POST
def change_company(request: StaffRequest, pk: int, key: str) -> HttpResponse:
    """Changes one fact."""
    _check(request, "leads.change_company")
    found = Company.objects.filter(pk=pk).first()
    if found is None:
        return _no_longer_here(request, "company", "companies")
    return _change(request, found, forms.OF_A_COMPANY.get(key))


def _person(request: StaffRequest, contact: Contact, bound: FactForm | None = None) -> HttpResponse:
    shown = Person(contact, timezone.now())
    place = Place.read(request.GET.get("before", ""))
    user = request.user
    context = {
        "person": shown,
        "contact": contact,
        "title": contact.name,
        "here": reverse("admin:person", args=[pk := contact.pk]),
        "change": "admin:change_person",
        "history": shown.history(place) if user.has_perm("leads.view_inquiry") else None,
        "may_see_leads": user.has_perm("leads.view_lead"),
        "may_change": user.has_perm("leads.change_contact"),
        "may_note": user.has_perm("leads.change_lead") and bool(shown.leads),
        "may_erase": user.has_perm("privacy.add_erasure"),
        **_forms(forms.OF_A_PERSON, contact, user, bound),
        "pk": pk,
    }
    return _render(request, "person", context, bound)


def _company(request: StaffRequest, found: Company, bound: FactForm | None = None) -> HttpResponse:
    shown, user = Firm(found, timezone.now()), request.user
    place = Place.read(request.GET.get("before", ""))
    lines, more_leads = shown.leads(request.GET.get("leads", ""))
    people, more_people = shown.persons(request.GET.get("people", ""))
    context = {
        "firm": shown,
        "company": found,
        "title": found.name,
        "here": reverse("admin:company", args=[found.pk]),
        "change": "admin:change_company",
        "history": shown.history(place) if user.has_perm("leads.view_inquiry") else None,
        "leads": lines,
        "more_leads": more_leads,
        "people": people,
        "more_people": more_people,
        "may_see_leads": user.has_perm("leads.view_lead"),
        "may_change": user.has_perm("leads.change_company"),
        **_forms(forms.OF_A_COMPANY, found, user, bound),
        "pk": found.pk,
    }
    return _render(request, "company", context, bound)


def _forms(kinds: Any, row: Any, user: Any, bound: FactForm | None) -> dict[str, Any]:
    made = {key: form(row=row, user=user) for key, form in kinds.items()}
    if bound:
        made[bound.key] = bound
    return {"forms": made, "wrong": bound.key if bound else ""}


def _render(
    request: StaffRequest, name: str, context: dict[str, Any], bound: FactForm | None
) -> HttpResponse:
    whole = {**admin.site.each_context(request), "is_whole": True, **context}
    return render(request, f"leads/directory/{name}.html", whole, status=422 if bound else 200)


def _change(request: StaffRequest, row: Contact | Company, kind: Any) -> HttpResponse:
    """One fact, of a row that is held from the comparison with what the page showed."""
    if kind is None:
        raise Http404("There is no such fact.")
    form = None
    try:
        with transaction.atomic():
            details.lock(row)
            form = kind(request.POST, row=row, user=request.user)
            if form.is_valid():
                return _told(request, row, form.act(timezone.now()))
    except Gone:
        return _told(request, row, Done())
    except ValidationError as error:
        assert form
        form.refuse(error)
    row.refresh_from_db()
    return _person(request, row, form) if isinstance(row, Contact) else _company(request, row, form)


def _told(request: HttpRequest, row: Contact | Company, done: Done) -> HttpResponse:
    tell(request, done)
    return redirect("admin:person" if isinstance(row, Contact) else "admin:company", row.pk)


def _no_longer_here(request: HttpRequest, what: str, list_: str) -> HttpResponse:
    messages.warning(request, f"This {what} is no longer here. It may have been erased.")
    return redirect(f"admin:{list_}")


def _check(request: HttpRequest, permission: str) -> None:
    if not request.user.has_perm(permission):
        raise PermissionDenied
