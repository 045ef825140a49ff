"""The audit log in the admin: read, searched and exported by Administrators."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import Truncator
from import_export.fields import Field

from desk.exporting import Exports, Table
from desk.models import AuditEvent
from desk.numbers import row_number
from desk.read_only import ReadOnly

BY_ITSELF = "The site"


class AuditTable(Table):
    at = Field("at", "time")
    kind = Field("get_kind_display", "kind")
    by_name = Field("by_name", "who")
    by_email = Field("by_email", "email")
    summary = Field("summary", "what happened")
    about_model = Field("about_model", "record")
    about_key = Field("about_key", "no.")
    network = Field("network", "network")


class PersonFilter(admin.SimpleListFilter):
    """What somebody did, and what was done to their account."""

    title = "person"
    parameter_name = "person"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        people = get_user_model()._default_manager.order_by("name", "email")
        return [("none", BY_ITSELF), *((one.pk, str(one)) for one in people)]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() is None:
            return queryset
        if self.value() == "none":
            return queryset.filter(by=None)
        people = get_user_model()._default_manager
        person = people.filter(pk=row_number(self.value()) or 0).first()
        return queryset.of(person) if person else queryset.none()


@admin.register(AuditEvent)
class AuditEventAdmin(Exports, ReadOnly, ModelAdmin[AuditEvent]):
    """Who did what, latest first. Nobody changes a line, and only time deletes one."""

    table = AuditTable
    import_export_change_list_template = "admin/desk/auditevent/change_list.html"
    list_display = ["at", "summary", "who", "record", "network"]
    list_filter = ["kind", PersonFilter, "at"]
    search_fields = ["summary", "by_name", "by_email", "about_key", "network"]
    search_help_text = "Words of a line, a colleague, the number of a record, or a network."
    date_hierarchy = "at"
    ordering = ["-at", "-pk"]
    list_per_page = 50
    show_full_result_count = False
    fields = ["at", "kind", "summary", "who", "by_email", "record", "network", "keep_until"]
    readonly_fields = ["who", "record"]

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """With the names of the records of its page, which the log itself does not keep."""
        found = super().get_changelist_instance(request)
        named = names(self.admin_site, request, found.result_list)
        for event in found.result_list:
            vars(event)["record"] = named.get((event.about_model, event.about_key))
        return found

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> AuditEvent | None:
        event = super().get_object(request, object_id, from_field)
        if event:
            named = names(self.admin_site, request, [event])
            vars(event)["record"] = named.get((event.about_model, event.about_key))
        return event

    @admin.display(description="who", ordering="by_name")
    def who(self, event: AuditEvent) -> str:
        return event.by_name or BY_ITSELF

    @admin.display(description="record")
    def record(self, event: AuditEvent) -> str:
        if not event.about_model:
            return "–"
        name, url = getattr(event, "record", None) or (_numbered(event), "")
        return format_html('<a href="{}">{}</a>', url, name) if url else name


def names(
    site: admin.AdminSite, request: HttpRequest, events: Iterable[AuditEvent]
) -> Mapping[tuple[str, str], tuple[str, str]]:
    """Of what the events are about, as far as it is there and the person may see it: what it is
    called now, and its address. One query a model.
    """
    keys: dict[str, set[str]] = defaultdict(set)
    for event in events:
        if event.about_model:
            keys[event.about_model].add(event.about_key)
    found = {}
    for label, wanted in keys.items():
        model_admin = _admin_of(site, label)
        if model_admin is None or not model_admin.has_view_permission(request):
            continue
        model = model_admin.model
        name = label.replace(".", "_")
        for row in model_admin.get_queryset(request).filter(pk__in=_keys(model, wanted)):
            text = Truncator(f"{row}, {row._meta.verbose_name}").chars(100)
            found[label, str(row.pk)] = (text, reverse(f"admin:{name}_change", args=[row.pk]))
    return found


def _admin_of(site: admin.AdminSite, label: str) -> ModelAdmin[Any] | None:
    try:
        return site._registry.get(apps.get_model(label))
    except (LookupError, ValueError):
        return None  # an app of former times


def _keys(model: type[Model], wanted: Iterable[str]) -> list[Any]:
    keys = []
    for key in wanted:
        try:
            keys.append(model._meta.pk.to_python(key))
        except ValidationError:
            continue
    return keys


def _numbered(event: AuditEvent) -> str:
    try:
        name = str(apps.get_model(event.about_model)._meta.verbose_name)
    except (LookupError, ValueError):
        name = event.about_model
    return f"{name} no. {event.about_key}"
