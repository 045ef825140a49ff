"""Inquiries in the admin: word for word, never edited."""

from functools import partial

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html

from accounts.requests import StaffRequest
from desk.read_only import ReadOnly
from leads.admin.filters import InquirySpamFilter, NotificationFilter
from leads.admin.listed import ExportsList
from leads.admin.parts import ARTICLE, ErasingAdmin, ReadOnlyInline, briefs_html, readiness
from leads.admin.spam import SpamActs
from leads.admin.tables import InquiryTable
from leads.briefs import sections
from leads.briefs.files import markdown_file
from leads.insight import spam_weeks_page
from leads.lists.others import INQUIRIES
from leads.models import (
    Inquiry,
    Notification,
)
from leads.pipeline import assessments
from mail.admin import state_badge


class NotificationInline(ReadOnlyInline):
    model = Notification
    verbose_name_plural = "emails"
    fields = ["kind", "recipient", "delivery", "attempts", "trouble"]
    readonly_fields = ["delivery", "attempts", "trouble"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("message")

    @admin.display(description="delivery")
    def delivery(self, notification: Notification) -> str:
        return delivery(notification)

    @admin.display(description="attempts")
    def attempts(self, notification: Notification) -> int:
        return notification.message.attempts

    @admin.display(description="last error")
    def trouble(self, notification: Notification) -> str:
        return notification.message.error or "none"


def delivery(notification: Notification) -> str:
    """The delivery state of the email, linked to it."""
    message = notification.message
    moment = f"{timezone.localtime(message.sent_at):%-d %b, %H:%M}" if message.sent_at else ""
    url = reverse("admin:mail_message_change", args=[message.pk])
    return format_html('<a href="{}">{}</a> {}', url, state_badge(message), moment)


def inquiry_state(inquiry: Inquiry) -> str:
    if inquiry.is_spam:
        badge = "spam"
    elif inquiry.is_suspected or inquiry.is_doubtful:
        badge = "failed"
    else:
        badge = "sent" if inquiry.notified_at else "queued"
    return format_html('<span class="badge badge--{}">{}</span>', badge, inquiry.state_text)


@admin.register(Inquiry)
class InquiryAdmin(ExportsList, ReadOnly, SpamActs, ErasingAdmin):
    """What visitors sent, word for word. Nobody edits it; people decide whether it is spam.

    Inquiries come through `leads.intake`, and leave with their person: see `privacy.erasing`.
    """

    table = InquiryTable
    import_export_change_list_template = "admin/leads/inquiry/change_list.html"
    screen = INQUIRIES
    view_on_site = False  # its address is on the desk
    list_display = ["name", "beginning", "article", "state", "received"]
    list_filter = [InquirySpamFilter, NotificationFilter, "office"]
    list_select_related = ["spam_mark"]
    search_help_text = "Names, addresses, messages, briefs, articles, sources."
    date_hierarchy = "received_at"
    show_full_result_count = False  # it would count them all once more
    actions = [*SpamActs.actions, "erase"]
    inlines = [NotificationInline]
    change_form_template = "admin/leads/inquiry/change_form.html"
    fieldsets = [
        (None, {"fields": ["state", "name", "email", "company", "message", "lead_link"]}),
        ("Brief", {"fields": ["brief_sent"]}),
        ("Readiness", {"fields": ["readiness"]}),
        ("Source", {"fields": [
            "source_path", "article", "referrer_host", "utm_source", "utm_medium", "utm_campaign",
        ]}),
        ("Details", {"fields": [
            "received_at", "notified_at", "office", "spam_signs", "wording_link",
        ]}),
    ]  # fmt: skip

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related(ARTICLE)

    def get_export_queryset(self, request):
        return super().get_export_queryset(request).select_related("spam_mark", "lead", "office")

    def get_urls(self):
        weeks = self.admin_site.admin_view(partial(spam_weeks_page.page, self))
        return [
            path("spam/", weeks, name="leads_inquiry_spam_weeks"),
            path(
                "<int:pk>/brief.md",
                self.admin_site.admin_view(self.download_brief),
                name="leads_inquiry_brief",
            ),
            *super().get_urls(),
        ]

    def download_brief(self, request: StaffRequest, pk: int) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        brief = sections.of_inquiry(get_object_or_404(Inquiry, pk=pk))
        if brief is None:
            raise Http404("No brief came with this inquiry.")
        return markdown_file(brief)

    @admin.display(description="brief")
    def brief_sent(self, inquiry: Inquiry) -> str:
        brief = sections.of_inquiry(inquiry)
        return briefs_html([brief] if brief else [])

    @admin.display(description="state", ordering="verdict")
    def state(self, inquiry: Inquiry) -> str:
        return inquiry_state(inquiry)

    @admin.display(description="received", ordering="received_at")
    def received(self, inquiry: Inquiry) -> str:
        return f"{timezone.localtime(inquiry.received_at):%-d %b, %H:%M}"

    @admin.display(description="message")
    def beginning(self, inquiry: Inquiry) -> str:
        text = " ".join(inquiry.message.split())
        return f"{text[:80]}…" if len(text) > 80 else text

    @admin.display(description="lead", ordering="lead__stage")
    def lead_link(self, inquiry: Inquiry) -> str:
        if inquiry.lead is None:
            return "none: suspected spam"
        return format_html(
            '<a href="{}">{}</a>', inquiry.lead.get_absolute_url(), inquiry.lead.get_stage_display()
        )

    @admin.display(description="privacy wording")
    def wording_link(self, inquiry: Inquiry) -> str:
        url = reverse("admin:privacy_wording_change", args=[inquiry.wording_id])
        return format_html('<a href="{}">{}</a>', url, inquiry.wording)

    @admin.display(description="assessment")
    def readiness(self, inquiry: Inquiry) -> str:
        return readiness(assessments.of_inquiry(inquiry))

    @admin.display(description="signs of spam")
    def spam_signs(self, inquiry: Inquiry) -> str:
        return " ".join(inquiry.reasons) or "none"
