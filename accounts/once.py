"""A double click saves once, and nobody is told that a colleague was at it."""

from datetime import timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponseRedirect
from django.utils import timezone

from accounts.models import SentForm

# The same form with the same words is the same click for so long; later it is saved as any other.
A_MOMENT = timedelta(seconds=30)


class SavesOnce(admin.ModelAdmin):
    """Answers the same form, sent again by the same person within a moment, as it did before."""

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
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
