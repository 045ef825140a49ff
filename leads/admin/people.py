"""Contacts, companies and recipients in the admin."""

from django.contrib import admin

from desk.merging_admin import MergingAdmin
from leads.admin.parts import ErasingAdmin
from leads.models import Company, Contact, Recipient
from mail.admin_search import FindsSpellings


@admin.register(Contact)
class ContactAdmin(ErasingAdmin, MergingAdmin):
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
        return False  # people are erased, with all they sent


@admin.register(Company)
class CompanyAdmin(FindsSpellings, MergingAdmin):
    """Whom they work for."""

    list_display = ["name", "domain"]
    search_fields = ["name", "domain"]


@admin.register(Recipient)
class RecipientAdmin(MergingAdmin):
    """Who gets an email about each inquiry."""

    list_display = ["email", "is_active"]
