from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.views.decorators.http import require_POST

from accounts.models import User
from accounts.moments import NEAR_MOMENTS
from accounts.requests import StaffRequest
from accounts.roles import SALES
from articles.models import Article
from leads import intake, pipeline
from leads.models import Activity, Company, Contact, FollowUp, Inquiry, Lead, Notice, Recipient
from mail.admin import state_badge

ARTICLE = Prefetch("article", queryset=Article.objects.with_titles())


class ReadOnlyInline(admin.TabularInline):
    """Rows that staff look at: they are written elsewhere."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request, obj=None) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False


class NoticeInline(ReadOnlyInline):
    model = Notice
    verbose_name_plural = "letters about it"
    fields = ["kind", "recipient", "delivery", "attempts", "trouble"]
    readonly_fields = ["delivery", "attempts", "trouble"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("message")

    @admin.display(description="delivery")
    def delivery(self, notice: Notice) -> str:
        return delivery(notice)

    @admin.display(description="attempts")
    def attempts(self, notice: Notice) -> int:
        return notice.message.attempts

    @admin.display(description="trouble")
    def trouble(self, notice: Notice) -> str:
        return notice.message.error or "none"


def delivery(notice: Notice) -> str:
    """What became of the letter, leading to it."""
    message = notice.message
    moment = f"{timezone.localtime(message.sent_at):%-d %b, %H:%M}" if message.sent_at else ""
    url = reverse("admin:mail_message_change", args=[message.pk])
    return format_html('<a href="{}">{}</a> {}', url, state_badge(message), moment)


@admin.register(Inquiry)
class InquiryAdmin(admin.ModelAdmin):
    """What visitors sent, word for word. Nobody edits it; what was held back can be released."""

    list_display = ["name", "beginning", "article", "state", "received"]
    list_filter = ["verdict", "office"]
    search_fields = ["name", "email", "company", "message"]
    date_hierarchy = "received_at"
    actions = ["release"]
    inlines = [NoticeInline]
    change_form_template = "admin/leads/inquiry/change_form.html"
    fieldsets = [
        (None, {"fields": ["state", "name", "email", "company", "message", "lead_link"]}),
        ("Where it came from", {"fields": [
            "source_path", "article", "referrer_host", "utm_source", "utm_medium", "utm_campaign",
        ]}),
        ("What we know of it", {"fields": [
            "received_at", "announced_at", "office", "reasons_in_words", "privacy_version",
        ]}),
    ]  # fmt: skip

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related(ARTICLE)

    def has_add_permission(self, request) -> bool:
        return False  # inquiries come through leads.intake

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False

    def has_release_permission(self, request) -> bool:
        return request.user.has_perm("leads.release_inquiry")

    def get_urls(self):
        release = self.admin_site.admin_view(require_POST(self.release_one))
        return [
            path("<int:pk>/release/", release, name="leads_inquiry_release"),
            *super().get_urls(),
        ]

    @admin.action(description="Release what was held back", permissions=["release"])
    def release(self, request, queryset):
        released = [inquiry for inquiry in queryset if intake.release(inquiry, by=request.user)]
        self.message_user(request, f"{len(released)} released; sales are being told.")

    def release_one(self, request: StaffRequest, pk: int) -> HttpResponse:
        if not self.has_release_permission(request):
            raise PermissionDenied
        inquiry = get_object_or_404(Inquiry, pk=pk)
        if intake.release(inquiry, by=request.user):
            self.message_user(request, "Released; sales and the visitor are being told.")
        else:
            self.message_user(request, "It was not held back.", messages.WARNING)
        return redirect("admin:leads_inquiry_change", pk)

    @admin.display(description="state", ordering="verdict")
    def state(self, inquiry: Inquiry) -> str:
        if inquiry.is_held:
            return format_html('<span class="badge badge--{}">{}</span>', "failed", "Held back")
        if inquiry.announced_at is None:
            return format_html('<span class="badge badge--{}">{}</span>', "queued", "Being told")
        return format_html('<span class="badge badge--{}">{}</span>', "sent", "Told")

    @admin.display(description="received", ordering="received_at")
    def received(self, inquiry: Inquiry) -> str:
        return f"{timezone.localtime(inquiry.received_at):%-d %b, %H:%M}"

    @admin.display(description="message")
    def beginning(self, inquiry: Inquiry) -> str:
        words = " ".join(inquiry.message.split())
        return f"{words[:80]}…" if len(words) > 80 else words

    @admin.display(description="lead", ordering="lead__stage")
    def lead_link(self, inquiry: Inquiry) -> str:
        if inquiry.lead is None:
            return "none while it is held back"
        url = reverse("admin:leads_lead_change", args=[inquiry.lead_id])
        return format_html('<a href="{}">{}</a>', url, inquiry.lead.get_stage_display())

    @admin.display(description="why it was held back")
    def reasons_in_words(self, inquiry: Inquiry) -> str:
        return " ".join(inquiry.reasons) or "It was not."


class LeadForm(forms.ModelForm):
    note = forms.CharField(
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text="Goes into the history below.",
    )

    class Meta:
        model = Lead
        fields = ["stage", "lost_reason", "owner", "office", "value", "currency", "respond_by"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        owner = self.fields.get("owner")
        if isinstance(owner, forms.ModelChoiceField):  # not there for who may only look
            people = User.objects.with_role(SALES) | User.objects.filter(pk=self.instance.owner_id)
            owner.queryset = people.distinct()

    def clean(self):
        super().clean()
        cleaned = self.cleaned_data
        before = Lead.objects.get(pk=self.instance.pk)
        try:
            pipeline.refuse_impossible_move(
                before, cleaned.get("stage", before.stage), cleaned.get("lost_reason", "")
            )
        except ValidationError as error:
            self.add_error(None, error)
        return cleaned


class FollowUpInline(admin.TabularInline):
    model = FollowUp
    fields = ["text", "due_on", "owner", "done_at"]
    formfield_overrides = NEAR_MOMENTS
    extra = 0


class InquiryInline(ReadOnlyInline):
    model = Inquiry
    verbose_name_plural = "what they wrote"
    fields = ["received_at", "message", "article", "letters"]
    readonly_fields = ["letters"]
    show_change_link = True

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related(ARTICLE, "notices__message")

    @admin.display(description="letters")
    def letters(self, inquiry: Inquiry) -> str:
        return format_html_join(
            "",
            "<div>{}: {}</div>",
            ((notice.recipient, delivery(notice)) for notice in inquiry.notices.all()),
        )


class ActivityInline(ReadOnlyInline):
    model = Activity
    verbose_name_plural = "history"
    fields = ["at", "kind", "text", "by"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("by")


class AnswerFilter(admin.SimpleListFilter):
    title = "answer"
    parameter_name = "answer"

    def lookups(self, request, model_admin):
        return [("waiting", "Waits for one"), ("overdue", "Overdue")]

    def queryset(self, request, queryset):
        match self.value():
            case "waiting":
                return queryset.unanswered()
            case "overdue":
                return queryset.overdue()
        return queryset


class FollowUpFilter(admin.SimpleListFilter):
    title = "follow-up"
    parameter_name = "follow_up"

    def lookups(self, request, model_admin):
        return [("due", "Due")]

    def queryset(self, request, queryset):
        if self.value() == "due":
            return queryset.filter(pk__in=FollowUp.objects.due().values("lead"))
        return queryset


@admin.register(Lead)
class LeadAdmin(admin.ModelAdmin):
    """The sales desk: who asked, how far we are, who takes care of it."""

    form = LeadForm
    list_display = ["contact_name", "company", "stage", "owner", "answer", "letters", "opened"]
    list_filter = [
        AnswerFilter,
        FollowUpFilter,
        "stage",
        ("owner", admin.RelatedOnlyFieldListFilter),
        "office",
    ]
    list_select_related = ["contact__company", "owner"]
    search_fields = ["contact__name", "contact__email", "contact__company__name"]
    date_hierarchy = "opened_at"
    readonly_fields = ["who", "opened_at", "responded_at", "closed_at"]
    formfield_overrides = NEAR_MOMENTS
    inlines = [InquiryInline, FollowUpInline, ActivityInline]
    fieldsets = [
        (None, {"fields": ["who", "stage", "lost_reason", "owner", "note"]}),
        ("The work", {"fields": ["office", ("value", "currency")]}),
        ("Dates", {"fields": ["respond_by", "responded_at", "opened_at", "closed_at"]}),
    ]

    def has_add_permission(self, request) -> bool:
        return False  # leads come from inquiries

    def has_delete_permission(self, request, obj=None) -> bool:
        return False

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(inquiry_count=Count("inquiries"))

    def save_model(self, request, lead, form, change):
        """The words and figures are saved as they are; stage and owner go through the pipeline."""
        stage, owner, lost_reason = lead.stage, lead.owner, lead.lost_reason
        before = Lead.objects.select_for_update().get(pk=lead.pk)
        lead.stage, lead.owner, lead.lost_reason = before.stage, before.owner, before.lost_reason
        lead.save()
        now = timezone.now()
        pipeline.move(lead, stage, by=request.user, at=now, lost_reason=lost_reason)
        pipeline.assign(lead, owner, by=request.user, at=now)
        pipeline.note(lead, form.cleaned_data["note"], by=request.user, at=now)

    @admin.display(description="opened", ordering="opened_at")
    def opened(self, lead: Lead) -> str:
        return f"{timezone.localtime(lead.opened_at):%-d %b}"

    @admin.display(description="contact", ordering="contact__name")
    def contact_name(self, lead: Lead) -> str:
        return lead.contact.name

    @admin.display(description="company", ordering="contact__company__name")
    def company(self, lead: Lead) -> str:
        return lead.contact.company.name if lead.contact.company else ""

    @admin.display(description="inquiries", ordering="inquiry_count")
    def letters(self, lead):
        return lead.inquiry_count

    @admin.display(description="answer", ordering="respond_by")
    def answer(self, lead: Lead) -> str:
        if lead.responded_at:
            return f"given {timezone.localtime(lead.responded_at):%-d %b}"
        if not lead.is_open or lead.respond_by is None:
            return ""
        due = f"due {timezone.localtime(lead.respond_by):%-d %b, %H:%M}"
        if lead.respond_by < timezone.now():
            return format_html('<span class="badge badge--failed">{}</span>', f"over{due}")
        return due

    @admin.display(description="who")
    def who(self, lead: Lead) -> str:
        contact = lead.contact
        return format_html(
            '<a href="{}">{}</a>{} · <a href="mailto:{}">{}</a>{}',
            reverse("admin:leads_contact_change", args=[contact.pk]),
            contact.name,
            f", {contact.company}" if contact.company else "",
            contact.email,
            contact.email,
            f" · {contact.phone}" if contact.phone else "",
        )


@admin.register(Contact)
class ContactAdmin(admin.ModelAdmin):
    """The people who asked."""

    list_display = ["name", "email", "company", "job_title"]
    list_select_related = ["company"]
    search_fields = ["name", "email", "company__name"]
    autocomplete_fields = ["company"]
    fields = ["name", "email", "company", "job_title", "phone", "timezone"]

    def has_add_permission(self, request) -> bool:
        return False  # contacts come from inquiries


@admin.register(Company)
class CompanyAdmin(admin.ModelAdmin):
    """Whom they work for."""

    list_display = ["name", "domain"]
    search_fields = ["name", "domain"]


@admin.register(Recipient)
class RecipientAdmin(admin.ModelAdmin):
    """Who in sales is mailed each inquiry."""

    list_display = ["email", "is_active"]
