"""Marking many leads as answered at once, and undoing it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.template.defaultfilters import pluralize
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from leads.models import Answer, Inquiry, Lead
from leads.pipeline import moves


@dataclass
class Done:
    """How many, and a sentence for each that was left unchanged."""

    count: int = 0
    left_out: list[str] = field(default_factory=list)
    lead: str = ""  # where the one lead is that all this was about


def answer_each(leads: Iterable[Lead], *, by: User, at: datetime, opened_at: datetime) -> Done:
    """Answered, all of them; but not what came, or what a colleague answered, meanwhile.

    `opened_at` is when the list was opened in which they were chosen.
    """
    done, gone = Done(), 0
    for lead in leads:
        name = lead.contact.name
        if lead.inquiries.waiting().filter(_came_after(opened_at)).exists():
            done.left_out.append(
                f"{name} has written again since you opened the list. Read that first."
            )
            continue
        try:
            written = moves.answer(lead, by=by, at=at)
        except moves.Gone:
            gone += 1
            continue
        if written:
            done.count += 1
        elif lead.is_open and (earlier := lead.answers.select_related("by").first()):
            done.left_out.append(
                f"{name} was already answered by {earlier.by or 'someone'}, "
                f"{moves.display(earlier.at)}. To add yours, open the lead."
            )
    if gone:
        done.left_out.append(f"{gone} lead{pluralize(gone)} had already been erased.")
    return done


def _came_after(moment: datetime) -> Q:
    """Sent, or marked as not spam, after that."""
    released = Q(verdict=Inquiry.Verdict.NOT_SPAM, notified_at__gt=moment)
    return Q(received_at__gt=moment) | released


@transaction.atomic
def undo_each(*, by: User, at: datetime | None) -> Done:
    """Take back what this person answered at that moment, but where a colleague has acted since."""
    done = Done()
    given = Answer.objects.filter(by=by, at=at).select_related("lead__contact") if at else []
    answers = list(given)
    for answer in answers:
        lead, name = answer.lead, answer.lead.contact.name
        try:
            moves.lock(lead)
        except moves.Gone:
            continue
        if later := moves.find_later_act(lead, than=answer.at, by=by):
            done.left_out.append(
                f"{name} was not changed: {later.by} has worked on it since then ({later.text})."
            )
        elif lead.answers.first() != answer or not lead.is_open:
            done.left_out.append(f"{name} was not changed: something has happened since.")
        elif moves.take_answer_back(lead, by=by, at=timezone.now()):
            done.count += 1
    if len(answers) == 1:
        done.lead = reverse("admin:leads_lead_change", args=[answers[0].lead_id])
    return done
