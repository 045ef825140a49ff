"""Contacts, companies and recipients in the admin."""

from django.contrib import admin
from django.utils import timezone

from desk.merging_admin import MergingAdmin
from leads.admin.filters import CompanySpamFilter, ContactSpamFilter
from leads.admin.parts import ErasingAdmin
from leads.admin.words import FindsWords
from leads.models import Company, Contact, Recipient
from leads.pipeline import details


@admin.register(Contact)
class ContactAdmin(ErasingAdmin, MergingAdmin):
    """The people who asked."""

    actions = ["erase"]
    change_form_template = "admin/leads/contact/change_form.html"

    list_display = ["name", "email", "company", "job_title"]
    list_filter = [ContactSpamFilter]
    list_select_related = ["company"]
    search_help_text = "Everything about them, and what they wrote."
    autocomplete_fields = ["company"]
    fields = ["name", "email", "company", "job_title", "phone", "timezone"]

    def save_model(self, request, contact, form, change):
        """What this person changed, with a line in the history."""
        details.revise_person(contact, form.changes, by=request.user, at=timezone.now())

    def has_add_permission(self, request) -> bool:
        return False  # contacts come from inquiries

    def has_delete_permission(self, request, obj=None) -> bool:
        return False  # people are erased, with all they sent


@admin.register(Company)
class CompanyAdmin(FindsWords, MergingAdmin):
    """Whom they work for."""

    list_display = ["name", "domain"]
    list_filter = [CompanySpamFilter]
    search_help_text = "Everything about them and their people."

    def save_model(self, request, company, form, change):
        if change:
            details.revise_company(company, form.changes, by=request.user, at=timezone.now())
        else:
            super().save_model(request, company, form, change)


@admin.register(Recipient)
class RecipientAdmin(MergingAdmin):
    """Who gets an email about each inquiry."""

    list_display = ["email", "is_active"]
