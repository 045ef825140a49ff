"""What people in sales change about people and companies, each taken back by `details.put_back`."""

from collections.abc import Callable, Mapping
from datetime import datetime

from accounts.models import User
from desk.models import Act
from leads.acts.each import Done, do
from leads.models import Change, Company, Contact
from leads.pipeline import details
from leads.pipeline.locking import Gone


def revise_person(
    contact: Contact, changes: Mapping[str, object], *, by: User, at: datetime
) -> Done:
    """Change some of `details.PERSONAL`."""
    return _revise(
        lambda act: details.revise_person(contact, changes, by=by, at=at, act=act), by=by, at=at
    )


def employ(contact: Contact, named: str, *, by: User, at: datetime) -> Done:
    """Say which company they work for; one that nobody knows by that name is made."""
    return _revise(lambda act: details.employ(contact, named, by=by, at=at, act=act), by=by, at=at)


def revise_company(company: Company, changes: Mapping[str, str], *, by: User, at: datetime) -> Done:
    """Change some of `details.OF_A_COMPANY`."""
    return _revise(
        lambda act: details.revise_company(company, changes, by=by, at=at, act=act), by=by, at=at
    )


def _revise(one: Callable[[Act], Change | None], *, by: User, at: datetime) -> Done:
    def change(rows: list[None], act: Act, said: Done) -> list[Change]:
        try:
            if done := one(act):
                return [done]
            said.left_out.append("Nothing has changed.")
        except Gone:
            said.left_out.append("1 record had already been erased.")
        return []

    return do([], change, by=by, at=at)
