"""Who is writing about a lead at this moment, for colleagues who are about to do so as well.

A row says it, and until when; a page with a note form that has the focus puts that off three times
a minute. An answer is written in a mail program, of which we know when it was opened.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Subquery
from django.db.models.fields.json import JSONField
from django.db.models.functions import JSONObject
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.models import User
from accounts.requests import StaffRequest
from leads.inbox import times
from leads.models import Lead, Opened

SHOWN_FOR = {
    Opened.Writing.NOTE: timedelta(minutes=1),
    Opened.Writing.ANSWER: timedelta(minutes=20),
}


@dataclass(frozen=True)
class Writing:
    """Who writes."""

    name: str
    email: str
    sentence: str

    @classmethod
    def of(cls, lead: Any) -> "Writing | None":
        """Of a lead with what is `of_others`; an answer that is given is none any more."""
        said = lead.writing
        is_answer = bool(said and said["writing"] == Opened.Writing.ANSWER)
        if not said or (is_answer and not lead.is_waiting):
            return None
        name = User(name=said["name"]).get_short_name()
        since = times.moment(said["since"])
        at = f"{timezone.localtime(since):%H:%M}" if since else ""
        what = f"began an answer at {at}" if is_answer else f"is writing a note, since {at}"
        return cls(name, said["email"], f"{name} {what}")


def begin(lead: Lead, what: str, *, by: User, at: datetime) -> None:
    """Write down that someone writes, or still does."""
    writing = Opened.Writing(what)
    known = Opened.objects.filter(lead=lead, by=by, writing=writing, writing_until__gt=at)
    since = known.values_list("writing_since", flat=True).first() or at
    Opened.objects.bulk_create(
        [
            Opened(
                lead=lead, by=by, at=at,
                writing=writing, writing_since=since, writing_until=at + SHOWN_FOR[writing],
            )
        ],
        update_conflicts=True,
        unique_fields=["lead", "by"],
        update_fields=["at", "writing", "writing_since", "writing_until"],
    )  # fmt: skip


def of_others(user: User, now: datetime) -> Subquery:
    """Of a lead: the colleague who writes about it, what, and since when; the latest."""
    theirs = Opened.objects.filter(lead=OuterRef("pk"), writing_until__gt=now).exclude(by=user)
    said = JSONObject(name="by__name", email="by__email", writing="writing", since="writing_since")
    return Subquery(
        theirs.order_by("-writing_since").values(said=said)[:1], output_field=JSONField()
    )


@require_POST
def page(request: StaffRequest, pk: int) -> HttpResponse:
    """Takes down that the person writes about a lead; says who else does, as a piece of HTML."""
    if not request.user.has_perm("leads.change_lead"):
        raise PermissionDenied
    what, now = request.POST.get("writing", ""), timezone.now()
    if what not in Opened.Writing.values:
        raise Http404("Nobody can write that.")
    leads = Lead.objects.annotate(writing=of_others(request.user, now))
    lead = get_object_or_404(leads, pk=pk)
    begin(lead, what, by=request.user, at=now)
    return render(request, "leads/inbox/_writing.html", {"writing": Writing.of(lead)})
