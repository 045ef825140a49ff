from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout, Submit
from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import FormView, TemplateView, View

from mail.addresses import AddressFormField
from privacy import requests
from privacy.models import Request
from web.limits import Limit, refusal
from web.origin import FORM_TYPES, refuse_foreign_posts

REQUESTS = Limit("privacy requests", most=20, seconds=3_600)
COST_OF_A_REQUEST = 50  # milliseconds of a processor, half of it in the worker


class RequestForm(forms.Form):
    kind = forms.ChoiceField(
        label="What do you want?",
        choices=Request.Kind.choices,
        initial=Request.Kind.ACCESS,
        widget=forms.RadioSelect,
    )
    email = AddressFormField(
        label="Your email",
        error_messages={"required": "Please enter the email address that you wrote to us from."},
        widget=forms.EmailInput({"autocomplete": "email", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = "request-%s"
        self.helper = FormHelper()
        self.helper.form_action = reverse_lazy("privacy:request")
        self.helper.form_class = "form"
        self.helper.disable_csrf = True  # see web.origin.refuse_foreign_posts
        self.helper.layout = Layout("kind", "email", Submit("send", "Send me the link"))


@method_decorator([csrf_exempt, refuse_foreign_posts], name="dispatch")
class Ask(FormView[RequestForm]):
    """Where visitors ask for a copy of their data, or to have it erased. The same for everyone."""

    form_class = RequestForm
    template_name = "privacy/request.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.content_type not in FORM_TYPES:
            return HttpResponse("Submit this form from a browser.", status=415)
        if refused := refusal(request, REQUESTS, cost=COST_OF_A_REQUEST):
            return refused.page()
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: RequestForm) -> HttpResponse:
        said = form.cleaned_data
        requests.ask(said["email"], said["kind"], at=timezone.now())
        return HttpResponseRedirect(reverse("privacy:asked"))

    def form_invalid(self, form: RequestForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


class Asked(TemplateView):
    """The same words, whether we know the address or not."""

    template_name = "privacy/asked.html"


@method_decorator([csrf_exempt, refuse_foreign_posts], name="dispatch")
class Confirm(View):
    """Where the link in the email leads. Opening it changes nothing: mail scanners follow links."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        found = requests.find(token, at=timezone.now())
        return _page(request, found, is_confirmed=False)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        if refused := refusal(request, cost=COST_OF_A_REQUEST):
            return refused.page()
        now = timezone.now()
        found = requests.find(token, at=now)
        if found and not requests.confirm(found, at=now):
            found = None
        return _page(request, found, is_confirmed=True)


def _page(request: HttpRequest, found: Request | None, *, is_confirmed: bool) -> HttpResponse:
    context = {"found": found, "is_confirmed": is_confirmed}
    response = render(request, "privacy/confirm.html", context, status=200 if found else 410)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "same-origin"  # the link is the key
    return response
