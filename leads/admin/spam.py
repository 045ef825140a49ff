"""What staff do about spam on the pages of inquiries: Spam, Not spam, Undo."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.requests import StaffRequest
from desk import undo
from leads.admin import spam_page
from leads.intake import receiving, spam_marks
from leads.models import Inquiry


class SpamActs(admin.ModelAdmin):
    """What `intake.spam_marks` and `receiving.mark_not_spam` do, for one inquiry and for many."""

    actions = ["spam", "not_spam"]

    def has_decide_permission(self, request) -> bool:
        return request.user.has_perm("leads.decide_inquiry")

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            # For whom an email's link acts is its own to find out: it asks nobody to sign in.
            path("decide/<str:token>/", spam_page.page, name="leads_inquiry_decide"),
            path("spam/undo/", view(require_POST(self.undo_spam)), name="leads_inquiry_undo_spam"),
            path(
                "<int:pk>/not-spam/",
                view(require_POST(self.not_spam_one)),
                name="leads_inquiry_not_spam",
            ),
            path("<int:pk>/spam/", view(require_POST(self.spam_one)), name="leads_inquiry_spam"),
            path(
                "<int:pk>/spam/undo/",
                view(require_POST(self.unmark_one)),
                name="leads_inquiry_unmark",
            ),
            *super().get_urls(),
        ]

    @admin.action(description="Mark as spam", permissions=["decide"])
    def spam(self, request, queryset):
        now = timezone.now()
        count = sum(spam_marks.mark(one, by=request.user, at=now) for one in queryset)
        self._offer_undo_spam(request, f"{count} marked as spam.", at=now)

    @admin.action(description="Mark as not spam", permissions=["decide"])
    def not_spam(self, request, queryset):
        now = timezone.now()
        count = sum(receiving.mark_not_spam(one, by=request.user, at=now) for one in queryset)
        self.message_user(request, f"{count} marked as not spam.")

    def spam_one(self, request: StaffRequest, pk: int) -> HttpResponse:
        inquiry, now = self._inquiry(request, pk), timezone.now()
        if spam_marks.mark(inquiry, by=request.user, at=now):
            self._offer_undo_spam(request, f"Marked as spam: {inquiry.name}.", at=now)
        else:
            self.message_user(request, "It was already marked as spam.", messages.WARNING)
        return redirect("admin:leads_inquiry_change", pk)

    def unmark_one(self, request: StaffRequest, pk: int) -> HttpResponse:
        inquiry = self._inquiry(request, pk)
        if spam_marks.unmark(inquiry, by=request.user, at=timezone.now()):
            self.message_user(request, "No longer marked as spam.")
        else:
            self.message_user(request, "It was not marked as spam.", messages.WARNING)
        return redirect("admin:leads_inquiry_change", pk)

    def not_spam_one(self, request: StaffRequest, pk: int) -> HttpResponse:
        inquiry = self._inquiry(request, pk)
        was_notified = inquiry.notified_at is not None
        if not receiving.mark_not_spam(inquiry, by=request.user, at=timezone.now()):
            self.message_user(request, "It was not suspected spam.", messages.WARNING)
        elif was_notified:
            self.message_user(request, "Not spam.")
        else:
            self.message_user(request, "Not spam: sales and the visitor are being notified.")
        return redirect("admin:leads_inquiry_change", pk)

    def undo_spam(self, request: StaffRequest) -> HttpResponse:
        """Take back what this person marked at one moment."""
        if not self.has_decide_permission(request):
            raise PermissionDenied
        at, now = undo.moment(request), timezone.now()
        marked = Inquiry.objects.filter(spam_mark__by=request.user, spam_mark__at=at) if at else []
        count = sum(spam_marks.unmark(one, by=request.user, at=now) for one in marked)
        if count:
            self.message_user(request, f"Undone: {count} no longer marked as spam.")
        else:
            self.message_user(request, "Nothing left to undo.", messages.WARNING)
        return redirect("admin:leads_inquiry_changelist")

    def _inquiry(self, request: StaffRequest, pk: int) -> Inquiry:
        if not self.has_decide_permission(request):
            raise PermissionDenied
        return get_object_or_404(Inquiry, pk=pk)

    def _offer_undo_spam(self, request: StaffRequest, text: str, *, at) -> None:
        undo.offer(request, text, undo_url=reverse("admin:leads_inquiry_undo_spam"), at=at)
