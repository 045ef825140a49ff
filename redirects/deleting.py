"""What the delete confirmation says: names that people know instead of table rows."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import quote
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode


class NamesWhatIsDeleted(admin.ModelAdmin[Any]):
    """Lists the rows to delete, and which of our pages lose them."""

    def was_public(self, row: Any) -> bool:
        """Whether readers may have seen its address."""
        return True

    def loses(self, row: Any) -> Iterable[Any]:
        """The rows that stay, but no longer have this one."""
        return []

    def get_deleted_objects(self, objs: Iterable[models.Model], request: HttpRequest) -> Any:
        rows = list(objs)
        _, counts, perms_needed, protected = super().get_deleted_objects(rows, request)
        named: list[Any] = []
        for row in rows:
            named.append(_linked(row))
            if left := [
                format_html("It will be removed from “{}”", other) for other in self.loses(row)
            ]:
                named.append(left)
        kinds = {row._meta.verbose_name_plural for row in rows}
        return (
            named,
            {kind: counts[kind] for kind in kinds if kind in counts},
            perms_needed,
            protected,
        )

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        public = [obj.get_absolute_url()] if self.was_public(obj) else []
        super().delete_model(request, obj)
        self._say_what_is_not_found(request, public)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        public = [row.get_absolute_url() for row in queryset if self.was_public(row)]
        super().delete_queryset(request, queryset)
        self._say_what_is_not_found(request, public)

    def _say_what_is_not_found(self, request: Any, addresses: list[str]) -> None:
        """With a link to create a redirect, for those who may."""
        for address in addresses:
            message = format_html("Readers who open {} will no longer find it.", address)
            if request.user.has_perm("redirects.add_redirect"):
                add = f"{reverse('admin:redirects_redirect_add')}?{urlencode({'path': address})}"
                message = format_html('{} <a href="{}">Create a redirect</a>', message, add)
            messages.warning(request, message)


def _linked(row: models.Model) -> Any:
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}_change"
    return format_html('<a href="{}">{}</a>', reverse(name, args=[quote(row.pk)]), row)
