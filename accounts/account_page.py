"""Your account: the password, the second factor, and where one is signed in."""

from django.contrib import admin, messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts import links, sessions, throttle, totp
from accounts.confirming import confirmed
from accounts.models import Session
from accounts.password_forms import ChangePasswordForm
from accounts.requests import StaffRequest
from web.limits import CannotCount


@never_cache
def page(request: StaffRequest) -> HttpResponse:
    user = request.user
    context = {
        **admin.site.each_context(request),
        "title": "Your account",
        "factor": getattr(user, "second_factor", None),
        "codes_left": totp.codes_left(user),
        "due_at": user.second_factor_due_at,
        "sessions": sessions.of(user),
        "own_key": request.session.session_key,
        "last_sign_in": user.last_login,
    }
    return render(request, "accounts/account.html", context)


@require_POST
@confirmed
def end_session(request: StaffRequest) -> HttpResponse:
    """One of their own, or all others. The rows are named by a number that says nothing."""
    own = request.session.session_key
    if request.POST.get("which") == "others":
        count = sessions.end(request.user, but=own)
        messages.success(request, f"{count} other session{'' if count == 1 else 's'} ended.")
        return redirect("admin:account")
    name = request.POST.get("which", "")
    for one in sessions.of(request.user):
        if sessions.name_of(one) == name and one.session_key != own:
            Session.objects.filter(session_key=one.session_key).delete()
            messages.success(request, "The session has ended.")
    return redirect("admin:account")


@never_cache
@sensitive_post_parameters("old_password", "new_password1", "new_password2")
def change_password(request: StaffRequest) -> HttpResponse:
    form = ChangePasswordForm(request.user)
    status = 200
    if request.method == "POST":
        try:
            counted = throttle.count_password(request, request.user.email)
            with throttle.hashing():
                form = ChangePasswordForm(request.user, request.POST)
                is_valid = form.is_valid()
            if is_valid or "old_password" not in form.errors:
                counted.succeeded()
        except throttle.TooOften as error:
            words = f"Too many tries. Wait {-(-error.seconds // 60)} minutes."
            messages.error(request, words)
            return redirect("admin:password_change")
        except (throttle.Busy, CannotCount):
            messages.error(request, "This cannot be checked at the moment. Try again in a minute.")
            return redirect("admin:password_change")
        if is_valid:
            user, password = request.user, form.cleaned_data["new_password1"]
            links.set_password(user, password, session=request.session.session_key)
            update_session_auth_hash(request, user)
            messages.success(request, "Your password is changed. Your other sessions have ended.")
            return redirect("admin:account")
        status = 422
    context = {**admin.site.each_context(request), "title": "Change your password", "form": form}
    return render(request, "accounts/password.html", context, status=status)
