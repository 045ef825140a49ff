"""Emails to colleagues that somebody's act causes: a lead is theirs now, a note names them."""

import re
from collections.abc import Collection, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.models import User
from accounts.roles import SALES
from desk.models import Act
from leads.duty.absences import Absences
from leads.models import Activity, ColleagueEmail, Lead
from mail import outbox
from mail.header_text import one_line
from mail.rendering import render_html
from prose.text import folded
from web.addresses import absolute

# How many leads an email lists; it says how many more there are.
MAX_LISTED = 20
# At the start of a word, so that an address is nobody's name.
_NAME = re.compile(r"(?<![\w@.])@([\w.'’-]*\w)")


def named_in(text: str) -> list[User]:
    """The colleagues whom a note names: @ and a first name, a full name without spaces, or what
    comes before the @ of their address, in any case, with or without accents.

    Raises `ValidationError` for a name that nobody in sales has, or more than one.
    """
    names = dict.fromkeys(folded(name) for name in _NAME.findall(text))
    if not names:
        return []
    everyone = list(User.objects.with_role(SALES).distinct())
    found: list[User] = []
    for name in names:
        meant = [one for one in everyone if name in names_of(one)]
        if not meant:
            known = ", ".join(f"@{one.get_short_name()}" for one in everyone)
            said = f"Nobody in sales is called @{name}. There are {known}."
            raise ValidationError({"note": said})
        if len(meant) > 1:
            choice = " or ".join(f"@{one.name.replace(' ', '')}" for one in meant)
            raise ValidationError({"note": f"More than one is called @{name}: write {choice}."})
        found += [one for one in meant if one not in found]
    return found


def names_of(user: User) -> set[str]:
    """What a note may call them."""
    local = user.email.partition("@")[0]
    return {folded(name) for name in (user.get_short_name(), user.name.replace(" ", ""), local)}


def tell_new_owner(owner: User, leads: Sequence[Lead], *, by: User, act: Act) -> list[str]:
    """One email about all that a colleague has given them; while they are away, to whoever covers.
    Says in a sentence that they are away.
    """
    absences = Absences.at(act.at)
    to, sentence = absences.stand_in(owner) or owner, absences.sentence(owner)
    names = [one_line(lead.contact.name) for lead in leads]
    whose = "yours" if to == owner else f"{owner}’s"
    what = names[0] if len(names) == 1 else f"{len(names)} leads"
    whom = "me" if to == owner else owner.pk
    subject = f"{what} {'is' if len(names) == 1 else 'are'} {whose} now"
    context = {
        "by": by,
        "owner": owner,
        "absent": sentence if to != owner else "",
        "leads": _shown(leads, to),
        "left_out": len(leads) - MAX_LISTED,
        "all_url": absolute(reverse("admin:pipeline", query={"owner": whom})),
    }
    if to != by:
        _put("assigned", to, subject, context, leads, act=act)
    return [f"{sentence}."] if sentence else []


def tell_of_note(named: Collection[User], note: Activity, *, by: User, act: Act) -> None:
    """The note, to each colleague that it names, and to whoever covers for them while they are
    away; but not to its author.
    """
    lead, absences = note.lead, Absences.at(act.at)
    name = one_line(lead.contact.name)
    told = {user.pk: (user, user) for user in named}
    for user in list(named):
        if stand_in := absences.stand_in(user):
            told.setdefault(stand_in.pk, (stand_in, user))
    for to, user in told.values():
        if to == by:
            continue
        whom = "you" if to == user else str(user)
        context = {
            "by": by,
            "whom": whom,
            "absent": absences.sentence(user) if to != user else "",
            "note": note.text,
            "leads": _shown([lead], to),
        }
        _put("mentioned", to, f"{by} mentioned {whom}: {name}", context, [lead], act=act)


def _shown(leads: Sequence[Lead], to: User) -> list[dict[str, str]]:
    """With moments in the time zone of whom it is for."""
    return [
        {
            "name": one_line(lead.contact.name),
            "company": one_line(lead.contact.company.name) if lead.contact.company else "",
            "about": _about(lead, to),
            "url": absolute(lead.get_absolute_url()),
        }
        for lead in leads[:MAX_LISTED]
    ]


def _about(lead: Lead, to: User) -> str:
    """“New, answer by Tue 1 Dec, 10:00”, “Proposal sent, 48,000 EUR”."""
    parts = [lead.get_stage_display(), lead.amount]
    if lead.is_waiting and lead.respond_by:
        parts.append(f"answer by {lead.respond_by.astimezone(to.zone):%a %-d %b, %H:%M}")
    return ", ".join(filter(None, parts))


def _put(
    template: str,
    to: User,
    subject: str,
    context: dict[str, Any],
    leads: Sequence[Lead],
    *,
    act: Act,
) -> None:
    message = outbox.put(
        key=f"act {act.pk} {template} {to.pk}",
        to=to.email,
        subject=subject,
        text=render_to_string(f"leads/mail/{template}.txt", context),
        html=render_html(f"leads/mail/{template}.html", context),
        headers={"Auto-Submitted": "auto-generated"},
        hold=Act.EMAILS_AFTER,
    )
    email, is_new = ColleagueEmail.objects.get_or_create(message=message, defaults={"act": act})
    if is_new:
        email.leads.set(leads)
