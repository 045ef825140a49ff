"""Signing in. The password and, from those who have a second factor, a code: at one address, so
that the dialog over a form whose session has ended asks for both (static/admin/keeping/signin.js).

Only here does a session get its person. Whoever hears of it: Django's signals `user_logged_in`,
`user_logged_out` and `user_login_failed`, which this module also sends for a wrong code.
"""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import authenticate, login
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import due, events, familiar, sessions, throttle, totp
from accounts.models import User
from web.limits import CannotCount
from web.middleware import trusted_types

PENDING = "second_factor_pending"  # whose password was right, and when
PENDING_FOR = 10 * 60  # seconds

# The same whether there is such an account, whether it is active, and whether it has a password.
WRONG = "That email and password don’t match. Passwords are case-sensitive."
WRONG_CODE = (
    "That code doesn’t work. A code is good for one sign-in and about a minute: enter the one you"
    " see now."
)
TOO_LATE = "That took more than ten minutes. Enter your password again."
CLOSED = (
    "Sign-in is closed for the moment: a part of this site is not running. Try again in a minute."
)
BUSY = "Too many people are signing in. Try again in a few seconds."
NOTES = {
    "password": "Your new password is set. Sign in with it.",
    sessions.ENDED: "Your session has ended. Sign in again to go on.",
}


class PasswordForm(AdminAuthenticationForm):
    """Django's, without asking who it is: that is counted first."""

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        self.fields["username"].widget.attrs["autocomplete"] = "username"

    def clean(self) -> dict[str, Any]:
        return self.cleaned_data


class CodeForm(forms.Form):
    code = forms.CharField(
        max_length=60,
        label="Code",
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autofocus": True, "spellcheck": "false"}
        ),
    )


@never_cache
@trusted_types
@sensitive_post_parameters("password", "code")
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        if admin.site.has_permission(request):
            return redirect(_next(request))
        return _show(request, PasswordForm(request))
    if "code" in request.POST:
        return _take_code(request)
    return _take_password(request)


def _take_password(request: HttpRequest) -> HttpResponse:
    form = PasswordForm(request, data=request.POST)
    if not form.is_valid():
        return _show(request, form)
    address, password = form.cleaned_data["username"], form.cleaned_data["password"]
    try:
        counted = throttle.count_password(request, address)
    except throttle.TooOften as error:
        if throttle.is_news(request, address):
            _failed(request, address)
        return _too_often(request, form, error.seconds)
    except CannotCount:
        return _refused(request, form, CLOSED, 503, retry_after=30)
    try:
        with throttle.hashing():
            user = authenticate(request, username=address, password=password)
    except throttle.Busy:
        counted.take_back()
        return _refused(request, form, BUSY, 503, retry_after=5)
    if not isinstance(user, User) or not (user.is_active and user.is_staff):
        return _refused(request, form, WRONG, 200)
    if not hasattr(user, "second_factor"):
        counted.succeeded()
        return _complete(request, user)
    # Of the password nothing is forgiven yet: whoever has guessed it is counted all the same.
    request.session.cycle_key()
    request.session[PENDING] = [user.pk, timezone.now().timestamp()]
    return _show(request, CodeForm())


def _take_code(request: HttpRequest) -> HttpResponse:
    user = _pending(request)
    if user is None:
        return _refused(request, PasswordForm(request), TOO_LATE, 200)
    form = CodeForm(request.POST)
    if not form.is_valid():
        return _show(request, form)
    try:
        counted = throttle.count_code(user.pk)
    except throttle.TooOften as error:
        events.codes_guessed(user, request)
        return _too_often(request, form, error.seconds)
    except CannotCount:
        return _refused(request, form, CLOSED, 503, retry_after=30)
    kind = totp.spend(user, form.cleaned_data["code"], at=timezone.now())
    if not kind:
        _failed(request, user.email)
        return _refused(request, CodeForm(), WRONG_CODE, 200)
    counted.succeeded()
    throttle.forget(user.email)
    if kind == "recovery":
        events.recovery_code_used(user, request)
    return _complete(request, user, kind=kind)


def _complete(request: HttpRequest, user: User, *, kind: str = "") -> HttpResponse:
    """They are who they say. Their session begins now, with a key of its own."""
    request.session.pop(PENDING, None)
    login(request, user, settings.AUTHENTICATION_BACKENDS[0])
    due.note(request, user, has_factor=bool(kind))
    target = reverse("admin:second_factor") if kind == "recovery" else _next(request)
    response = redirect(target)
    if familiar.remember(request, response, user, now=timezone.now()):
        events.new_browser(user, request, sessions.browser(request))
    return response


def _pending(request: HttpRequest) -> User | None:
    pk, since = request.session.get(PENDING) or (None, 0)
    if pk is None or timezone.now().timestamp() - since > PENDING_FOR:
        return None
    return User.objects.filter(pk=pk, is_active=True, is_staff=True).first()


def _next(request: HttpRequest) -> str:
    """Where they wanted to go, if that is a page of ours."""
    target = request.POST.get("next", request.GET.get("next", ""))
    if url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()):
        return target
    return resolve_url(settings.LOGIN_REDIRECT_URL)


def _failed(request: HttpRequest, address: str) -> None:
    """As Django tells of a wrong password."""
    user_login_failed.send(__name__, credentials={"username": address}, request=request)


def _too_often(request: HttpRequest, form: forms.Form, seconds: int) -> HttpResponse:
    minutes = max(1, -(-seconds // 60))
    words = (
        f"Too many tries. Wait {minutes} minute{'s' if minutes > 1 else ''}; or sign in from a"
        " browser or a network that you used in the last 30 days."
    )
    return _refused(request, form, words, 429, retry_after=seconds)


def _refused(
    request: HttpRequest, form: forms.Form, words: str, status: int, *, retry_after: int = 0
) -> HttpResponse:
    answer = _show(request, form, words=words, status=status)
    if retry_after:
        answer["Retry-After"] = str(retry_after)
    return answer


def _show(
    request: HttpRequest, form: forms.Form, *, words: str = "", status: int = 200
) -> HttpResponse:
    is_code = isinstance(form, CodeForm)
    context = {
        **admin.site.each_context(request),
        "has_permission": False,
        "title": "Second factor" if is_code else "Sign in",
        "form": form,
        "words": words,
        "note": NOTES.get(request.GET.get("note", "")),
        "next": _next(request),
    }
    name = "accounts/code.html" if is_code else "accounts/sign_in.html"
    return render(request, name, context, status=status)
