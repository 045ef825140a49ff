"""What a lead repeats of its inquiries and answers, for lists to filter and sort by.

Every function works on leads that the caller holds (`locking`), however many, in a few queries.

That a lead's kind agrees with its inquiries is no constraint of the database. It is a fact of three
tables (which inquiries it has, their kinds, their marks), whose rows are written one after the
other; in between it does not hold, only at the commit. SQLite checks nothing at the commit, and a
trigger that wrote the kind itself would leave leads that are held in memory with an old one. So it
is written here and nowhere else, by everyone who adds, sorts, marks, moves or deletes an inquiry.
Nor is there a constraint that what is not work stands in no stage of the pipeline: what was
qualified and turns out to be a job application keeps its stage, to be there again if that is
undone. The pipeline asks for `work`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef

from leads.models import SPAM, Answer, Inquiry, Kind, Lead
from leads.pipeline.locking import write
from offices.models import Office
from offices.working_days import one_working_day_after

# How long an answer may take, where that is not one working day. A request about personal data has
# a month by Article 12(3) of the GDPR.
ANSWERED_WITHIN = {
    Kind.PRIVACY: timedelta(days=30),
    Kind.JOB: timedelta(days=14),
    Kind.VENDOR: timedelta(days=14),
    Kind.OTHER: timedelta(days=14),
}


@dataclass(frozen=True)
class Received:
    """What of an inquiry says how its lead stands."""

    pk: int
    received_at: datetime
    kind: str
    is_answered: bool

    @property
    def waits(self) -> bool:
        return self.kind != SPAM and not self.is_answered


def received(
    leads: Collection[Lead], *, leaving: Collection[int] = ()
) -> dict[int, list[Received]]:
    """The inquiries of each lead, the latest first, in one query."""
    through = Answer.inquiries.through._default_manager
    theirs = Inquiry.objects.filter(lead__in=[lead.pk for lead in leads]).exclude(pk__in=leaving)
    found: dict[int, list[Received]] = defaultdict(list)
    for number, pk, moment, mark, kind, is_answered in theirs.order_by(
        "-received_at", "-pk"
    ).values_list(
        "lead", "pk", "received_at", "spam_mark", "sorted_as__kind",
        Exists(through.filter(inquiry=OuterRef("pk"))),
    ):  # fmt: skip
        found[number].append(Received(pk, moment, SPAM if mark else kind or "", is_answered))
    return found


def meant(inquiries: Sequence[Received]) -> list[Received]:
    """Those that an act on their lead is about: what waits, or without any the latest no spam."""
    waiting = [one for one in inquiries if one.waits]
    return waiting or [one for one in inquiries if one.kind != SPAM][:1]


def due(received_at: datetime, kind: str, office: Office | None) -> datetime:
    """By when an inquiry of that moment is to be answered."""
    for one, period in ANSWERED_WITHIN.items():
        if kind == one:
            return received_at + period
    return one_working_day_after(received_at, office)


def wait_for_answer(lead: Lead, *, since: datetime, kind: str = "") -> None:
    """An inquiry of that moment waits for an answer on the lead."""
    wait_for_answers([(lead, since)], kind=kind)


def wait_for_answers(waiting: Iterable[tuple[Lead, datetime]], *, kind: str = "") -> None:
    """An inquiry of that moment waits for an answer on each lead."""
    leads = {}
    for lead, since in waiting:
        leads[lead.pk] = lead
        for name, value in while_waiting(lead, since=since, kind=kind).items():
            setattr(lead, name, value)
    write([*leads.values()], "respond_by", "responded_at", "kind")


def while_waiting(lead: Lead, *, since: datetime, kind: str = "") -> dict[str, Any]:
    """What the lead is to repeat once an inquiry of that moment waits on it."""
    by = due(since, kind, lead.office)
    if lead.is_waiting and lead.respond_by is not None:
        by = min(by, lead.respond_by)
    is_unsorted = not kind and lead.kind != Kind.WORK
    return {"respond_by": by, "responded_at": None, "kind": "" if is_unsorted else lead.kind}


def settle(lead: Lead, *, leaving: Collection[int] = ()) -> None:
    """Bring the lead in line with its inquiries, their kinds and its answers.

    Inquiries that are about to be deleted count as gone.
    """
    settle_all([lead], leaving=leaving)


def settle_all(leads: Collection[Lead], *, leaving: Collection[int] = ()) -> None:
    """Bring each lead in line: see `settle`."""
    answers: dict[int, list[tuple[datetime, bool]]] = defaultdict(list)
    given = Answer.objects.filter(lead__in=[lead.pk for lead in leads]).order_by("-at", "-pk")
    for number, at, was_needed in given.values_list("lead", "at", "was_needed"):
        answers[number].append((at, was_needed))
    inquiries, changed = received(leads, leaving=leaving), []
    for lead in leads:
        theirs, before = inquiries[lead.pk], _said(lead)
        given_to = answers[lead.pk]
        sent = [at for at, was_needed in given_to if was_needed]
        waits = any(one.waits for one in theirs)
        lead.first_responded_at = sent[-1] if sent else None
        lead.responded_at = given_to[0][0] if given_to and not waits else None
        lead.kind = kind_of([one.kind for one in theirs])
        if _said(lead) != before:
            changed.append(lead)
    write(changed, "responded_at", "first_responded_at", "kind")


def _said(lead: Lead) -> tuple[datetime | None, datetime | None, str]:
    return lead.responded_at, lead.first_responded_at, lead.kind


def kind_of(kinds: Sequence[str]) -> str:
    """Of a lead whose inquiries have these kinds, the latest first: work if any of them is, and
    otherwise that of the latest that is no spam. Empty while one that could be work is not sorted.
    """
    genuine = [kind for kind in kinds if kind != SPAM]
    if kinds and not genuine:
        return SPAM
    if Kind.WORK in genuine or not genuine:
        return Kind.WORK if Kind.WORK in genuine else ""
    return "" if "" in genuine else genuine[0]


def expect_all(leads: Collection[Lead]) -> None:
    """Expect each answer when the inquiries that wait call for it, each by its kind."""
    inquiries, changed = received(leads), []
    for lead in leads:
        waiting = [one for one in inquiries[lead.pk] if one.waits]
        moments = [due(one.received_at, one.kind, lead.office) for one in waiting]
        if moments and lead.respond_by != min(moments):
            lead.respond_by = min(moments)
            changed.append(lead)
    write(changed, "respond_by")
