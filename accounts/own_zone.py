"""Where members of staff choose the time zone in which the desk speaks to them."""

from django import forms
from django.contrib import admin, messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.models import User
from accounts.requests import StaffRequest
from desk import zones


class OwnZoneForm(forms.ModelForm[User]):
    timezone = forms.ChoiceField(
        required=False,
        choices=zones.choices,
        label="Time zone",
        help_text="Used for dates and times on the desk and in emails to you.",
    )

    class Meta:
        model = User
        fields = ["timezone"]


def page(request: StaffRequest) -> HttpResponse:
    form = OwnZoneForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, f"Times are now in {request.user.zone.key}.")
        return redirect("admin:index")
    context = {**admin.site.each_context(request), "title": "Your time zone", "form": form}
    return render(request, "accounts/own_zone.html", context)
