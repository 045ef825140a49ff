"""Leads and inquiries as exported tables."""

from import_export.fields import Field

from desk.exporting import Table
from leads import score
from leads.languages import names
from leads.models import Inquiry, Lead
from readiness import wishes


class LeadTable(Table):
    number = Field("pk", "lead no.")
    contact = Field("contact__name", "contact")
    email = Field("contact__email", "email")
    company = Field("contact__company__name", "company")
    job_title = Field("contact__job_title", "job title")
    phone = Field("contact__phone", "phone")
    stage = Field("get_stage_display", "stage")
    lost_because = Field("get_lost_because_display", "lost because")
    lost_reason = Field("lost_reason", "in words")
    owner = Field("owner__name", "assigned to")
    office = Field("office__name", "office")
    value = Field("value", "value")
    currency = Field("currency", "currency")
    opened_at = Field("opened_at", "received")
    inquiries = Field(column_name="inquiries")
    respond_by = Field("respond_by", "answer by")
    first_responded_at = Field("first_responded_at", "first answered")
    responded_at = Field("responded_at", "answered")
    closed_at = Field("closed_at", "closed")
    next_step = Field(column_name="next step")
    next_step_due = Field(column_name="next step due")
    readiness = Field("latest_assessment__name", "readiness")
    readiness_total = Field("latest_assessment__total", "readiness total")
    score = Field(column_name="score")
    wanted = Field(column_name="looking for")
    start = Field(column_name="start")
    team = Field(column_name="team")

    def dehydrate_inquiries(self, lead: Lead) -> int:
        return len(lead.genuine_inquiries)

    def dehydrate_next_step(self, lead):
        return lead.open_steps[0].text if lead.open_steps else None

    def dehydrate_next_step_due(self, lead):
        return lead.open_steps[0].due_on if lead.open_steps else None

    def dehydrate_score(self, lead: Lead) -> int:
        return score.score(lead.known()).total

    def dehydrate_wanted(self, lead: Lead) -> str:
        return self._chosen(lead, "wanted")

    def dehydrate_start(self, lead: Lead) -> str:
        return self._chosen(lead, "start")

    def dehydrate_team(self, lead: Lead) -> str:
        return self._chosen(lead, "team")

    def _chosen(self, lead: Lead, name: str) -> str:
        return wishes.label(name, (lead.latest_assessment or {}).get(name) or "")


class InquiryTable(Table):
    number = Field("pk", "inquiry no.")
    received_at = Field("received_at", "received")
    state = Field(column_name="state")
    name = Field("name", "name")
    email = Field("email", "email")
    company = Field("company", "company")
    message = Field("message", "message")
    language = Field(column_name="language")
    stage = Field("lead__get_stage_display", "lead")
    office = Field("office__name", "office")
    article = Field(column_name="article")
    source_path = Field("source_path", "sent from")
    referrer_host = Field("referrer_host", "came from")
    utm_source = Field("utm_source", "campaign source")
    utm_medium = Field("utm_medium", "campaign medium")
    utm_campaign = Field("utm_campaign", "campaign")

    def dehydrate_state(self, inquiry: Inquiry) -> str:
        return inquiry.state_text

    def dehydrate_language(self, inquiry: Inquiry) -> str:
        return names.name(inquiry.language)

    def dehydrate_article(self, inquiry: Inquiry) -> str:
        return str(inquiry.article or "")
