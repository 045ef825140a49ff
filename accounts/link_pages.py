"""The pages of links by which a password is chosen, and the one that sends such a link."""

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts import links, throttle
from accounts.models import User
from accounts.password_forms import ChoosePasswordForm
from accounts.tasks import send_reset_links
from mail.addresses import mailbox
from web.hints import hint
from web.limits import CannotCount, Limit, peer
from web.middleware import trusted_types

LINK = "password_link"  # of a session: which one was opened, as it must not stay in an address
ASKED_BY_ADDRESS = Limit("password reset by address", most=10, seconds=3600)
ASKED_BY_ACCOUNT = Limit("password reset by account", most=3, seconds=3600)


class ForgotForm(forms.Form):
    email = forms.EmailField(
        max_length=320,
        label="Email",
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )


@never_cache
@trusted_types
def forgot(request: HttpRequest) -> HttpResponse:
    """The same words whether there is such an account, and as quickly: see the task."""
    form = ForgotForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _show(request, "forgot", "Forgot your password?", form=form)
    address = form.cleaned_data["email"]
    try:
        where = peer(request)
        if where and (seconds := ASKED_BY_ADDRESS.spend(where)):
            form.add_error(None, f"Too many tries. Wait {-(-seconds // 60)} minutes.")
            answer = _show(request, "forgot", "Forgot your password?", form=form, status=429)
            answer["Retry-After"] = str(seconds)
            return answer
        if not ASKED_BY_ACCOUNT.spend(mailbox(address) or address):
            people = User.objects.of_address(address)
            hint(send_reset_links, people.values_list("pk", flat=True).first() or 0)
    except CannotCount:
        form.add_error(None, "This is closed for the moment. Try again in a minute.")
        return _show(request, "forgot", "Forgot your password?", form=form, status=503)
    return _show(request, "sent", "Check your email", address=address)


@never_cache
@trusted_types
def open_link(request: HttpRequest, said: str) -> HttpResponse:
    """Take what the link says out of the address: nothing is used up before a password is chosen,
    so that a program that looks through emails does no harm.
    """
    link = links.find(said)
    why = links.why_not(link, at=timezone.now())
    if not why and link and request.user.is_authenticated and request.user.pk != link.user_id:
        return _show(request, "not_yours", "This link is for somebody else", link=link, status=403)
    if why:
        return _gone(request, why)
    request.session[LINK] = link.pk if link else None
    return redirect("admin:choose_password")


@never_cache
@trusted_types
@sensitive_post_parameters("new_password1", "new_password2")
def choose(request: HttpRequest) -> HttpResponse:
    link = links.opened(request.session.get(LINK))
    now = timezone.now()
    if why := links.why_not(link, at=now):
        return _gone(request, why)
    assert link is not None
    if request.user.is_authenticated and request.user.pk != link.user_id:
        return _show(request, "not_yours", "This link is for somebody else", link=link, status=403)
    form = ChoosePasswordForm(link.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            with throttle.hashing():
                is_used = links.use(link, form.cleaned_data["new_password1"], at=now)
        except throttle.Busy:
            form.add_error(None, "Too many people are signing in. Try again in a few seconds.")
            return _show(request, "choose", "Choose a password", form=form, link=link, status=503)
        if not is_used:
            return _gone(request, links.why_not(links.opened(link.pk), at=now))
        request.session.flush()
        return redirect(reverse("admin:login", query={"note": "password"}))
    return _show(request, "choose", "Choose a password", form=form, link=link)


def _gone(request: HttpRequest, why: str) -> HttpResponse:
    request.session.pop(LINK, None)
    return _show(request, "gone", "This link doesn’t work", why=why, status=410)


def _show(
    request: HttpRequest, name: str, title: str, *, status: int = 200, **context: object
) -> HttpResponse:
    around = {**admin.site.each_context(request), "has_permission": False, "title": title}
    answer = render(request, f"accounts/{name}.html", {**around, **context}, status=status)
    answer["Referrer-Policy"] = "same-origin"  # with none at all, browsers send `Origin: null`
    return answer
