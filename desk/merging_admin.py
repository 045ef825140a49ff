"""The admin's pages for two people at once: change forms, their inlines, and editable lists."""

# The stubs of Django know neither the formsets' own parts nor that their forms are ours.
# mypy: disable-error-code="attr-defined, misc"

from copy import copy
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import transaction
from django.forms.formsets import ManagementForm
from django.http import HttpRequest
from django.urls import path
from django.utils.functional import cached_property
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_POST

from desk import comparing_typed, contested, not_saved
from desk.keeping_admin import KeepingAdmin
from desk.labeled import Labeled
from desk.merging import MergingForm, TakesNoChanges
from desk.merging_values import digest

OPEN = "open"  # the page was opened by somebody who could change the rows


class MergingRows(forms.models.BaseModelFormSet):
    """Rows of merging forms. What a colleague added is left alone; what a colleague deleted stays
    deleted, unless this person changed it and decides otherwise.
    """

    adds_again = True  # whether a row that a colleague deleted can be saved as a new one
    # Whether the person may not change these rows. If they could when they opened the page, what
    # they entered is shown, once: the page that comes back does not say that it is open.
    is_frozen = False

    @cached_property
    def management_form(self):
        found = super().management_form
        rows = self

        class WithSeen(ManagementForm):
            """Django's templates show this form, and no hidden field of ours."""

            def render(self, *args, **kwargs):
                seen = [] if rows.is_frozen else [rows.open_input]
                seen += [form.seen_input for form in rows.initial_forms if not rows.is_frozen]
                return mark_safe(super().render(*args, **kwargs) + "".join(seen))  # noqa: S308 rendered

            __str__ = render
            __html__ = render

        found.__class__ = WithSeen
        return found

    def _construct_form(self, i, **kwargs):
        form = super()._construct_form(i, **kwargs)
        is_known = i < self.initial_form_count()
        form.is_gone = self.is_bound and is_known and form.instance.pk is None
        form.page_of = getattr(self, "instance", None)
        form.is_row = True
        if form.is_gone:
            # Its key is not among the rows any more.
            key = self._pk_field.name
            form.fields[key] = forms.CharField(required=False, widget=forms.HiddenInput)
            form.can_add_again = self.adds_again
        return form

    def get_queryset(self):
        """Once there are forms, the rows in their order: the admin shows them side by side."""
        if not self.is_bound or "forms" not in self.__dict__:
            return super().get_queryset()
        return [self._row_of(form) for form in self.initial_forms]

    def _row_of(self, form):
        row = copy(form.instance)
        if form.is_gone:
            row.pk = form[self._pk_field.name].data
        return row

    def full_clean(self):
        super().full_clean()
        if not self.is_bound:
            return
        for form, errors in zip(self.forms, self._errors, strict=False):
            if form.is_dropped:
                errors.clear()

    @property
    def open_input(self):
        return forms.HiddenInput().render(self._open_name, "1")

    @property
    def _open_name(self):
        return f"{self.prefix}-{OPEN}"

    def clean(self) -> None:
        super().clean()
        was_open = self.is_frozen and self._open_name in self.data
        lost = [entry for form in self.forms for entry in _lost(form)] if was_open else []
        if lost:
            raise ValidationError([contested.is_frozen(*entry) for entry in lost])

    def _should_delete_form(self, form):
        if form.is_dropped:
            return True
        is_contested = form.is_bound and form.non_field_errors()
        return super()._should_delete_form(form) and not is_contested

    def _is_added_again(self, form) -> bool:
        is_deleted = self.can_delete and self._should_delete_form(form)
        return form.is_gone and not form.is_dropped and not is_deleted

    def save_new_objects(self, commit=True):
        made = super().save_new_objects(commit)
        for form in self.initial_forms:
            if self._is_added_again(form):
                self.new_objects.append(self.save_new(form, commit=commit))
                if not commit:
                    self.saved_forms.append(form)
        return made


def _lost(form):
    """What was entered into a row that has become read-only, by field."""
    for name, field in form.fields.items():
        prefixed = form.add_prefix(name)
        if field.widget.is_hidden or field.widget.value_omitted_from_data(form.data, {}, prefixed):
            continue
        sent = field.widget.value_from_datadict(form.data, {}, prefixed)
        if digest(field, sent) != form.seen.get(name, digest(field, None)):
            yield form.label(name), "\n".join(form.data.getlist(prefixed))


class MergingInlineRows(MergingRows, forms.BaseInlineFormSet):
    """The rows of an inline."""


class MergingListRows(Labeled, MergingRows):
    """The rows of a list with editable columns. A row that is gone has nothing left to edit."""

    adds_again = False


class MergingInline:
    """Before an inline."""

    form: Any = MergingForm
    formset: Any = MergingInlineRows


class MergingAdmin(KeepingAdmin):
    """Its change form and its list save what one person changed, and nothing a colleague did."""

    form = MergingForm

    def get_urls(self):
        name = f"{self.opts.app_label}_{self.opts.model_name}_compare_typed"
        wrap = self.admin_site.admin_view
        typed = wrap(require_POST(partial(comparing_typed.view, self)))
        return [
            path("add/compare-typed/", typed, name=f"{name}_new"),
            path("<path:object_id>/compare-typed/", typed, name=name),
            *super().get_urls(),
        ]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        """A group of checkboxes refers to no help: there is no one id for it. The links that the
        admin puts around it hide from Django that it is a group.
        """
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget.use_fieldset = field.widget.widget.use_fieldset
        return field

    def get_changelist_form(self, request, **kwargs):
        return super().get_changelist_form(request, **{"form": MergingForm, **kwargs})

    def get_changelist_formset(self, request, **kwargs):
        return super().get_changelist_formset(request, **{"formset": MergingListRows, **kwargs})

    def changelist_view(self, request, extra_context=None):
        if request.method != "POST":
            return super().changelist_view(request, extra_context)
        with transaction.atomic():  # from validation, which holds the rows, to the end
            return super().changelist_view(request, extra_context)

    def get_changelist_instance(self, request):
        found = super().get_changelist_instance(request)
        if request.method == "POST" and "_save" in request.POST and found.list_editable:
            # In the order in which they were sent, which the forms have: a colleague may have
            # moved them since.
            key = self.opts.pk.name
            count = request.POST.get("form-TOTAL_FORMS", "")
            sent = [request.POST.get(f"form-{i}-{key}") for i in range(len(found.result_list))]
            present = {str(row.pk): row for row in found.result_list}
            if count.isdigit() and set(sent) == present.keys():
                found.result_list = [present[pk] for pk in sent if pk]
        return found

    def _create_formsets(self, request, obj, change):
        formsets, inlines = super()._create_formsets(request, obj, change)
        for formset, inline in zip(formsets, inlines, strict=True):
            if isinstance(formset, MergingRows):
                formset.is_frozen = not inline.has_change_permission(
                    request, obj if change else None
                )
        return formsets, inlines

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        if request.method != "POST" or object_id is None or not self.has_change_permission(request):
            return super().changeform_view(request, object_id, form_url, extra_context)
        row = self.get_object(request, unquote(object_id))
        if reason := self.why_not_saved(request, row):
            return not_saved.page(self, request, row, reason)
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except TakesNoChanges as refusal:
            # As it was then: what deleted the row may have been rolled back with the rest.
            is_gone = isinstance(refusal.__cause__, ObjectDoesNotExist)
            row = None if is_gone else self.get_object(request, unquote(object_id))
            reason = self.why_not_saved(request, row) or "A colleague changed this"
            return not_saved.page(self, request, row, reason)

    def why_not_saved(self, request: HttpRequest, row: Any) -> str:
        """The beginning of a sentence for a row that takes no changes any more."""
        return "" if row else f"A colleague deleted this {self.opts.verbose_name}"

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        taken_over = [form.label(name) for name in getattr(form, "taken_over", [])]
        if taken_over:
            self.message_user(
                request,
                f"A colleague’s changes were kept as well: {', '.join(taken_over)}.",
                messages.INFO,
            )
