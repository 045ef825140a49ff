"""The morning email: what is due today, to each in sales."""

from datetime import date, datetime, time
from typing import Any

from django.db import transaction
from django.template.defaultfilters import pluralize
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from leads.duty.absences import Absences, today
from leads.duty.due import Due, at_work, due_for
from leads.messages.daily import put_once
from leads.models import Inquiry, Lead, Morning, NextStep
from mail.header_text import one_line
from web.addresses import absolute

SENT_AT = time(8)  # in each person's time zone
MAX_LISTED = 50


def send_due(now: datetime) -> int:
    """Put today's email to each into the outbox, from eight on a day on which they work; how many
    are new.

    Repeatable, in any number of workers: each person's day is dealt with once, also where nothing
    was due. Whoever is away gets none: what is due goes to whoever covers.
    """
    absences, count = Absences.at(now), 0
    errors: list[Exception] = []
    for user in at_work(now, SENT_AT):
        try:
            count += _send(user, now, absences)
        except Exception as error:  # one that fails holds up no other; the next run tries again
            errors.append(error)
    if errors:
        raise errors[0]
    return count


@transaction.atomic
def _send(user: User, now: datetime, absences: Absences) -> bool:
    day = today(user, now)
    if absences.of(user) or not _take(user, day):
        return False
    due = due_for(user, now, absences)
    if not due:
        return False
    leads = {lead.pk for lead in due.answers} | {step.lead_id for step in due.steps}
    return put_once(
        f"morning {day:%Y-%m-%d} {user.pk}",
        to=user.email,
        subject=subject(due),
        template="morning",
        context=_context(user, due, now, absences),
        zone=user.zone,
        inquiries=Inquiry.objects.filter(lead__in=leads),
    )


def _take(user: User, day: date) -> bool:
    """Whether the day is still to be dealt with; then it is ours until the commit."""
    if Morning.objects.filter(user=user, day__gte=day).exists():
        return False
    _, is_new = Morning.objects.get_or_create(user=user, defaults={"day": day})
    return is_new or bool(Morning.objects.filter(user=user, day__lt=day).update(day=day))


def subject(due: Due) -> str:
    """“Due today: 2 answers and 1 next step”."""
    answers, steps = len(due.answers), len(due.steps)
    parts = [f"{answers} answer{pluralize(answers)}"] if answers else []
    parts += [f"{steps} next step{pluralize(steps)}"] if steps else []
    return f"Due today: {' and '.join(parts)}"


def _context(user: User, due: Due, now: datetime, absences: Absences) -> dict[str, Any]:
    with timezone.override(user.zone):
        return {
            "subject": subject(due),
            "covered": [absences.sentence(one) for one in due.whose if one != user],
            "answers": [_answer(lead, user, now) for lead in due.answers[:MAX_LISTED]],
            "steps": [_step(step, user, now) for step in due.steps[:MAX_LISTED]],
            "more_answers": max(len(due.answers) - MAX_LISTED, 0),
            "more_steps": max(len(due.steps) - MAX_LISTED, 0),
            "desk_url": absolute(reverse("admin:index")),
        }


def _answer(lead: Lead, user: User, now: datetime) -> dict[str, str]:
    due = timezone.localtime(lead.respond_by)
    is_today = due.date() == timezone.localdate(now)
    when = f"{due:%H:%M}" if is_today else f"{due:%a %-d %b, %H:%M}"
    is_late = lead.respond_by is not None and lead.respond_by < now
    said = f"{'overdue since' if is_late else 'by'} {when}"
    return _shown(lead, said, lead.owner, user)


def _step(step: NextStep, user: User, now: datetime) -> dict[str, str]:
    is_late = step.due_on < timezone.localdate(now)
    when = f"overdue since {step.due_on:%a %-d %b}" if is_late else "today"
    return _shown(step.lead, f"{one_line(step.text)} ({when})", step.owner or step.lead.owner, user)


def _shown(lead: Lead, what: str, whose: User | None, user: User) -> dict[str, str]:
    company = lead.contact.company
    return {
        "name": one_line(lead.contact.name),
        "company": one_line(company.name) if company else "",
        "what": what,
        "whose": "" if whose == user else f"for {whose}",
        "url": absolute(lead.get_absolute_url()),
    }
