"""What we know of people and companies. Each change leaves a line: what, from what, to what, who.

Every function holds the row until the transaction ends, and works on it as it is then.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import User
from desk.acts import UNDO_THAT_FIRST
from desk.models import Act
from leads.models import Activity, Change, Company, Contact
from leads.pipeline import companies
from leads.pipeline.history import display
from leads.pipeline.locking import Gone

# What can be changed, as the history calls it.
PERSONAL = {
    "name": "Name",
    "email": "Email",
    "company": "Company",
    "job_title": "Job title",
    "phone": "Phone",
    "timezone": "Time zone",
}
OF_A_COMPANY = {"name": "Name", "domain": "Domain"}
LABELS = PERSONAL | OF_A_COMPANY


def lock(row: Contact | Company) -> None:
    """Bring it up to date, and let nobody change it until the commit. Raises `Gone`."""
    rows: Any = type(row)._default_manager.select_for_update(of=("self",))
    try:
        row.refresh_from_db(from_queryset=rows)
    except type(row).DoesNotExist as error:
        raise Gone from error


@transaction.atomic
def revise_person(
    contact: Contact,
    details: Mapping[str, object],
    *,
    by: User | None,
    at: datetime,
    act: Act | None = None,
) -> Change | None:
    """Change some of PERSONAL; None when nothing changes.

    Raises `ValidationError` when another person has the email address.
    """
    lock(contact)
    try:
        with transaction.atomic():
            return _revise(contact, details, by=by, at=at, act=act)
    except IntegrityError as error:
        raise ValidationError({"email": "Another person has this address."}) from error


@transaction.atomic
def employ(
    contact: Contact, named: str, *, by: User | None, at: datetime, act: Act | None = None
) -> Change | None:
    """Change whom they work for, by the name of the company, which may be new; an empty one is
    none. None when nothing changes.
    """
    lock(contact)
    found = companies.called(named, domain=contact.domain)
    made = None if found else companies.make(named, domain=contact.domain)
    change = _revise(contact, {"company": found or made}, by=by, at=at, act=act)
    if change and made:
        change.before = {**(change.before or {}), "made": made.pk}
        change.save(update_fields=["before"])
    return change


@transaction.atomic
def revise_company(
    company: Company,
    details: Mapping[str, str],
    *,
    by: User | None,
    at: datetime,
    act: Act | None = None,
) -> Change | None:
    """Change some of OF_A_COMPANY; None when nothing changes.

    Raises `ValidationError` for what is no domain, and when another company has it, or the name.
    """
    lock(company)
    for name, value in details.items():
        setattr(company, name, value)
    company.full_clean()
    clean = {name: getattr(company, name) for name in details}
    company.refresh_from_db()
    return _revise(company, clean, by=by, at=at, act=act)


def put_back(change: Change, *, by: User, at: datetime) -> str | None:
    """Make it as it was before the change; a sentence when it is left as it is."""
    row = change.contact or change.company
    assert row
    try:
        lock(row)
    except Gone:
        return f"{row.name} was erased meanwhile."
    if sentence := _what_came_between(change, row, by):
        return f"{row.name} was not changed: {sentence}"
    earlier = dict(change.before or {})
    made = earlier.pop("made", None)
    if number := earlier.get("company"):
        earlier["company"] = Company.objects.filter(pk=number).first()
        if earlier["company"] is None:
            return f"{row.name} was not changed: the company from before is no longer here."
    try:
        with transaction.atomic():
            for field, value in earlier.items():
                setattr(row, field, value)
            row.save(update_fields=list(earlier))
    except IntegrityError:
        row.refresh_from_db()
        return f"{row.name} was not changed: another one has what was there before."
    _log(row, f"Taken back: {change.text}", by=by, at=at)
    Company.objects.filter(pk=made or 0, contacts=None).delete()  # 0 is no company's
    return None


def _what_came_between(change: Change, row: Contact | Company, by: User) -> str | None:
    for later in row.changes.filter(pk__gt=change.pk).select_related("by", "act"):
        if later.by is not None and later.by != by:
            return f"{later.by} has changed it since ({later.text})."
        is_done = later.act and later.act.undone_at is None
        if is_done and {*(later.before or {})} & {*(change.before or {})}:
            return f"you have changed it again since. {UNDO_THAT_FIRST}"
    if change.contact and (worked := _work_of_others(change.contact, change.at, by)):
        return f"{worked.by} has worked on it since ({worked.text})."
    return None


def _work_of_others(contact: Contact, since: datetime, by: User) -> Activity | None:
    lines = Activity.objects.filter(lead__contact=contact, at__gt=since, by__isnull=False)
    return lines.exclude(by=by).select_related("by").first()


def _revise(
    row: Contact | Company,
    details: Mapping[str, object],
    *,
    by: User | None,
    at: datetime,
    act: Act | None,
) -> Change | None:
    lines, earlier = [], {}
    for name, value in details.items():
        before = getattr(row, name)
        if value != before:
            lines.append(f"{LABELS[name]}: {display(before)} → {display(value)}")
            earlier[name] = before.pk if isinstance(before, Company) else before
            setattr(row, name, value)
    if not lines:
        return None
    row.save(update_fields=list(earlier))
    return _log(row, "\n".join(lines), by=by, at=at, act=act, before=earlier)


def _log(row: Contact | Company, text: str, **more: Any) -> Change:
    whose = "contact" if isinstance(row, Contact) else "company"
    return Change.objects.create(**{whose: row}, text=text, **more)
