"""Adding a lead by hand, after a call or an event: through the same door as every inquiry."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from desk.models import Act
from leads.acts.each import APP, Done
from leads.intake import receiving
from leads.models import ByHand, Inquiry, Lead
from leads.pipeline import locking
from mail.addresses import mailbox


def find_open_lead(email: str) -> Lead | None:
    """What an inquiry from this address would be added to."""
    theirs = Lead.objects.open().filter(contact__address=mailbox(email))
    return theirs.select_related("contact", "owner").first()


@transaction.atomic
def add(
    inquiry: Inquiry,
    way: ByHand.Way,
    *,
    phone: str = "",
    place: str = "",
    tells_sales: bool = False,
    tells_person: bool = False,
    by: User,
    at: datetime,
) -> Done:
    """Take in what somebody said, unsaved, and make `by` the owner of what nobody has.

    It waits for an answer as of now. The same words of the same person, added twice within a day,
    are one inquiry.
    """
    act = Act.objects.create(by=by, at=at, app=APP)
    before = find_open_lead(inquiry.email)
    inquiry.received_at = at
    kept = receiving.receive(
        inquiry,
        by_hand=ByHand(
            by=by, way=way, place=place, tells_sales=tells_sales, tells_person=tells_person
        ),
        act=act,
    )
    if kept is not inquiry or kept.lead_id is None:
        act.delete()
        return Done(left_out=[f"{kept.name} said the same before: it was not added again."])
    _take_over(act, before, phone, by)
    return Done(count=1, act=act)


def _take_over(act: Act, before: Lead | None, phone: str, by: User) -> None:
    """Fill in what nobody knows yet. The line of the history says what there was before."""
    line = act.activities.get()
    [lead] = locking.hold([line.lead_id])
    was = {**(line.before or {}), "owner": lead.owner_id, "phone": lead.contact.phone}
    if before:
        was["respond_by"] = before.respond_by.isoformat() if before.respond_by else None
    line.before = was
    line.save(update_fields=["before"])
    if lead.owner is None:
        lead.owner = by
        locking.write([lead], "owner")
    if phone and not lead.contact.phone:
        lead.contact.phone = phone
        lead.contact.save(update_fields=["phone"])
