"""What can be changed on the pages of a person and of a company."""

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import User
from desk import zones
from desk.facts import FactForm
from leads.acts import doing, revising
from leads.acts.each import Done
from leads.models import Company, Contact, Lead
from mail.addresses import AddressFormField
from mail.header_text import one_line


class PersonForm(FactForm):
    """Changes what we know of a person, whom the caller holds: a fact of `details.PERSONAL`."""

    def __init__(self, *args: Any, row: Contact, user: User, **kwargs: Any) -> None:
        self.row, self.user = row, user
        super().__init__(*args, **kwargs)

    def facts(self) -> dict[str, Any]:
        return {self.key: getattr(self.row, self.key)}

    def act(self, at: datetime) -> Done:
        changes = {self.key: self.cleaned_data[self.key]}
        return revising.revise_person(self.row, changes, by=self.user, at=at)


class NameForm(PersonForm):
    key = "name"
    name = forms.CharField(max_length=120, label="Name")

    def clean_name(self) -> str:
        name = one_line(self.cleaned_data["name"])
        if not name:
            raise ValidationError("Write a name.")
        return name


class EmailForm(PersonForm):
    key = "email"
    email = AddressFormField(label="Email")


class EmployerForm(PersonForm):
    key = "company"
    company = forms.CharField(
        required=False,
        max_length=160,
        label="Company",
        help_text="One that is not known yet is added.",
    )

    def facts(self) -> dict[str, Any]:
        return {"company": self.row.company.name if self.row.company else ""}

    def act(self, at: datetime) -> Done:
        return revising.employ(self.row, self.cleaned_data["company"], by=self.user, at=at)


class JobTitleForm(PersonForm):
    key = "job_title"
    job_title = forms.CharField(required=False, max_length=120, label="Job title")


class PhoneForm(PersonForm):
    key = "phone"
    phone = forms.CharField(
        required=False, max_length=40, label="Phone", widget=forms.TextInput({"type": "tel"})
    )


class ZoneForm(PersonForm):
    key = "timezone"
    timezone = forms.CharField(
        required=False,
        max_length=64,
        label="Time zone, or a city that has one",
        widget=forms.TextInput({"placeholder": "Europe/Copenhagen"}),
    )

    def clean_timezone(self) -> str:
        return zones.find(self.cleaned_data["timezone"])


class NoteForm(PersonForm):
    """Adds a note to their open lead, or without one to the latest."""

    key, verb = "note", "Add note"
    note = forms.CharField(
        label="Note. @name emails a colleague",
        max_length=20_000,
        widget=forms.Textarea({"rows": 4}),
    )

    def facts(self) -> dict[str, Any]:
        return {}

    def act(self, at: datetime) -> Done:
        lead = Lead.objects.filter(contact=self.row).order_by("-opened_at", "-pk").first()
        if lead is None:
            return Done(left_out=["There is no lead to add a note to."])
        return doing.note(lead, self.cleaned_data["note"], by=self.user, at=at)


class CompanyForm(FactForm):
    """Changes what we know of a company, which the caller holds."""

    def __init__(self, *args: Any, row: Company, user: User, **kwargs: Any) -> None:
        self.row, self.user = row, user
        super().__init__(*args, **kwargs)

    def facts(self) -> dict[str, Any]:
        return {self.key: getattr(self.row, self.key)}

    def act(self, at: datetime) -> Done:
        changes = {self.key: self.cleaned_data[self.key]}
        return revising.revise_company(self.row, changes, by=self.user, at=at)


class CompanyNameForm(CompanyForm):
    key = "name"
    name = forms.CharField(max_length=160, label="Name")


class DomainForm(CompanyForm):
    key = "domain"
    domain = forms.CharField(
        required=False,
        max_length=253,
        label="Domain",
        help_text="Whoever has an address there is a colleague: example.com",
    )


OF_A_PERSON = {
    form.key: form
    for form in (NameForm, EmailForm, EmployerForm, JobTitleForm, PhoneForm, ZoneForm, NoteForm)
}
OF_A_COMPANY = {form.key: form for form in (CompanyNameForm, DomainForm)}
