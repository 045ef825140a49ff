"""What staff do about spam in the list of inquiries, and where links in emails lead."""

from django.contrib import admin
from django.urls import path
from django.utils import timezone

from desk.bulk import tell
from leads.acts import doing
from leads.admin import link_page
from leads.admin.parts import chosen_at_once


class SpamActs(admin.ModelAdmin):
    """Spam and Not spam, of many at once. On its page, an inquiry has the buttons of the inbox."""

    actions = ["spam", "not_spam"]

    def has_decide_permission(self, request) -> bool:
        return request.user.has_perm("leads.decide_inquiry")

    def get_urls(self):
        return [
            # For whom an email's link acts is its own to find out: it asks nobody to sign in.
            path("decide/<str:token>/", link_page.page, name="leads_inquiry_decide"),
            *super().get_urls(),
        ]

    @admin.action(description="Mark as spam", permissions=["decide"])
    def spam(self, request, queryset):
        chosen = chosen_at_once(request, queryset)
        tell(request, doing.spam_inquiries(chosen, by=request.user, at=timezone.now()))

    @admin.action(description="Mark as not spam", permissions=["decide"])
    def not_spam(self, request, queryset):
        chosen = chosen_at_once(request, queryset)
        tell(request, doing.not_spam(chosen, by=request.user, at=timezone.now()))
