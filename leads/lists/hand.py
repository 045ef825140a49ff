"""The page on which a colleague adds a lead by hand: after a call, say."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts.requests import StaffRequest
from leads.acts import by_hand
from leads.models import ByHand, Inquiry, Lead
from mail.header_text import one_line


class HandForm(forms.ModelForm[Inquiry]):
    """Who it was, what they said, and who is to be emailed of it: nobody, unless asked for."""

    phone = forms.CharField(
        required=False,
        max_length=40,
        widget=forms.TextInput({"type": "tel", "autocomplete": "off"}),
    )
    way = forms.ChoiceField(
        label="How they came", choices=ByHand.Way.choices, initial=ByHand.Way.CALL
    )
    place = forms.CharField(
        required=False,
        max_length=120,
        label="Which event",
        help_text="If it was one. The acknowledgment names it.",
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    tells_sales = forms.BooleanField(required=False, label="Email the others in sales")
    tells_person = forms.BooleanField(required=False, label="Send the person an acknowledgment")
    # The number of the lead of which the page said that this will be added to it.
    joins = forms.CharField(required=False, widget=forms.HiddenInput)

    field_order = ("way", "place", "name", "email", "company", "phone", "message")

    class Meta:
        model = Inquiry
        fields = ("name", "email", "company", "message")
        labels = {"message": "What they said or need"}
        error_messages = {
            "name": {"required": "Say who it was."},
            "email": {"required": "Enter their email address: people are known by it."},
            "message": {"required": "Write down what they said or need."},
        }
        widgets = {
            "name": forms.TextInput({"autocomplete": "off", "autofocus": True}),
            "email": forms.EmailInput({"autocomplete": "off", "spellcheck": "false"}),
            "company": forms.TextInput({"autocomplete": "off"}),
            "message": forms.Textarea({"rows": 6}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = "hand-%s"
        self.label_suffix = ""

    def clean_name(self) -> str:
        name = one_line(self.cleaned_data["name"])
        if not name:
            raise forms.ValidationError("Say who it was.")
        return name

    def clean_place(self) -> str:
        """Of an event only, whatever was typed before another way was chosen."""
        place = one_line(self.cleaned_data["place"])
        return place if self.data.get("way") == ByHand.Way.EVENT else ""

    def find_other_lead(self) -> Lead | None:
        """The lead that this would be added to, unless the page has said so."""
        lead = by_hand.find_open_lead(self.cleaned_data["email"])
        return lead if lead and self.cleaned_data["joins"] != str(lead.pk) else None


def page(request: StaffRequest) -> HttpResponse:
    """Shows the form, and adds what it says. Says first what an open lead it would be added to."""
    if not request.user.has_perm("leads.change_lead"):
        raise PermissionDenied
    if request.method != "POST":
        return _page(request, HandForm())
    form = HandForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    if lead := form.find_other_lead():
        form.data = {**form.data.dict(), "joins": str(lead.pk)}  # type: ignore[attr-defined]  # a QueryDict
        return _page(request, form, lead=lead)
    said = form.cleaned_data
    inquiry = form.save(commit=False)
    done = by_hand.add(
        inquiry,
        ByHand.Way(said["way"]),
        phone=one_line(said["phone"]),
        place=said["place"],
        tells_sales=said["tells_sales"],
        tells_person=said["tells_person"],
        by=request.user,
        at=timezone.now(),
    )
    for sentence in done.left_out:
        messages.warning(request, sentence)
    return redirect(_after(inquiry))


def _after(inquiry: Inquiry) -> str:
    if inquiry.pk and inquiry.lead_id:
        return reverse("admin:lead", args=[inquiry.lead_id])
    return reverse("admin:pipeline")


def _page(
    request: HttpRequest, form: HandForm, *, lead: Lead | None = None, status: int = 200
) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": "Add a lead by hand",
        "form": form,
        "joined": lead,
    }
    return render(request, "leads/lists/hand.html", context, status=status)
