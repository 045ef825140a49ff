"""Asks once more who it is before what would do harm in a stranger's hands: files with everything,
erasure, rights, the second factor. The password or a code will do, for ten minutes (OWASP ASVS 5,
7.5.1 and 7.5.3). Whoever has signed in a moment ago is not asked.

What was sent is not lost: the page that asks carries it along.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from accounts import throttle, totp
from accounts.models import User
from accounts.sessions import CONFIRMED_AT
from web.limits import CannotCount

GOOD_FOR = 10 * 60  # seconds
FIELD = "confirm_with"  # the password or the code, beside whatever else was sent
METHOD = "confirm_method"

View = Callable[..., HttpResponseBase]


class ConfirmForm(forms.Form):
    confirm_with = forms.CharField(
        max_length=1_000,
        label="Password",
        strip=False,
        widget=forms.PasswordInput(
            attrs={"autocomplete": "current-password", "autofocus": True, "id": "id_confirm_with"}
        ),
    )


def note(request: HttpRequest) -> None:
    request.session[CONFIRMED_AT] = timezone.now().timestamp()


def is_confirmed(request: HttpRequest) -> bool:
    return bool(timezone.now().timestamp() - request.session.get(CONFIRMED_AT, 0) < GOOD_FOR)


def confirmed(view: View, *, when: Callable[[HttpRequest], bool] = lambda request: True) -> View:
    """The view, for someone who has said who they are within ten minutes.

    `when` tells the requests for which that counts. Of a method of an admin, give the bound one.
    """

    @wraps(view)
    def asking(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not when(request) or (is_confirmed(request) and FIELD not in request.POST):
            return view(request, *args, **kwargs)
        if not isinstance(request.user, User):
            raise PermissionDenied
        if FIELD not in request.POST:
            return _page(request, ConfirmForm())
        form = ConfirmForm(request.POST)
        if not form.is_valid() or not _accepts(request.user, form, request):
            return _page(request, form)
        note(request)
        if request.POST.get(METHOD) == "get":
            return redirect(request.get_full_path())
        sent = request.POST.copy()
        sent.pop(FIELD), sent.pop(METHOD, None)
        request.POST = sent  # type: ignore[assignment]  # as it was sent the first time
        return view(request, *args, **kwargs)

    return asking


@sensitive_variables("said")
def _accepts(user: User, form: ConfirmForm, request: HttpRequest) -> bool:
    said = form.cleaned_data[FIELD]
    try:
        counted = throttle.count_password(request, user.email)
    except throttle.TooOften as error:
        form.add_error(FIELD, f"Too many tries. Wait {-(-error.seconds // 60)} minutes.")
        return False
    except CannotCount:
        form.add_error(FIELD, "This cannot be checked at the moment. Try again in a minute.")
        return False
    if totp.spend(user, said, at=timezone.now()):
        counted.succeeded()
        return True
    try:
        with throttle.hashing():
            is_right = user.check_password(said)
    except throttle.Busy:
        counted.take_back()
        form.add_error(FIELD, "Too many people are signing in. Try again in a few seconds.")
        return False
    if is_right:
        counted.succeeded()
    else:
        form.add_error(FIELD, "That is not your password.")
    return is_right


def _page(request: HttpRequest, form: ConfirmForm) -> HttpResponseBase:
    kept = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name not in (FIELD, METHOD, "csrfmiddlewaretoken")
    ]
    context = {
        **admin.site.each_context(request),
        "title": "Is it you?",
        "form": form,
        "kept": kept,
        "method": request.POST.get(METHOD, (request.method or "").lower()),
        "has_factor": hasattr(request.user, "second_factor"),
    }
    return render(request, "accounts/confirm.html", context, status=422 if form.errors else 200)
