"""Setting up the second factor, and new recovery codes: for whoever has just said who they are."""

from django import forms
from django.contrib import admin
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts import due, events, sessions, throttle, totp
from accounts.confirming import confirmed
from accounts.requests import StaffRequest
from mail.outbox import sender_name
from web.addresses import host
from web.limits import CannotCount

SECRET = "second_factor_secret"


class FirstCodeForm(forms.Form):
    code = forms.CharField(
        max_length=20,
        label="Code",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


@never_cache
@sensitive_post_parameters("code")
@confirmed
def page(request: StaffRequest) -> HttpResponse:
    """What they have; or, with nothing there yet or by "Change", how to set it up."""
    user = request.user
    if hasattr(user, "second_factor") and "change" not in request.GET:
        left = totp.codes_left(user)
        factor = user.second_factor
        return _show(request, "factor", "Your second factor", factor=factor, codes_left=left)
    form = FirstCodeForm(request.POST or None)
    secret = request.session.get(SECRET)
    if request.method == "POST" and secret and form.is_valid():
        now = timezone.now()
        try:
            counted = throttle.count_code(user.pk)
        except (throttle.TooOften, CannotCount):
            form.add_error("code", "Too many tries, or they cannot be counted. Wait a few minutes.")
        else:
            step = totp.matching_step(secret, form.cleaned_data["code"], at=now)
            if step is not None:
                counted.succeeded()
                return _set_up(request, secret, step)
            form.add_error(
                "code",
                "That code doesn’t match. Enter the one that the app shows now; if it is refused"
                " again, set your phone’s clock to automatic.",
            )
    if not secret:
        secret = request.session[SECRET] = totp.new_secret()
    issuer = sender_name() or host()
    enrolment = totp.Enrolment(secret, user.email, issuer)
    return _show(
        request,
        "enrol",
        "Set up a second factor",
        status=422 if form.errors else 200,
        form=form,
        enrolment=enrolment,
        due_at=user.second_factor_due_at,
    )


def _set_up(request: StaffRequest, secret: str, step: int) -> HttpResponse:
    user = request.user
    with transaction.atomic():
        codes = totp.enrol(user, secret, step=step, at=timezone.now())
        sessions.end(user, but=request.session.session_key)
        events.factor_added(user, by=user)
    del request.session[SECRET]
    request.session[due.HAS_FACTOR] = True
    return _show_codes(request, codes, is_first=True)


@never_cache
@require_POST
@confirmed
def new_codes(request: StaffRequest) -> HttpResponse:
    if not hasattr(request.user, "second_factor"):
        return redirect("admin:second_factor")
    with transaction.atomic():
        codes = totp.new_recovery_codes(request.user)
        events.recovery_codes_made(request.user, by=request.user)
    return _show_codes(request, codes)


def _show_codes(request: StaffRequest, codes: list[str], *, is_first: bool = False) -> HttpResponse:
    """Once: nobody can read them again, the site included."""
    title = f"Recovery codes for {host()}, {request.user.email}"
    text = "\n".join(
        [title, "Each signs you in once, in place of a code from the app.", "", *codes]
    )
    return _show(
        request, "codes", "Your recovery codes", codes=codes, text=f"{text}\n", is_first=is_first
    )


def _show(
    request: StaffRequest, name: str, title: str, *, status: int = 200, **context: object
) -> HttpResponse:
    around = {**admin.site.each_context(request), "title": title}
    return render(request, f"accounts/{name}.html", {**around, **context}, status=status)
