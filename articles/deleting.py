"""What a page that asks before it deletes says: names that people know, no rows of tables."""

from collections.abc import Iterable
from typing import Any

from django.contrib.admin.utils import quote
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html


class NamesWhatIsDeleted:
    """For a ModelAdmin: lists the rows that were chosen, and what of ours loses them."""

    def loses(self, row: Any) -> Iterable[Any]:
        """The rows that stay, but no longer have this one."""
        return []

    def get_deleted_objects(self, objs: Iterable[models.Model], request: HttpRequest) -> Any:
        rows = list(objs)
        _, counts, perms_needed, protected = super().get_deleted_objects(rows, request)  # type: ignore[misc]
        named: list[Any] = []
        for row in rows:
            named.append(_linked(row))
            if left := [format_html("It is taken off “{}”", other) for other in self.loses(row)]:
                named.append(left)
        kinds = {row._meta.verbose_name_plural for row in rows}
        return (
            named,
            {kind: counts[kind] for kind in kinds if kind in counts},
            perms_needed,
            protected,
        )


def _linked(row: models.Model) -> Any:
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}_change"
    return format_html('<a href="{}">{}</a>', reverse(name, args=[quote(row.pk)]), row)
