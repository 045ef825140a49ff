"""What narrows the lists of people, companies and inquiries."""

from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet

from leads.languages import names
from leads.lists.filters import ALL, Choice, Day, Filter, beginning, came_by
from leads.models import Company, Contact, Inquiry, Kind, Lead
from leads.standing import is_spammer
from mail.addresses import readable
from mail.domains import organization
from offices.models import Office

FOREIGN = "foreign"


def at(domain: str, otherwise: str) -> Q:
    """Those at an organization’s domain; where it is nobody’s, by what their column ends with."""
    address = readable(f"somebody@{domain}")
    if found := organization(address):
        return Q(domain=found)
    return Q(**{f"{otherwise}__iendswith": address.removeprefix("somebody@")})


class PersonFilter(Filter):
    standing = Choice(("", "Any"), ("open", "Has an open lead"), ("client", "Client"))
    domain = forms.CharField(required=False, max_length=253, label="Domain")

    def rows(self) -> QuerySet[Contact]:
        rows = Contact.objects.exclude(is_spammer("contact"))
        theirs = Lead.objects.filter(contact=OuterRef("pk"))
        match self.said("standing"):
            case "open":
                rows = rows.filter(Exists(theirs.work().open()))
            case "client":
                rows = rows.filter(Exists(theirs.won()))
        if domain := self.said("domain").strip().removeprefix("@"):
            rows = rows.filter(at(domain, "email"))
        return self.searched(rows)


class CompanyFilter(Filter):
    standing = Choice(("", "Any"), ("open", "Has an open lead"), ("client", "Client"))
    domain = forms.CharField(required=False, max_length=253, label="Domain")

    def rows(self) -> QuerySet[Company]:
        rows = Company.objects.exclude(is_spammer("contact__company"))
        theirs = Lead.objects.filter(contact__company=OuterRef("pk"))
        match self.said("standing"):
            case "open":
                rows = rows.filter(Exists(theirs.work().open()))
            case "client":
                rows = rows.filter(Exists(theirs.won()))
        if domain := self.said("domain").strip().removeprefix("@"):
            rows = rows.filter(at(domain, "domain"))
        return self.searched(rows)


class InquiryFilter(Filter):
    first = ("q", "state", "kind")

    state = Choice(
        ("", "No spam"), ("suspected", "Suspected spam"), ("doubtful", "May be spam"),
        ("not_spam", "Not spam"), ("spam", "Spam"), (ALL, "All"),
    )  # fmt: skip
    kind = Choice(("", "Any"), ("unsorted", "Not sorted yet"), *Kind.choices)
    language = Choice(("", "Any"), (FOREIGN, "Not in the site’s language"), *names.choices())
    office = Choice(("", "Any"))
    received_from = Day(label="Received from")
    received_to = Day(label="to")
    source = forms.CharField(
        required=False,
        max_length=253,
        label="Came by",
        help_text="A campaign, a site, or the address of an article.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offices = Office.objects.in_order().values_list("pk", "name")
        self.offer("office", [("", "Any"), *((str(pk), name) for pk, name in offices)])

    def rows(self) -> QuerySet[Inquiry]:
        rows = self._in_state(Inquiry.objects.all())
        match self.said("kind"):
            case "":
                pass
            case "unsorted":
                rows = rows.filter(sorted_as__isnull=True)
            case kind:
                rows = rows.filter(sorted_as__kind=kind)
        rows = self._in_language(rows)
        if office := self.said("office"):
            rows = rows.filter(office=office)
        if day := self.said("received_from"):
            rows = rows.filter(received_at__gte=beginning(day))
        if day := self.said("received_to"):
            rows = rows.filter(received_at__lt=beginning(day + timedelta(days=1)))
        if source := self.said("source").strip():
            rows = rows.filter(came_by(source))
        return self.searched(rows)

    def _in_language(self, rows: Any) -> Any:
        match self.said("language"):
            case "":
                return rows
            case "foreign":
                known = rows.filter(language__isnull=False)
                return known.exclude(language__in=["", names.site_language()])
        return rows.filter(language=self.said("language"))

    def _in_state(self, rows: Any) -> Any:
        match self.said("state"):
            case "suspected":
                return rows.suspected()
            case "spam":
                return rows.spam()
            case "all":
                return rows
            case "doubtful" | "not_spam" as verdict:
                return rows.not_spam().filter(verdict=verdict)
        return rows.not_spam().exclude(verdict=Inquiry.Verdict.SUSPECTED)
