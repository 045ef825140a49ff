"""Leads in the admin: where they stand, and what is done about them."""

from datetime import datetime
from functools import partial

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from accounts.requests import StaffRequest
from desk import undo
from desk.exporting import Exports
from desk.merging_admin import MergingAdmin
from desk.moments import NEAR_MOMENTS
from desk.once import SavesOnce
from leads import score
from leads.admin.filters import (
    AnswerFilter,
    LeadSpamFilter,
    NextStepFilter,
    NullsLast,
    ReadinessFilter,
)
from leads.admin.lead_inlines import ActivityInline, InquiryInline, NextStepInline
from leads.admin.parts import briefs_html, readiness
from leads.admin.tables import LeadTable
from leads.briefs import sections
from leads.insight import calibration_page
from leads.models import Lead, NextStep
from leads.pipeline import answering, assessments, moves
from leads.pipeline.forms import LeadForm
from mail.admin_search import FindsSpellings


@admin.register(Lead)
class LeadAdmin(Exports, FindsSpellings, SavesOnce, MergingAdmin):
    """The sales desk: who asked, how far we are, who is responsible."""

    form = LeadForm
    table = LeadTable
    list_display = [
        "contact_name", "stage", "answer", "latest_result", "points", "next_step",
        "owner", "received",
    ]  # fmt: skip
    list_filter = [
        LeadSpamFilter,
        AnswerFilter,
        NextStepFilter,
        ReadinessFilter,
        "stage",
        ("owner", admin.RelatedOnlyFieldListFilter),
        "office",
    ]
    list_select_related = ["contact__company", "owner"]
    search_fields = ["contact__name", "contact__email", "contact__company__name"]
    date_hierarchy = "opened_at"
    actions = ["mark_answered"]
    readonly_fields = [
        "who", "latest_inquiry", "brief_sent", "readiness", "score", "first_responded_at",
        "responded_at", "opened_at", "closed_at",
    ]  # fmt: skip
    formfield_overrides = NEAR_MOMENTS
    inlines = [NextStepInline, InquiryInline, ActivityInline]
    import_export_change_list_template = "admin/leads/lead/change_list.html"
    change_form_template = "admin/leads/lead/change_form.html"
    fieldsets = [
        (None, {"fields": [
            "who", "latest_inquiry", "note", "next_step", "next_due",
            "stage", "lost_reason", "owner",
        ]}),
        ("Brief", {"fields": ["brief_sent"]}),
        ("Readiness", {"fields": ["readiness"]}),
        ("Score", {"fields": ["score"]}),
        ("Value", {"fields": [("value", "currency"), "office"]}),
        ("Dates", {"fields": [
            "respond_by", "first_responded_at", "responded_at", "opened_at", "closed_at",
        ]}),
    ]  # fmt: skip

    def get_urls(self):
        page = self.admin_site.admin_view(partial(calibration_page.page, self))
        file = self.admin_site.admin_view(partial(calibration_page.file, self))
        return [
            path(
                "answered/undo/",
                self.admin_site.admin_view(require_POST(self.undo_answered)),
                name="leads_lead_undo_answered",
            ),
            path("calibration/", page, name="leads_lead_calibration"),
            path("calibration/csv/", file, name="leads_lead_calibration_csv"),
            *super().get_urls(),
        ]

    def has_add_permission(self, request) -> bool:
        return False  # leads come from inquiries

    def has_delete_permission(self, request, obj=None) -> bool:
        return False

    def get_queryset(self, request):
        steps = Prefetch("next_steps", NextStep.objects.open(), to_attr="open_steps")
        return Lead.objects.with_inquiries().with_readiness().prefetch_related(steps)

    def get_export_queryset(self, request):
        found = super().get_export_queryset(request)
        return found.select_related("contact__company", "owner", "office")

    def save_model(self, request, lead, form, change):
        """What this person changed, each through the pipeline; nothing else of the page."""
        by, now, cleaned = request.user, timezone.now(), form.cleaned_data
        moves.revise(
            lead,
            {name: form.changes[name] for name in moves.DETAILS if name in form.changes},
            by=by,
            at=now,
        )
        if form.changes.keys() & {"stage", "lost_reason"}:
            moves.move(lead, cleaned["stage"], by=by, at=now, lost_reason=cleaned["lost_reason"])
        if "owner" in form.changes:
            moves.assign(lead, form.changes["owner"], by=by, at=now)
        moves.note(lead, cleaned["note"], by=by, at=now)
        if cleaned["next_step"]:
            moves.add_next_step(
                lead,
                cleaned["next_step"],
                due_on=cleaned["next_due"],
                owner=lead.owner or by,
                by=by,
                at=now,
            )
        if form.says_answered:
            moves.answer(lead, by=by, at=now, again=True)
        if form.takes_answer_back:
            moves.take_answer_back(lead, by=by, at=now)

    def why_not_saved(self, request, row):
        return "" if row else "This lead was deleted, as its person was erased,"

    def save_formset(self, request, form, formset, change):
        now = timezone.now()
        steps = formset.save(commit=False)
        for step in formset.deleted_objects:
            moves.cancel_next_step(step, by=request.user, at=now)
        for step in steps:
            if step.pk is None:  # canceled by a colleague, and wanted all the same
                moves.restore_next_step(step, by=request.user, at=now)
            else:
                moves.update_next_step(step, by=request.user, at=now)

    def response_change(self, request, obj):
        if "_answer" in request.POST:
            self._offer_undo_answered(
                request, f"Answered: {obj.contact.name}.", at=obj.answers.first().at
            )
            return redirect("admin:leads_lead_change", obj.pk)
        if "_not_answered" in request.POST:
            self.message_user(request, f"{obj.contact.name} is waiting for an answer again.")
            return redirect("admin:leads_lead_change", obj.pk)
        return super().response_change(request, obj)

    @admin.action(description="Mark as answered", permissions=["change"])
    def mark_answered(self, request, queryset):
        now = timezone.now()
        done = answering.answer_each(
            queryset, by=request.user, at=now, opened_at=undo.moment(request, "opened_at") or now
        )
        if done.count:
            self._offer_undo_answered(request, f"{done.count} answered.", at=now)
        for sentence in done.left_out:
            self.message_user(request, sentence, messages.WARNING)

    def undo_answered(self, request: StaffRequest) -> HttpResponse:
        """Take back what this person answered at one moment."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        done = answering.undo_each(by=request.user, at=undo.moment(request))
        if done.count:
            self.message_user(request, f"Undone: {done.count} no longer marked as answered.")
        for sentence in done.left_out:
            self.message_user(request, sentence, messages.WARNING)
        if not done.count and not done.left_out:
            self.message_user(request, "Nothing left to undo.", messages.WARNING)
        return redirect(done.lead or "admin:leads_lead_changelist")

    def _offer_undo_answered(self, request: StaffRequest, text: str, *, at: datetime) -> None:
        undo.offer(request, text, undo_url=reverse("admin:leads_lead_undo_answered"), at=at)

    @admin.display(description="contact", ordering="contact__name")
    def contact_name(self, lead: Lead) -> str:
        company = lead.contact.company
        return format_html(
            "{} <small>{}</small>", lead.contact.name, company.name if company else ""
        )

    @admin.display(description="received", ordering="opened_at")
    def received(self, lead: Lead) -> str:
        day, count = _day(lead.opened_at), len(lead.genuine_inquiries)
        return f"{count} inquiries since {day}" if count > 1 else day

    @admin.display(description="answer", ordering="respond_by")
    def answer(self, lead: Lead) -> str:
        if not lead.genuine_inquiries:
            return "spam"
        if not lead.is_waiting:
            return f"answered {_day(lead.responded_at)}" if lead.responded_at else ""
        if lead.respond_by is None:
            return "waiting"
        due = f"due {timezone.localtime(lead.respond_by):%-d %b, %H:%M}"
        if lead.respond_by < timezone.now():
            return format_html('<span class="badge badge--failed">{}</span>', f"over{due}")
        return due

    @admin.display(description="readiness", ordering=NullsLast("readiness"), empty_value="")
    def latest_result(self, lead: Lead) -> str | None:
        """Of the latest assessment, as a badge, and its total."""
        result = lead.known().readiness
        if result is None:
            return None
        badge = '<span class="badge badge--{}">{}</span> {}'
        return format_html(badge, result.key, result.name, f"{result.total:.0f}")

    @admin.display(description="score")
    def points(self, lead: Lead) -> int:
        return score.score(lead.known()).total

    @admin.display(description="next step")
    def next_step(self, lead):
        if not lead.open_steps:
            return ""
        step = lead.open_steps[0]
        text = f"{step.due_on:%-d %b}: {step.text}"
        today = timezone.localdate()
        if step.due_on <= today:
            badge = '<span class="badge badge--failed">{}</span> {}'
            return format_html(badge, "overdue" if step.due_on < today else "due", text)
        return text

    @admin.display(description="latest inquiry")
    def latest_inquiry(self, lead: Lead) -> str:
        inquiry = lead.inquiries.not_spam().first() or lead.inquiries.first()
        if inquiry is None:
            return ""
        return format_html(
            '<div class="typed" tabindex="0">{}</div>{}',
            inquiry.message,
            f"{timezone.localtime(inquiry.received_at):%-d %b %Y, %H:%M}",
        )

    @admin.display(description="brief")
    def brief_sent(self, lead: Lead) -> str:
        return briefs_html(sections.of_lead(lead))

    @admin.display(description="assessment")
    def readiness(self, lead: Lead) -> str:
        return readiness(assessments.of_lead(lead))

    @admin.display(description="score")
    def score(self, lead: Lead) -> str:
        context = {"score": score.score(lead.known()), "full": score.MAX}
        return render_to_string("admin/leads/_score.html", context)

    @admin.display(description="contact")
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


def _day(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%-d %b}"
