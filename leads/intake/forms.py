from collections.abc import Sequence
from functools import cached_property
from math import isfinite
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout, Submit
from django import forms
from django.urls import reverse_lazy

from leads.briefs.section_text import Finding
from leads.briefs.sections import SECTIONS
from leads.intake import spam_marks
from leads.models import Brief, Inquiry
from leads.spam import weighing
from mail.header_text import one_line
from web.lengths import say_how_long

TOO_LONG = "Shorten it, or put part of it elsewhere and link to it."


class InquiryForm(forms.ModelForm[Inquiry]):
    """What a visitor fills in. It is on every public page and the same for everyone."""

    # Where the form stood, written by the page; how it was filled in, told by its script.
    page = forms.CharField(required=False, widget=forms.HiddenInput)
    about = forms.CharField(required=False, widget=forms.HiddenInput)
    key = forms.CharField(required=False, widget=forms.HiddenInput)
    seconds = forms.CharField(required=False, widget=forms.HiddenInput)
    referrer = forms.CharField(required=False, widget=forms.HiddenInput)
    utm_source = forms.CharField(required=False, widget=forms.HiddenInput)
    utm_medium = forms.CharField(required=False, widget=forms.HiddenInput)
    utm_campaign = forms.CharField(required=False, widget=forms.HiddenInput)
    # The trap: people do not see it, and no browser's autofill knows a field of this name.
    reference_2 = forms.CharField(required=False, label="Leave this empty")
    # The key of the result on whose page the form stood; nowhere else does the form have it.
    assessment = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Inquiry
        fields = ["name", "email", "company", "message"]
        labels = {
            "name": "Your name",
            "email": "Your email",
            "company": "Company (optional)",
            "message": "What do you need?",
        }
        error_messages = {
            "name": {"required": "Please tell us your name."},
            "email": {"required": "Please enter an email address we can reply to."},
            "message": {"required": "Please write a sentence or two about what you need."},
        }
        widgets = {
            "name": forms.TextInput({"autocomplete": "name"}),
            "email": forms.EmailInput({"autocomplete": "email", "spellcheck": "false"}),
            "company": forms.TextInput({"autocomplete": "organization"}),
            "message": forms.Textarea({"rows": 6}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, called in (
            ("name", "Your name"), ("email", "Your email address"), ("company", "Your company"),
        ):  # fmt: skip
            say_how_long(self.fields[name], called)
        say_how_long(self.fields["message"], "Your message", TOO_LONG)
        # Its own prefix of ids: the page may have a search field called "name" one day.
        self.auto_id = "inquiry-%s"
        self.fields["reference_2"].widget.attrs.update(tabindex="-1", autocomplete="off")

    @cached_property
    def helper(self) -> FormHelper:
        """How it is shown; of one that is sent and valid, nothing is."""
        helper = FormHelper()
        helper.form_action = reverse_lazy("leads:contact")
        helper.form_class = "form inquiry-form"
        helper.form_id = "inquiry-form"
        helper.attrs = {"data-inquiry-form": ""}
        helper.disable_csrf = True  # see web.origin.refuse_foreign_posts
        helper.layout = Layout(
            "name", "email", "company", "message", "reference_2",
            "page", "about", "key", "seconds", "referrer",
            "utm_source", "utm_medium", "utm_campaign",
            *(["assessment"] if self["assessment"].value() else []),
            Submit("send", "Send the message"),
        )  # fmt: skip
        return helper

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if not one_line(name):
            raise forms.ValidationError("Please tell us your name.", code="required")
        return name

    def clean_seconds(self) -> float | None:
        try:
            seconds = float(self.cleaned_data["seconds"])
        except ValueError:
            return None  # no script, or someone's joke
        return seconds if isfinite(seconds) and seconds >= 0 else None

    def signs(self, brief: Brief | None = None) -> list[weighing.Sign]:
        """What speaks for spam, of the form as it was filled in, of the brief that comes with it
        and of what came before.
        """
        data = self.cleaned_data
        texts = [data["message"], *(getattr(brief, name) for name in Brief.TEXT_FIELDS if brief)]
        return weighing.signs_of(
            name=data["name"],
            email=data["email"],
            company=data["company"],
            message="\n".join(texts),
            trap=data["reference_2"],
            seconds=data["seconds"],
            past=spam_marks.past_of(data["email"], data["message"]),
        )

    def inquiry(self) -> Inquiry:
        """What was sent, unsaved. What came along is cut to fit; the visitor's words never are."""
        inquiry = self.save(commit=False)
        inquiry.source_path = _path(self.cleaned_data["page"])
        inquiry.referrer_host = self.cleaned_data["referrer"][:253]
        for name in ("utm_source", "utm_medium", "utm_campaign"):
            setattr(inquiry, name, self.cleaned_data[name][:120])
        return inquiry


def _path(page: str) -> str:
    """The path on our own site, or nothing: a link in an email must not lead elsewhere."""
    is_ours = page.startswith("/") and not page.startswith(("//", "/\\"))
    return one_line(page)[:500] if is_ours else ""


class BriefForm(forms.Form):
    """A piece of work, described. Nothing is required, and so an empty one is no error."""

    def __init__(self, *args: Any, findings: Sequence[Finding] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields = forms.fields_for_model(
            Brief,
            fields=Brief.TEXT_FIELDS,
            labels={"title": "Title"} | {one.name: one.heading for one in SECTIONS},
            help_texts={one.name: one.hint for one in SECTIONS},
            widgets={one.name: forms.Textarea({"rows": 5}) for one in SECTIONS},
        )
        self.auto_id = "brief-%s"
        self.label_suffix = ""
        for name, field in self.fields.items():
            say_how_long(field, f"“{field.label}”", TOO_LONG)
            if any(one.section == name for one in findings):
                field.widget.attrs["aria-describedby"] = f"brief-{name}_helptext brief-{name}_hints"
        # What stands with each section on the page.
        self.sections = [
            (self[one.name], one, [hint for hint in findings if hint.section == one.name])
            for one in SECTIONS
        ]

    def brief(self) -> Brief:
        """What was written, unsaved."""
        return Brief(**self.cleaned_data)


class InquiryWithBriefForm(InquiryForm):
    """The inquiry that takes a brief along, as a part of the page on which that is written."""

    MESSAGE = "Here is a brief. What do you think of it?"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("message", self.MESSAGE)
        self.fields["message"].label = "Your message"
        self.fields["message"].widget.attrs["rows"] = 3

    @cached_property
    def helper(self) -> FormHelper:
        helper = super().helper
        helper.form_tag = False
        helper.form_show_errors = False  # the page names all errors in one place
        helper.layout[-1].value = "Send it to us"
        return helper
