"""Leads in the admin: where they stand, and what is done about them."""

from datetime import datetime
from functools import partial

from django.contrib import admin
from django.db.models import Prefetch
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html

from desk.bulk import tell
from desk.merging_admin import MergingAdmin
from desk.moments import NEAR_MOMENTS
from desk.once import SavesOnce
from leads import score
from leads.acts import correcting, doing
from leads.acts.doing import Shown
from leads.admin.filters import (
    AnswerFilter,
    CareFilter,
    LeadSpamFilter,
    NextStepFilter,
    NullsLast,
    ReadinessFilter,
)
from leads.admin.lead_forms import LeadForm
from leads.admin.lead_inlines import ActivityInline, InquiryInline, NextStepInline
from leads.admin.listed import ExportsList
from leads.admin.parts import briefs_html, chosen_at_once, readiness
from leads.admin.tables import LeadTable
from leads.admin.words import FindsWords
from leads.briefs import sections
from leads.insight import calibration_page
from leads.lists.leads import PIPELINE
from leads.models import Lead, NextStep
from leads.pipeline import assessments, moves


@admin.register(Lead)
class LeadAdmin(ExportsList, FindsWords, SavesOnce, MergingAdmin):
    """The sales desk: who asked, how far we are, who is responsible."""

    form = LeadForm
    table = LeadTable
    screen = PIPELINE
    view_on_site = False  # its address is the desk's, the page links to it by name
    list_display = [
        "contact_name", "stage", "answer", "latest_result", "points", "next_step",
        "owner", "received",
    ]  # fmt: skip
    list_filter = [
        LeadSpamFilter,
        AnswerFilter,
        NextStepFilter,
        CareFilter,
        ReadinessFilter,
        "stage",
        ("owner", admin.RelatedOnlyFieldListFilter),
        "office",
    ]
    list_select_related = ["contact__company", "owner"]
    search_help_text = "Names, addresses, phone numbers, messages, notes, next steps, sources."
    date_hierarchy = "opened_at"
    show_full_result_count = False  # it would count them all once more
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
            "stage", "lost_because", "lost_reason", "owner",
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
        """What this person changed, each an act of its own; nothing else of the page."""
        for done in self._acts(lead, form, by=request.user, at=timezone.now()):
            tell(request, done)
        lead.refresh_from_db()  # acts hold a lead of their own

    def _acts(self, lead, form, *, by, at):
        changes, cleaned = form.changes, form.cleaned_data
        if details := {name: changes[name] for name in moves.DETAILS if name in changes}:
            yield doing.revise(lead, details, by=by, at=at)
        if changes.keys() & {"stage", "lost_because", "lost_reason"}:
            why = {name: cleaned[name] for name in ("lost_because", "lost_reason")}
            yield doing.move([lead], cleaned["stage"], by=by, at=at, **why)
        if "owner" in changes:
            yield doing.assign([lead], changes["owner"], by=by, at=at)
        if cleaned["note"].strip():
            yield doing.note(lead, cleaned["note"], by=by, at=at)
        if text := cleaned["next_step"]:
            due_on = cleaned["next_due"]
            yield doing.add_step([lead], text, due_on=due_on, owner=None, by=by, at=at)
        if form.says_answered:
            yield doing.answer([lead], by=by, at=at, shown={}, again=True)
        if form.takes_answer_back:
            yield correcting.not_answered([lead], by=by, at=at)

    def why_not_saved(self, request, row):
        return "" if row else "This lead was deleted, as its person was erased,"

    def save_formset(self, request, form, formset, change):
        now = timezone.now()
        changed = formset.save(commit=False)
        for step in formset.deleted_objects:
            tell(request, correcting.cancel_step(step, by=request.user, at=now))
        for step in changed:
            tell(request, correcting.change_step(step, by=request.user, at=now))

    def response_change(self, request, obj):
        if request.POST.keys() & {"_answer", "_not_answered"}:
            return redirect("admin:leads_lead_change", obj.pk)  # where Undo says what was done
        return super().response_change(request, obj)

    @admin.action(description="Mark as answered", permissions=["change"])
    def mark_answered(self, request, queryset):
        chosen = chosen_at_once(request, queryset)
        shown = Shown.read(request.POST.getlist("seen"))
        tell(request, doing.answer(chosen, by=request.user, at=timezone.now(), shown=shown))

    def get_changelist_instance(self, request):
        found = super().get_changelist_instance(request)
        found.shown = Shown.of_each([lead.pk for lead in found.result_list])
        return found

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
