from collections.abc import Iterable

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils import timezone

from accounts import events, links, sessions, totp
from accounts.confirming import confirmed
from accounts.models import User
from accounts.own_zone import OwnZoneForm
from accounts.requests import StaffRequest
from desk.merging import MergingForm
from desk.merging_admin import MergingAdmin
from mail.admin_search import FindsSpellings

admin.site.unregister(Group)  # roles are a table in accounts/roles.py, not something to edit

RIGHTS = {"groups", "is_staff", "is_superuser"}


def _is_sent(request: HttpRequest) -> bool:
    return request.method == "POST"


class StaffCreationForm(forms.ModelForm[User]):
    """No password: they choose it themselves, by the link in their invitation."""

    class Meta:
        model = User
        fields = ["email", "name", "groups"]


class StaffChangeForm(MergingForm, UserChangeForm):
    timezone = OwnZoneForm.base_fields["timezone"]
    password = None  # type: ignore[assignment]  # takes Django's field away

    class Meta:
        model = User
        fields = ["email", "name", "timezone", "is_staff", "groups", "is_superuser"]


@admin.register(User)
class StaffAdmin(FindsSpellings, MergingAdmin, UserAdmin):
    """Who works here and in which roles. Whoever leaves is deactivated; nobody is deleted."""

    add_form = StaffCreationForm
    form = StaffChangeForm
    list_display = ["name", "email", "roles", "has_factor", "is_active", "last_login"]
    list_filter = ["groups", "is_active"]
    search_fields = ["name", "email"]
    ordering = ["name"]
    filter_horizontal = ["groups"]
    list_select_related = ["second_factor"]
    readonly_fields = ["is_active", "joined_at", "last_login"]
    actions = ["deactivate", "activate"]
    fieldsets = [
        (None, {"fields": ["email", "name", "timezone"]}),
        ("Roles", {"fields": ["groups", "is_active", "is_staff", "is_superuser"]}),
        ("Dates", {"fields": ["joined_at", "last_login"]}),
    ]
    add_fieldsets = [(None, {"fields": ["email", "name", "groups"]})]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("groups")

    def get_readonly_fields(self, request, obj=None):
        fields = [*super().get_readonly_fields(request, obj)]
        if not request.user.is_superuser:
            fields.append("is_superuser")  # nobody lifts themselves above their role
        return fields

    def has_change_permission(self, request, obj=None) -> bool:
        return super().has_change_permission(request, obj) and self._within_reach(request, obj)

    def has_delete_permission(self, request, obj=None) -> bool:
        return False  # their log entries would go along

    def get_urls(self):
        """Without Django's page on which one sets another's password."""
        return [one for one in super().get_urls() if one.name != "auth_user_password_change"]

    def _within_reach(self, request, obj) -> bool:
        """A superuser's password is not an administrator's to change."""
        return obj is None or not obj.is_superuser or request.user.is_superuser

    # Whoever adds people or changes their rights says once more who they are

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        view = confirmed(super().changeform_view, when=_is_sent)
        return view(request, object_id, form_url, extra_context)

    def changelist_view(self, request, extra_context=None):
        return confirmed(super().changelist_view, when=_is_sent)(request, extra_context)

    def save_model(self, request, obj, form, change):
        was = User.objects.filter(pk=obj.pk).values_list("email", flat=True).first()
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        if was and was != obj.email:
            events.address_changed(obj, was, by=request.user)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        user = form.instance
        if not change:
            links.invite(user, by=request.user, at=timezone.now())
        elif RIGHTS & set(form.changed_data):
            is_me = user.pk == request.user.pk
            sessions.end(user, but=request.session.session_key if is_me else None)

    def response_add(self, request, obj, post_url_continue=None):
        self.message_user(request, f"An invitation is on its way to {obj.email}.", messages.SUCCESS)
        return super(UserAdmin, self).response_add(request, obj, post_url_continue)

    # What is done to one account

    def render_change_form(self, request, context, *args, **kwargs):
        user = kwargs.get("obj")
        context["may_switch"] = bool(user and self._may_switch(request, user))
        context["has_password"] = bool(user and user.has_usable_password())
        context["has_second_factor"] = bool(user and hasattr(user, "second_factor"))
        return super().render_change_form(request, context, *args, **kwargs)

    def response_change(self, request, obj):
        """Whatever else was changed in the form is saved by then."""
        acts = {
            "_deactivate": lambda: self._switch(request, [obj], is_active=False),
            "_activate": lambda: self._switch(request, [obj], is_active=True),
            "_send_link": lambda: self._send_link(request, obj),
            "_reset_factor": lambda: self._reset_factor(request, obj),
        }
        for button, act in acts.items():
            if button in request.POST:
                act()
                return redirect("admin:accounts_user_change", obj.pk)
        return super().response_change(request, obj)

    def _send_link(self, request: StaffRequest, user: User) -> None:
        if not self._may_switch(request, user):
            raise PermissionDenied
        now = timezone.now()
        if user.has_usable_password():
            links.send_reset(user, at=now)
        else:
            links.invite(user, by=request.user, at=now)
        self.log_change(request, user, "Link to choose a password sent.")
        self.message_user(request, f"A link is on its way to {user.email}.", messages.SUCCESS)

    def _reset_factor(self, request: StaffRequest, user: User) -> None:
        """For a lost phone."""
        if not self._may_switch(request, user):
            raise PermissionDenied
        if totp.reset(user, by=request.user, at=timezone.now()):
            self.log_change(request, user, "Second factor reset.")
            self.message_user(
                request,
                f"{user} signs in with the password alone once, and sets up a new second factor.",
                messages.SUCCESS,
            )

    @admin.action(description="Deactivate", permissions=["change"])
    def deactivate(self, request: StaffRequest, queryset) -> None:
        self._switch(request, queryset, is_active=False)

    @admin.action(description="Activate", permissions=["change"])
    def activate(self, request: StaffRequest, queryset) -> None:
        self._switch(request, queryset, is_active=True)

    def _switch(self, request: StaffRequest, people: Iterable[User], *, is_active: bool) -> None:
        done = "activated" if is_active else "deactivated"
        for user in people:
            if user.pk == request.user.pk:
                self.message_user(request, "You cannot deactivate yourself.", messages.ERROR)
            elif not self._may_switch(request, user):
                self.message_user(
                    request,
                    f"{user} is a superuser. Only another superuser can do that.",
                    messages.ERROR,
                )
            elif user.is_active != is_active:
                (user.activate if is_active else user.deactivate)()
                sessions.end(user)
                self.log_change(request, user, f"{done.capitalize()}.")
                self.message_user(request, f"{user} is {done}.", messages.SUCCESS)

    def _may_switch(self, request: HttpRequest, user: User) -> bool:
        return user.pk != request.user.pk and self.has_change_permission(request, user)

    @admin.display(description="second factor", boolean=True)
    def has_factor(self, user: User) -> bool:
        return hasattr(user, "second_factor")

    @admin.display(description="roles")
    def roles(self, user: User) -> str:
        names = [group.name for group in user.groups.all()]
        return ", ".join(["Superuser", *names] if user.is_superuser else names) or "none"
