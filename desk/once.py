"""A form of the desk saves once: after a double click, and after Back from what it made.

Nobody sees a false conflict.
"""

from datetime import timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any
from urllib.parse import urlencode, urlsplit

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from desk.models import SentForm

# The same form with the same words is the same click for so long; later it is saved as any other.
A_MOMENT = timedelta(seconds=30)
# An empty form has a number in its address, and the session knows what came of the last few.
NUMBER = "form"
MADE = "made_by_forms"
MAX_RECEIPTS = 20


class SavesOnce(admin.ModelAdmin[Any]):
    """Answers the same form, sent again by the same person within a moment, as it did before. An
    empty form makes one object: whoever comes back to it is led to that.
    """

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if object_id is None and request.method == "GET" and self.has_add_permission(request):
            if made := _made_before(request):
                messages.info(request, "You saved this form before. This is what you saved.")
                return HttpResponseRedirect(made)
            if NUMBER not in request.GET and IS_POPUP_VAR not in request.GET:
                numbered = {**request.GET.dict(), NUMBER: token_urlsafe(8)}
                return HttpResponseRedirect(f"{request.path}?{urlencode(numbered)}")
        if request.method != "POST" or not request.user.is_authenticated:
            return super().changeform_view(request, object_id, form_url, extra_context)
        with transaction.atomic():
            SentForm.objects.filter(sent_at__lt=timezone.now() - A_MOMENT).delete()
            sent, is_first = SentForm.objects.get_or_create(digest=_digest(request))
            if not is_first:
                messages.success(request, "Saved.")
                return HttpResponseRedirect(sent.location)
            response = super().changeform_view(request, object_id, form_url, extra_context)
            if isinstance(response, HttpResponseRedirect) and _went_well(request):
                sent.location = urlsplit(response.url).path
                sent.save(update_fields=["location"])
            else:
                sent.delete()  # what was refused may be sent again
            return response

    def get_form(
        self, request: HttpRequest, obj: Model | None = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm[Any]]:
        form = super().get_form(request, obj, change=change, **kwargs)
        made = None if change or request.method != "POST" else _made_before(request)
        return type(form.__name__, (_RefusingForm, form), {"made": made}) if made else form

    def save_related(
        self, request: HttpRequest, form: forms.ModelForm[Any], formsets: Any, change: bool
    ) -> None:
        super().save_related(request, form, formsets, change)
        number = request.GET.get(NUMBER)
        if number and not change:
            address = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
            change_page = reverse(address, args=[form.instance.pk])
            made = {**request.session.get(MADE, {}), number: change_page}
            request.session[MADE] = dict(list(made.items())[-MAX_RECEIPTS:])


def _made_before(request: HttpRequest) -> str | None:
    """The address of what this empty form made."""
    made: dict[str, str] = request.session.get(MADE, {})
    return made.get(request.GET.get(NUMBER, ""))


class _RefusingForm(forms.ModelForm[Any]):
    """Shows what was typed, and says where the object is that the form made before."""

    made: str

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        self.add_error(
            None,
            format_html(
                'You saved this form before, so it was not saved again. <a href="{}">Open what'
                " you saved</a> and copy your changes there.",
                self.made,
            ),
        )
        return cleaned


def _digest(request: HttpRequest) -> str:
    files = [
        (name, file.name, file.size)
        for name in request.FILES
        for file in request.FILES.getlist(name)
    ]
    fields = [item for item in request.POST.lists() if item[0] != "csrfmiddlewaretoken"]
    sent = (request.user.pk, request.get_full_path(), sorted(fields), sorted(files))
    return sha256(repr(sent).encode()).hexdigest()


def _went_well(request: HttpRequest) -> bool:
    """Whether the answer brings no bad news."""
    storage: Any = messages.get_messages(request)
    return all(message.level < messages.ERROR for message in storage._queued_messages)
