from datetime import datetime
from functools import partial

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch
from django.forms.models import BaseInlineFormSet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.views.decorators.http import require_POST

from accounts.labelled import LabelledColumns
from accounts.models import User
from accounts.moments import NEAR_MOMENTS
from accounts.once import SavesOnce
from accounts.read_only import ReadOnly
from accounts.requests import StaffRequest
from articles.models import Article
from leads import (
    answering,
    assessments,
    brief_hints,
    briefs,
    calibration_page,
    comparison,
    erasure,
    lead_score,
    pipeline,
    undo,
)
from leads.brief_files import markdown_file
from leads.lead_filters import (
    AnswerFilter,
    FollowUpFilter,
    InquirySpamFilter,
    LeadSpamFilter,
    NotificationFilter,
    NullsLast,
    ReadinessFilter,
)
from leads.lead_forms import FollowUpForm, LeadForm, who_may_take_care
from leads.models import (
    Activity,
    Brief,
    Company,
    Contact,
    Deletion,
    FollowUp,
    Inquiry,
    Lead,
    Notice,
    Recipient,
)
from leads.spam_admin import SpamActs
from mail.addresses import mailbox
from mail.admin import state_badge
from mail.admin_search import FindsSpellings
from readiness.reports import Report

MOST_AT_ONCE = 20
ARTICLE = Prefetch("article", queryset=Article.objects.with_titles())


class ShownFormSet(BaseInlineFormSet):
    """Rows as they are now, also when the page comes back with errors: nothing is read from it."""

    def __init__(self, data=None, files=None, **kwargs) -> None:
        super().__init__(**kwargs)

    def is_valid(self) -> bool:
        return True

    def save(self, commit=True):
        self.new_objects, self.changed_objects, self.deleted_objects = [], [], []
        return []


class ReadOnlyInline(ReadOnly, admin.TabularInline):
    """Rows that staff look at: they are written elsewhere."""

    formset = ShownFormSet

    extra = 0
    can_delete = False


class ErasingAdmin(FindsSpellings):
    """Where a person can be forgotten: by an administrator, who sees first what goes."""

    def has_erase_permission(self, request) -> bool:
        return request.user.has_perm("leads.erase_contact")

    @admin.action(description="Erase the person, and all they sent…", permissions=["erase"])
    def erase(self, request, queryset):
        addresses = {mailbox(one) for one in queryset.values_list("email", flat=True)}
        if len(addresses) > MOST_AT_ONCE:
            self.message_user(
                request,
                f"At most {MOST_AT_ONCE} people at once: each wants a look.",
                messages.ERROR,
            )
            return None
        people = erasure.find_each(addresses)
        stamp = " ".join(traces.stamp for traces in people)
        if request.POST.get("stamp") == stamp and self._erased(people, by=request.user):
            counts = "; ".join(traces.summary for traces in people)
            self.message_user(request, f"Erased: {counts}.")
            return None
        if "stamp" in request.POST:
            self.message_user(
                request,
                "Nothing was erased: there is more or less by now than you looked at. Look again.",
                messages.WARNING,
            )
        context = {
            **self.admin_site.each_context(request),
            "title": "Erase the person, and all they sent",
            "opts": self.opts,
            "people": people,
            "stamp": stamp,
            "selected": [row.pk for row in queryset],
        }
        return render(request, "admin/leads/erase.html", context)

    def _erased(self, people: list[erasure.Traces], *, by: User) -> bool:
        try:
            erasure.erase_each(people, by=by)
        except erasure.ChangedMeanwhile:
            return False
        return True


def readiness(reports: list[Report]) -> str:
    """What came of the assessments, the latest open and the earlier ones to compare with."""
    if not reports:
        return "none came with it"
    compared = comparison.compare(reports) if len(reports) > 1 else None
    context = {"reports": reports, "comparison": compared}
    return render_to_string("admin/leads/_readiness.html", context)


def brief_in_words(found: list[Brief]) -> str:
    """What they want built, the latest open, with what is open in it as questions to ask."""
    if not found:
        return "none came with it"
    shown = [(one, briefs.said(one), brief_hints.kept(one)) for one in found]
    return render_to_string("admin/leads/_briefs.html", {"briefs": shown})


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


def inquiry_state(inquiry: Inquiry) -> str:
    badge = '<span class="badge badge--{}">{}</span>'
    if inquiry.is_spam:
        return format_html(badge, "spam", "Spam")
    if inquiry.is_held or inquiry.is_doubtful:
        return format_html(badge, "failed", inquiry.get_verdict_display())
    if inquiry.announced_at is None:
        return format_html(badge, "queued", "Notifying")
    return format_html(badge, "sent", "Notified")


@admin.register(Inquiry)
class InquiryAdmin(ReadOnly, SpamActs, ErasingAdmin):
    """What visitors sent, word for word. Nobody edits it; people decide whether it is spam.

    Inquiries come through `leads.intake`, and leave through `leads.erasure`.
    """

    list_display = ["name", "beginning", "article", "state", "received"]
    list_filter = [InquirySpamFilter, NotificationFilter, "office"]
    list_select_related = ["spam_mark"]
    search_fields = ["name", "email", "company", "message"]
    date_hierarchy = "received_at"
    actions = [*SpamActs.actions, "erase"]
    inlines = [NoticeInline]
    change_form_template = "admin/leads/inquiry/change_form.html"
    fieldsets = [
        (None, {"fields": ["state", "name", "email", "company", "message", "lead_link"]}),
        ("Brief", {"fields": ["brief_sent"]}),
        ("Readiness", {"fields": ["readiness"]}),
        ("Where it came from", {"fields": [
            "source_path", "article", "referrer_host", "utm_source", "utm_medium", "utm_campaign",
        ]}),
        ("What we know of it", {"fields": [
            "received_at", "announced_at", "office", "reasons_in_words", "privacy_version",
        ]}),
    ]  # fmt: skip

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related(ARTICLE)

    def get_urls(self):
        return [
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
        found = briefs.of_inquiry(get_object_or_404(Inquiry, pk=pk))
        if found is None:
            raise Http404("No brief came with this inquiry.")
        return markdown_file(found)

    @admin.display(description="brief")
    def brief_sent(self, inquiry: Inquiry) -> str:
        found = briefs.of_inquiry(inquiry)
        return brief_in_words([found] if found else [])

    @admin.display(description="state", ordering="verdict")
    def state(self, inquiry: Inquiry) -> str:
        return inquiry_state(inquiry)

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
            return "none while it is suspected spam"
        url = reverse("admin:leads_lead_change", args=[inquiry.lead_id])
        return format_html('<a href="{}">{}</a>', url, inquiry.lead.get_stage_display())

    @admin.display(description="assessment")
    def readiness(self, inquiry: Inquiry) -> str:
        return readiness(assessments.of_inquiry(inquiry))

    @admin.display(description="signs of spam")
    def reasons_in_words(self, inquiry: Inquiry) -> str:
        return " ".join(inquiry.reasons) or "none"


class FollowUpInline(LabelledColumns, admin.TabularInline):
    """What was promised. A new one is promised in the form above."""

    model = FollowUp
    form = FollowUpForm
    verbose_name_plural = "follow-ups"
    fields = ["is_done", "text", "due_on", "owner", "seen"]
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
            here = FollowUp.objects.filter(lead=obj).values("owner")
            people = who_may_take_care(User.objects.filter(pk__in=here))
            owner.queryset = people
            # Asked once, not once a row.
            owner.choices = [("", "nobody"), *((person.pk, str(person)) for person in people)]
        return formset


class InquiryInline(ReadOnlyInline):
    model = Inquiry
    verbose_name_plural = "what they wrote"
    fields = ["received_at", "state", "message", "article", "letters"]
    readonly_fields = ["state", "letters"]
    show_change_link = True

    def get_queryset(self, request):
        inquiries = super().get_queryset(request).select_related("spam_mark")
        return inquiries.prefetch_related(ARTICLE, "notices__message")

    @admin.display(description="state")
    def state(self, inquiry: Inquiry) -> str:
        return inquiry_state(inquiry)

    @admin.display(description="letters")
    def letters(self, inquiry: Inquiry) -> str:
        return format_html_join(
            "",
            "<div>{}, {}: {}</div>",
            (
                (notice.get_kind_display(), notice.recipient, delivery(notice))
                for notice in inquiry.notices.all()
            ),
        )


class ActivityInline(ReadOnlyInline):
    model = Activity
    verbose_name_plural = "history"
    fields = ["at", "kind", "text", "by"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("by")


@admin.register(Lead)
class LeadAdmin(FindsSpellings, SavesOnce):
    """The sales desk: who asked, how far we are, who takes care of it."""

    form = LeadForm
    list_display = [
        "contact_name", "stage", "answer", "latest_result", "points", "next_step",
        "owner", "letters",
    ]  # fmt: skip
    list_filter = [
        LeadSpamFilter,
        AnswerFilter,
        FollowUpFilter,
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
        "who", "latest_letter", "brief_sent", "readiness", "score", "first_responded_at",
        "responded_at", "opened_at", "closed_at",
    ]  # fmt: skip
    formfield_overrides = NEAR_MOMENTS
    inlines = [FollowUpInline, InquiryInline, ActivityInline]
    change_form_template = "admin/leads/lead/change_form.html"
    fieldsets = [
        (None, {"fields": [
            "who", "latest_letter", "note", "next_step", "next_due",
            "stage", "lost_reason", "owner", "seen",
        ]}),
        ("Brief", {"fields": ["brief_sent"]}),
        ("Readiness", {"fields": ["readiness"]}),
        ("Score", {"fields": ["score"]}),
        ("The work", {"fields": [("value", "currency"), "office"]}),
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
        steps = Prefetch("follow_ups", FollowUp.objects.promised(), to_attr="promised")
        return Lead.objects.with_letters().with_readiness().prefetch_related(steps)

    def save_model(self, request, lead, form, change):
        """What this person changed, each through the pipeline; nothing else of the page."""
        by, now, cleaned = request.user, timezone.now(), form.cleaned_data
        pipeline.revise(
            lead,
            {name: form.changes[name] for name in pipeline.DETAILS if name in form.changes},
            by=by,
            at=now,
        )
        if form.changes.keys() & {"stage", "lost_reason"}:
            pipeline.move(lead, cleaned["stage"], by=by, at=now, lost_reason=cleaned["lost_reason"])
        if "owner" in form.changes:
            pipeline.assign(lead, form.changes["owner"], by=by, at=now)
        pipeline.note(lead, cleaned["note"], by=by, at=now)
        if cleaned["next_step"]:
            pipeline.promise(
                lead,
                cleaned["next_step"],
                due_on=cleaned["next_due"],
                owner=lead.owner or by,
                by=by,
                at=now,
            )
        if form.says_answered:
            pipeline.answer(lead, by=by, at=now, again=True)
        if form.takes_answer_back:
            pipeline.take_answer_back(lead, by=by, at=now)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        try:
            return super().change_view(request, object_id, form_url, extra_context)
        except pipeline.Gone:
            self.message_user(
                request,
                "Nothing was saved: the lead is not there any more, its person was erased.",
                messages.WARNING,
            )
            return redirect("admin:leads_lead_changelist")

    def save_formset(self, request, form, formset, change):
        now = timezone.now()
        steps = formset.save(commit=False)
        for step in formset.deleted_objects:
            pipeline.drop(step, by=request.user, at=now)
        for step in steps:
            pipeline.keep(step, by=request.user, at=now)

    def response_change(self, request, obj):
        if "_answer" in request.POST:
            self._tell_answered(
                request, f"Answered: {obj.contact.name}.", at=obj.answers.first().at
            )
            return redirect("admin:leads_lead_change", obj.pk)
        if "_not_answered" in request.POST:
            self.message_user(request, f"{obj.contact.name} is waiting for an answer again.")
            return redirect("admin:leads_lead_change", obj.pk)
        return super().response_change(request, obj)

    @admin.action(description="Answered: they have our answer", permissions=["change"])
    def mark_answered(self, request, queryset):
        now = timezone.now()
        done = answering.answer_each(
            queryset, by=request.user, at=now, opened_at=undo.moment(request, "opened_at") or now
        )
        if done.count:
            self._tell_answered(request, f"{done.count} answered.", at=now)
        for sentence in done.left_out:
            self.message_user(request, sentence, messages.WARNING)

    def undo_answered(self, request: StaffRequest) -> HttpResponse:
        """Take back what this person answered at one moment."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        done = answering.undo_each(by=request.user, at=undo.moment(request))
        if done.count:
            self.message_user(request, f"Undone: {done.count} not answered yet.")
        for sentence in done.left_out:
            self.message_user(request, sentence, messages.WARNING)
        if not done.count and not done.left_out:
            self.message_user(request, "There was nothing left to undo.", messages.WARNING)
        return redirect(done.lead or "admin:leads_lead_changelist")

    def _tell_answered(self, request: StaffRequest, text: str, *, at: datetime) -> None:
        undo.tell(request, text, undo_url=reverse("admin:leads_lead_undo_answered"), at=at)

    @admin.display(description="contact", ordering="contact__name")
    def contact_name(self, lead: Lead) -> str:
        company = lead.contact.company
        return format_html(
            "{} <small>{}</small>", lead.contact.name, company.name if company else ""
        )

    @admin.display(description="wrote", ordering="opened_at")
    def letters(self, lead):
        since = _day(lead.opened_at)
        return f"{len(lead.letters)} since {since}" if len(lead.letters) > 1 else since

    @admin.display(description="answer", ordering="respond_by")
    def answer(self, lead: Lead) -> str:
        if not lead.letters:
            return "spam"
        if not lead.is_waiting:
            return f"given {_day(lead.responded_at)}" if lead.responded_at else ""
        if lead.respond_by is None:
            return "waits for one"
        due = f"due {timezone.localtime(lead.respond_by):%-d %b, %H:%M}"
        if lead.respond_by < timezone.now():
            return format_html('<span class="badge badge--failed">{}</span>', f"over{due}")
        return due

    @admin.display(description="readiness", ordering=NullsLast("readiness"), empty_value="")
    def latest_result(self, lead: Lead) -> str | None:
        """Of the latest assessment, as a badge, and its total."""
        came_to = lead.known().readiness
        if came_to is None:
            return None
        badge = '<span class="badge badge--{}">{}</span> {}'
        return format_html(badge, came_to.key, came_to.name, f"{came_to.total:.0f}")

    @admin.display(description="score")
    def points(self, lead: Lead) -> int:
        return lead_score.score(lead.known()).total

    @admin.display(description="next step")
    def next_step(self, lead):
        if not lead.promised:
            return ""
        step = lead.promised[0]
        words = f"{step.due_on:%-d %b}: {step.text}"
        if step.due_on <= timezone.localdate():
            return format_html('<span class="badge badge--failed">due</span> {}', words)
        return words

    @admin.display(description="latest letter")
    def latest_letter(self, lead: Lead) -> str:
        inquiry = lead.inquiries.not_spam().first() or lead.inquiries.first()
        if inquiry is None:
            return ""
        return format_html(
            '<div class="words" tabindex="0">{}</div>{}',
            inquiry.message,
            f"{timezone.localtime(inquiry.received_at):%-d %b %Y, %H:%M}",
        )

    @admin.display(description="brief")
    def brief_sent(self, lead: Lead) -> str:
        return brief_in_words(briefs.of_lead(lead))

    @admin.display(description="assessment")
    def readiness(self, lead: Lead) -> str:
        return readiness(assessments.of_lead(lead))

    @admin.display(description="score")
    def score(self, lead: Lead) -> str:
        context = {"score": lead_score.score(lead.known()), "full": lead_score.FULL}
        return render_to_string("admin/leads/_score.html", context)

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


def _day(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%-d %b}"


@admin.register(Contact)
class ContactAdmin(ErasingAdmin):
    """The people who asked."""

    actions = ["erase"]
    change_form_template = "admin/leads/contact/change_form.html"

    list_display = ["name", "email", "company", "job_title"]
    list_select_related = ["company"]
    search_fields = ["name", "email", "company__name"]
    autocomplete_fields = ["company"]
    fields = ["name", "email", "company", "job_title", "phone", "timezone"]

    def has_add_permission(self, request) -> bool:
        return False  # contacts come from inquiries

    def has_delete_permission(self, request, obj=None) -> bool:
        return False  # see leads.erasure


@admin.register(Company)
class CompanyAdmin(FindsSpellings):
    """Whom they work for."""

    list_display = ["name", "domain"]
    search_fields = ["name", "domain"]


@admin.register(Recipient)
class RecipientAdmin(admin.ModelAdmin):
    """Who in sales is mailed each inquiry."""

    list_display = ["email", "is_active"]


@admin.register(Deletion)
class DeletionAdmin(ReadOnly, admin.ModelAdmin):
    """Inquiries that are no longer there: the database writes each down, whoever deleted it."""

    list_display = ["number", "deleted_at"]
    date_hierarchy = "deleted_at"
