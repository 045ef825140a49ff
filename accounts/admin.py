from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group

from accounts.models import User
from mail.admin_search import FindsSpellings

admin.site.unregister(Group)  # roles are a table in accounts/roles.py, not something to edit


class StaffCreationForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ["email", "name"]


class StaffChangeForm(UserChangeForm):
    class Meta:
        model = User
        fields = ["email", "name", "is_active", "is_staff", "groups", "is_superuser"]


@admin.register(User)
class StaffAdmin(FindsSpellings, UserAdmin):
    """Who works here and in which roles."""

    add_form = StaffCreationForm
    form = StaffChangeForm
    list_display = ["name", "email", "roles", "is_active", "last_login"]
    list_filter = ["groups", "is_active"]
    search_fields = ["name", "email"]
    ordering = ["name"]
    filter_horizontal = ["groups"]
    readonly_fields = ["joined_at", "last_login"]
    fieldsets = [
        (None, {"fields": ["email", "name", "password"]}),
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
        return super().has_delete_permission(request, obj) and self._within_reach(request, obj)

    def _within_reach(self, request, obj) -> bool:
        """A superuser's password is not an administrator's to change."""
        return obj is None or not obj.is_superuser or request.user.is_superuser

    @admin.display(description="roles")
    def roles(self, user: User) -> str:
        names = [group.name for group in user.groups.all()]
        return ", ".join(["Superuser", *names] if user.is_superuser else names) or "none"
