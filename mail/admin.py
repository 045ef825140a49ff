from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html

from desk.merging_admin import MergingAdmin
from mail import eml_files, outbox
from mail.admin_search import FindsSpellings
from mail.models import Message, Suppression

# An email brings its own styles and may show nothing else: no script, no picture from elsewhere.
EMAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"

ONLY_THEIRS = "This email has a link that only its recipient may use. Nobody else reads it here."


def state_badge(message: Message) -> str:
    """The delivery state as a colored word."""
    kind = "failed" if message.is_possibly_delivered else message.state
    return format_html('<span class="badge badge--{}">{}</span>', kind, message.delivery)


class DeliveryFilter(admin.SimpleListFilter):
    """By delivery state."""

    title = "delivery"
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return [*Message.State.choices, ("possibly", "Possibly delivered")]

    def queryset(self, request, queryset):
        match self.value():
            case None:
                return queryset
            case "possibly":
                return queryset.possibly_delivered()
            case state:
                return queryset.filter(state=state)


@admin.register(Message)
class MessageAdmin(FindsSpellings):
    """The outbox. The product writes the emails; staff see what happened to each."""

    list_display = ["subject", "to", "badge", "attempts", "created_at", "sent_at", "trouble"]
    list_filter = [DeliveryFilter, "created_at"]
    search_fields = ["to", "subject", "message_id"]
    date_hierarchy = "created_at"
    actions = ["send_again"]
    change_list_template = "admin/mail/message/change_list.html"
    change_form_template = "admin/mail/message/change_form.html"
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "badge",
                    "to",
                    "reply_to",
                    "reply_to_name",
                    "subject",
                    "words",
                    "html_view",
                ]
            },
        ),
        (
            "Delivery",
            {"fields": ["attempts", "unconfirmed", "error", "created_at", "due_at", "sent_at"]},
        ),
        ("For the mail server’s log", {"fields": ["message_id", "headers", "key"]}),
    ]

    def has_add_permission(self, request) -> bool:
        return False  # emails are put into the outbox by what gives the reason for them

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False

    def has_resend_permission(self, request) -> bool:
        return request.user.has_perm("mail.resend_message")

    def get_urls(self):
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/html/", wrap(self.html_email), name="mail_message_html"),
            path("files/", wrap(self.files), name="mail_message_files"),
            path("files/<str:name>/", wrap(self.file), name="mail_message_file"),
            path("files/<str:name>/html/", wrap(self.file_html), name="mail_message_file_html"),
            *super().get_urls(),
        ]

    def changelist_view(self, request, extra_context=None):
        context = {"emails_are_files": eml_files.are_kept(), **(extra_context or {})}
        return super().changelist_view(request, context)

    @admin.action(description="Send again", permissions=["resend"])
    def send_again(self, request, queryset):
        """Asks first: an email that arrived will arrive twice."""
        if "confirmed" not in request.POST:
            context = {
                **self.admin_site.each_context(request),
                "title": "Send again?",
                "emails": queryset,
                "arrived": sum(one.state == Message.State.SENT for one in queryset),
                "opts": self.opts,
            }
            return render(request, "admin/mail/message/send_again.html", context)
        now = timezone.now()
        queued = [message for message in queryset if message.send_again(now=now)]
        if queued:
            outbox.ask_for_delivery()
            self.message_user(request, f"{len(queued)} queued to be sent again.", messages.SUCCESS)
        if busy := len(queryset) - len(queued):
            text = f"{busy} not queued: being sent right now, or too old to have a text."
            self.message_user(request, text, messages.WARNING)
        return None

    @admin.display(description="delivery", ordering="state")
    def badge(self, message: Message) -> str:
        return state_badge(message)

    @admin.display(description="last error")
    def trouble(self, message: Message) -> str:
        return message.error[:120]

    @admin.display(description="text")
    def words(self, message: Message) -> str:
        return ONLY_THEIRS if message.is_private else message.text

    @admin.display(description="as the recipient sees it")
    def html_view(self, message: Message) -> str:
        if message.is_private:
            return "–"
        if not message.html:
            return "Text only."
        return format_html(
            '<iframe class="email" src="{}" title="The email"></iframe>',
            reverse("admin:mail_message_html", args=[message.pk]),
        )

    def html_email(self, request: HttpRequest, pk: int) -> HttpResponse:
        self._require_view(request)
        return _framed(get_object_or_404(Message, pk=pk, is_private=False).html)

    def files(self, request: HttpRequest) -> HttpResponse:
        """The emails that were written to files, on a machine without a mail server."""
        self._require_view(request)
        if not eml_files.are_kept():
            raise Http404("This machine sends emails to a mail server.")
        context = {
            **self.admin_site.each_context(request),
            "title": "Emails written to files",
            "emails": eml_files.newest(),
            "folder": settings.EMAIL_FILE_PATH,
            "opts": self.opts,
        }
        return render(request, "admin/mail/message/files.html", context)

    def file(self, request: HttpRequest, name: str) -> HttpResponse:
        self._require_view(request)
        context = {
            **self.admin_site.each_context(request),
            "email": self._email_file(name),
            "opts": self.opts,
        }
        context["title"] = context["email"].subject
        return render(request, "admin/mail/message/file.html", context)

    def file_html(self, request: HttpRequest, name: str) -> HttpResponse:
        self._require_view(request)
        return _framed(self._email_file(name).html)

    def _email_file(self, name: str) -> eml_files.EmailFile:
        email = eml_files.read(name)
        if email is None:
            raise Http404("There is no such email.")
        if email.is_private:
            raise Http404(f"{ONLY_THEIRS} Who runs this machine finds it in {email.name}.")
        return email

    def _require_view(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied


def _framed(html: str) -> HttpResponse:
    """An email's HTML alone, fit for a frame and unable to do anything there."""
    return HttpResponse(
        html,
        headers={"Content-Security-Policy": EMAIL_POLICY, "X-Frame-Options": "SAMEORIGIN"},
    )


@admin.register(Suppression)
class SuppressionAdmin(FindsSpellings, MergingAdmin):
    """Addresses that get no emails from us."""

    list_display = ["address", "why", "added_at"]
    search_fields = ["address", "why"]
