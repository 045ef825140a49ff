from collections.abc import Iterable

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.shortcuts import redirect

from accounts.models import User
from accounts.own_zone import OwnZoneForm
from accounts.requests import StaffRequest
from desk.merging import MergingForm
from desk.merging_admin import MergingAdmin
from mail.admin_search import FindsSpellings

admin.site.unregister(Group)  # roles are a table in accounts/roles.py, not something to edit


class StaffCreationForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ["email", "name"]


class StaffChangeForm(MergingForm, UserChangeForm):
    timezone = OwnZoneForm.base_fields["timezone"]

    class Meta:
        model = User
        fields = ["email", "name", "timezone", "is_staff", "groups", "is_superuser"]


@admin.register(User)
class StaffAdmin(FindsSpellings, MergingAdmin, UserAdmin):
    """Who works here and in which roles. Whoever leaves is deactivated; nobody is deleted."""

    add_form = StaffCreationForm
    form = StaffChangeForm
    list_display = ["name", "email", "roles", "is_active", "last_login"]
    list_filter = ["groups", "is_active"]
    search_fields = ["name", "email"]
    ordering = ["name"]
    filter_horizontal = ["groups"]
    readonly_fields = ["is_active", "joined_at", "last_login"]
    actions = ["deactivate", "activate"]
    fieldsets = [
        (None, {"fields": ["email", "name", "timezone", "password"]}),
        ("Roles", {"fields": ["groups", "is_active", "is_staff", "is_superuser"]}),
        ("Dates", {"fields": ["joined_at", "last_login"]}),
    ]
    add_fieldsets = [
        (None, {"fields": ["email", "name", "usable_password", "password1", "password2"]})
    ]

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

    def _within_reach(self, request, obj) -> bool:
        """A superuser's password is not an administrator's to change."""
        return obj is None or not obj.is_superuser or request.user.is_superuser

    # Deactivating

    def render_change_form(self, request, context, *args, **kwargs):
        user = kwargs.get("obj")
        context["may_switch"] = bool(user and self._may_switch(request, user))
        return super().render_change_form(request, context, *args, **kwargs)

    def response_change(self, request, obj):
        """Whatever else was changed in the form is saved by then."""
        for button in ("deactivate", "activate"):
            if f"_{button}" in request.POST:
                self._switch(request, [obj], is_active=button == "activate")
                return redirect("admin:accounts_user_change", obj.pk)
        return super().response_change(request, obj)

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
                self.log_change(request, user, f"{done.capitalize()}.")
                self.message_user(request, f"{user} is {done}.", messages.SUCCESS)

    def _may_switch(self, request: HttpRequest, user: User) -> bool:
        return user.pk != request.user.pk and self.has_change_permission(request, user)

    @admin.display(description="roles")
    def roles(self, user: User) -> str:
        names = [group.name for group in user.groups.all()]
        return ", ".join(["Superuser", *names] if user.is_superuser else names) or "none"
