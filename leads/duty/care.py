"""Who has a lead, who deals with it now, and whom an email about it goes to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from accounts.models import User
from leads.duty.absences import Absences, until
from leads.duty.staff import in_sales
from leads.duty.turns import Turns, takes
from leads.models import Absence, Activity, Duty, Lead, Recipient
from leads.pipeline import locking
from leads.pipeline.history import line, log_all


@dataclass(frozen=True)
class Care:
    """Of one lead, at the moment of an email about it."""

    recipients: Sequence[str]  # empty only while nobody at all is named
    owner: User | None = None
    former: User | None = None  # had it, and is no longer in sales
    absence: Absence | None = None  # the owner's
    stand_in: User | None = None  # the owner, or who covers
    because: str = ""  # why it is the owner's since just now

    def told(self, recipient: str) -> str:
        """Who has it, in words for one recipient."""
        if self.owner is None:
            if self.former:
                return f"Nobody has it: {self.former} is no longer in sales."
            return "Nobody has it yet."
        if self.absence:
            covers = "You cover" if self.stand_in else "Nobody covers"
            return f"{self.owner} has it and is {until(self.absence)}. {covers}."
        if self.owner.email.casefold() == recipient.casefold():
            return f"You have it: {self.because}." if self.because else "You have it."
        return f"{self.owner} has it."


def care_of(lead: Lead, *, at: datetime) -> Care:
    """As it is: to the owner, or whoever covers; where nobody does, to those on duty for its
    office, or else to all recipients.
    """
    return Carers(at).care_of(lead)


@dataclass(frozen=True)
class Unsettled:
    """A lead that an inquiry has come to, and what decides whose it is if it is nobody's."""

    lead: int
    won_by: User | None  # an earlier lead of the person
    may_give: bool


def settle_owners(unsettled: Sequence[Unsettled], *, at: datetime) -> list[Care]:
    """The same of each, after an owner was found for those that are nobody's: whoever won the
    person's earlier lead, or else, if one `may_give` it, whoever's turn it is of those on duty.

    Call it in the transaction in which the emails are written, with the inquiries and the people
    held: it holds the leads, and those on duty.
    """
    held = Lead.objects.select_for_update(of=("self",), no_key=True).order_by("pk")
    numbers = {one.lead for one in unsettled}
    leads = {
        lead.pk: lead for lead in held.select_related("owner", "office").filter(pk__in=numbers)
    }
    carers = Carers(at)
    cares = [carers.settle(leads[one.lead], one) for one in unsettled]
    carers.save()
    return cares


class Carers:
    """Who deals with leads at one moment: asked once, however many leads there are."""

    def __init__(self, at: datetime) -> None:
        self.at, self.absences = at, Absences.at(at)
        self.given: list[tuple[Lead, Activity]] = []

    @cached_property
    def in_sales(self) -> dict[int, User]:
        return {user.pk: user for user in in_sales()}

    @cached_property
    def on_duty(self) -> list[Duty]:
        return list(Duty.objects.on().select_related("user").order_by("pk"))

    @cached_property
    def turns(self) -> Turns:
        return Turns(self.absences, self.in_sales)

    @cached_property
    def everyone(self) -> list[str]:
        return Recipient.objects.addresses()

    def care_of(self, lead: Lead) -> Care:
        return self._care(lead, self._owner(lead))

    def settle(self, lead: Lead, about: Unsettled) -> Care:
        """Of a lead that is held. What is decided is written by `save`."""
        owner = self._owner(lead)
        if owner or not lead.is_open:
            return self._care(lead, owner)
        if about.won_by and about.won_by.pk in self.in_sales:
            self._give(lead, about.won_by, "won their earlier lead")
            return self._care(lead, about.won_by, because="you won their earlier lead")
        # Without anybody on duty nobody's turn is asked for, and nobody waits for it.
        if about.may_give and self.on_duty and (next_one := self.turns.take(lead.office)):
            self._give(lead, next_one, "on duty")
            return self._care(lead, next_one, because="it was your turn")
        return self._care(lead, None)

    def save(self) -> None:
        if self.given:
            locking.write([lead for lead, _ in self.given], "owner")
            log_all(written for _, written in self.given)
            if "turns" in self.__dict__:
                self.turns.save()

    def _give(self, lead: Lead, owner: User, why: str) -> None:
        before, text = {"owner": lead.owner_id}, f"Assigned to {owner}: {why}"
        lead.owner = owner
        written = line(lead, Activity.Kind.OWNER, text, by=None, at=self.at, before=before)
        self.given.append((lead, written))

    def _owner(self, lead: Lead) -> User | None:
        """None where they are no longer in sales."""
        return self.in_sales.get(lead.owner_id) if lead.owner_id else None

    def _care(self, lead: Lead, owner: User | None, *, because: str = "") -> Care:
        former = lead.owner if lead.owner_id and owner is None else None
        stand_in = self.absences.stand_in(owner)
        if stand_in and stand_in != owner and stand_in.pk not in self.in_sales:
            stand_in = None
        if stand_in:
            recipients = [stand_in.email]
        else:
            present = {
                row.user_id for row in self.on_duty if takes(row, lead.office, self.absences)
            }
            here = [user.email for key, user in self.in_sales.items() if key in present]
            recipients = here or self.everyone
        absence = self.absences.of(owner)
        return Care(recipients, owner, former, absence, stand_in, because)
