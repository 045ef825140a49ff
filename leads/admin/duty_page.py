"""Who is on duty and who is away: everybody sets their own, administrators anybody's."""

from datetime import date, timedelta
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.models import User
from accounts.requests import StaffRequest
from desk.moments import DayInput, refuse_far_years, refuse_past_day
from leads.duty import absences, turns
from leads.duty.absences import Absences
from leads.duty.staff import in_sales
from leads.models import Absence, Duty
from offices.models import Office

UNDOABLE_FOR = timedelta(hours=1)
OWN, ANYONES = "leads.view_duty", "leads.change_duty"


class DutyForm(forms.Form):
    """Puts someone on duty."""

    user = forms.ModelChoiceField(User.objects.none(), label="Who")
    office = forms.ModelChoiceField(
        Office.objects.none(), required=False, label="For", empty_label="Every office"
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = "duty-%s"
        choose(self, by)
        cast("Any", self.fields["office"]).queryset = Office.objects.in_order()


class AbsenceForm(forms.ModelForm[Absence]):
    first_day = forms.DateField(widget=DayInput, validators=[refuse_far_years])
    last_day = forms.DateField(widget=DayInput, validators=[refuse_far_years, refuse_past_day])

    class Meta:
        model = Absence
        fields = ["user", "first_day", "last_day", "cover"]
        labels = {"user": "Who"}

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = "absence-%s"
        choose(self, by)
        cover = cast("Any", self.fields["cover"])
        cover.queryset, cover.empty_label = in_sales(), "Nobody"
        if not by.has_perm(ANYONES):
            cover.queryset = in_sales().exclude(pk=by.pk)


def choose(form: forms.BaseForm, by: User) -> None:
    """Anyone in sales, if that may be chosen; or else oneself."""
    field = cast("Any", form.fields["user"])
    field.queryset = in_sales() if by.has_perm(ANYONES) else User.objects.filter(pk=by.pk)
    field.initial, field.empty_label = by.pk, None
    if not by.has_perm(ANYONES):
        field.widget = forms.HiddenInput()
        own = "You can only do this for yourself."
        field.error_messages |= {"invalid_choice": own, "required": own}


def page(
    request: StaffRequest, *, duty: DutyForm | None = None, absence: AbsenceForm | None = None
) -> HttpResponse:
    if not request.user.has_perm(OWN):
        raise PermissionDenied
    now = timezone.now()
    away = Absences.at(now)
    on = Duty.objects.on().select_related("user", "office").filter(user__in=in_sales())
    rows = [(row, away.sentence(row.user)) for row in on.order_by("turn", "pk")]
    context = {
        **admin.site.each_context(request),
        "title": "Duty and absence",
        "duties": [(row, sentence, _may(request, row.user)) for row, sentence in rows],
        "absences": [
            (one, absences.is_away(one, now), _may(request, one.user))
            for one in Absence.objects.ahead()
        ],
        "duty_form": duty or DutyForm(by=request.user),
        "absence_form": absence or AbsenceForm(by=request.user),
        "ended": _ended(request),
    }
    return render(request, "admin/leads/duty.html", context)


@require_POST
def switch(request: StaffRequest) -> HttpResponse:
    """Puts someone on duty, or takes them off."""
    form = DutyForm(request.POST, by=request.user)
    if not request.user.has_perm(OWN):
        raise PermissionDenied
    if not form.is_valid():
        return page(request, duty=form)
    user, office = form.cleaned_data["user"], form.cleaned_data["office"]
    is_on = "off" not in request.POST
    where = office or "every office"
    state = "on duty" if is_on else "off duty"
    if turns.switch(user, office, is_on=is_on, by=request.user, at=timezone.now()):
        messages.success(request, f"{user} is {state} for {where}.")
    else:
        messages.info(request, f"{user} was {state} for {where} already.")
    return redirect("admin:duty")


@require_POST
def leave(request: StaffRequest) -> HttpResponse:
    """Sets an absence."""
    form = AbsenceForm(request.POST, by=request.user)
    if not request.user.has_perm(OWN):
        raise PermissionDenied
    if not form.is_valid():
        return page(request, absence=form)
    absence = form.save(commit=False)
    if not absences.add(absence, by=request.user, at=timezone.now()):
        form.add_error(None, "There is an absence for these days already. Cancel that first.")
        return page(request, absence=form)
    covers = f"{absence.cover} covers" if absence.cover else "nobody covers"
    messages.success(request, f"{absence.user} is away {absence.days}, {covers}.")
    for other in absences.meanwhile(absence):
        messages.warning(request, f"{absence.cover} is away as well: {other.days}.")
    return redirect("admin:duty")


@require_POST
def come_back(request: StaffRequest, pk: int) -> HttpResponse:
    """Ends an absence, or cancels it; the page then offers Undo."""
    absence = Absence.objects.select_related("user", "cover").filter(pk=pk).first()
    if absence and not _may(request, absence.user):
        raise PermissionDenied
    now = timezone.now()
    if absence is None or not absences.end(absence, at=now):
        messages.info(request, "This absence was over or canceled already.")
        return redirect("admin:duty")
    first = max(absence.first_day, absences.today(absence.user, now))
    left = [absence.user_id, first.isoformat(), absence.last_day.isoformat(), absence.cover_id]
    ended = signing.dumps(left, salt=__name__)
    return redirect(reverse("admin:duty", query={"ended": ended}))


def _ended(request: HttpRequest) -> Absence | None:
    """What was left of an absence that was ended a moment ago, to be set again by Undo."""
    try:
        user, first, last, cover = signing.loads(
            request.GET.get("ended", ""), salt=__name__, max_age=UNDOABLE_FOR
        )
    except (signing.BadSignature, ValueError):
        return None
    days = date.fromisoformat(first), date.fromisoformat(last)
    ended = Absence(user_id=user, first_day=days[0], last_day=days[1], cover_id=cover)
    if Absence.objects.overlapping(user, *days).exists():
        return None  # it was set again
    return ended


def _may(request: HttpRequest, whose: User) -> bool:
    """Whether this person may change that: their own, or anyone's."""
    is_own = request.user == whose and request.user.has_perm(OWN)
    return is_own or request.user.has_perm(ANYONES)
