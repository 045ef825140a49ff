"""Who signs in, and what they may do."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Permission
from django.db.models import Model, Q

from accounts.models import User


class Roles(ModelBackend):
    """Django's, which asks for a person's own rights and for those of their roles in one query.

    Every page of the desk does.
    """

    def get_all_permissions(self, user_obj: Any, obj: Model | None = None) -> set[str]:
        if not isinstance(user_obj, User) or not user_obj.is_active or obj is not None:
            return set()
        found: set[str] | None = getattr(user_obj, "_perm_cache", None)
        if found is None:
            rights = Permission.objects.order_by()
            if not user_obj.is_superuser:
                rights = rights.filter(Q(user=user_obj) | Q(group__user=user_obj)).distinct()
            pairs = rights.values_list("content_type__app_label", "codename")
            found = {f"{app}.{codename}" for app, codename in pairs}
            user_obj._perm_cache = found  # type: ignore[attr-defined]  # where Django keeps them
        return found
