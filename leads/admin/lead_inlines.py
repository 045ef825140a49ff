"""What hangs on a lead, on its page: next steps, inquiries and history."""

from django import forms
from django.contrib import admin
from django.utils.html import format_html_join

from accounts.models import User
from desk.labeled import LabeledColumns
from desk.merging_admin import MergingInline
from desk.moments import NEAR_MOMENTS
from leads.admin.inquiries import delivery, inquiry_state
from leads.admin.lead_forms import NextStepForm
from leads.admin.parts import ARTICLE, ReadOnlyInline
from leads.models import Activity, Inquiry, NextStep
from leads.pipeline.forms import who_may_take_care


class NextStepInline(MergingInline, LabeledColumns, admin.TabularInline):
    """What is to be done next. A new one is added in the form above."""

    model = NextStep
    form = NextStepForm
    verbose_name_plural = "next steps"
    fields = ["is_done", "text", "due_on", "owner"]
    formfield_overrides = NEAR_MOMENTS
    extra = 0

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("owner")

    def has_add_permission(self, request, obj=None) -> bool:
        return False

    def get_formset(self, request, obj=None, **kwargs):
        formset = super().get_formset(request, obj, **kwargs)
        owner = formset.form.base_fields.get("owner")
        if isinstance(owner, forms.ModelChoiceField):
            here = NextStep.objects.filter(lead=obj).values("owner")
            people = who_may_take_care(User.objects.filter(pk__in=here))
            owner.queryset = people
            # Asked once, not once a row.
            owner.choices = [("", "nobody"), *((person.pk, str(person)) for person in people)]
        return formset


class InquiryInline(ReadOnlyInline):
    model = Inquiry
    verbose_name_plural = "inquiries"
    fields = ["received_at", "state", "message", "article", "emails"]
    readonly_fields = ["state", "emails"]
    show_change_link = True

    def get_queryset(self, request):
        inquiries = super().get_queryset(request).select_related("spam_mark")
        return inquiries.prefetch_related(ARTICLE, "notifications__message")

    @admin.display(description="state")
    def state(self, inquiry: Inquiry) -> str:
        return inquiry_state(inquiry)

    @admin.display(description="emails")
    def emails(self, inquiry: Inquiry) -> str:
        return format_html_join(
            "",
            "<div>{}, {}: {}</div>",
            (
                (notification.get_kind_display(), notification.recipient, delivery(notification))
                for notification in inquiry.notifications.all()
            ),
        )


class ActivityInline(ReadOnlyInline):
    model = Activity
    verbose_name_plural = "history"
    fields = ["at", "kind", "text", "by"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("by")
