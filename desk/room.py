"""A page of the admin on which a text is written: the words on paper, everything else in a rail.

An admin says in `paper` which of its fields are the text, and what each of them is. The others
stand in the rail by their fieldsets, and so do its inlines, unless one says `on_paper`. It is the
change form of Django in another order: it works without script, and a room can do whatever a form
of the desk can.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminTextInputWidget, RelatedFieldWidgetWrapper
from django.db.models import Field
from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst

from web.addresses import host

_LINE_ENDS = re.compile(r"\s*[\r\n]+\s*")
# What a field of the paper can be. Words of a text that is no prose are set like it.
TITLE, LEDE, PROSE, TEXT = "title", "lede", "prose", "text"


class LineInput(AdminTextInputWidget):
    """One line of text, which wraps where an input would scroll."""

    template_name = "desk/room/line.html"

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        value = super().value_from_datadict(data, files, name)
        return _LINE_ENDS.sub(" ", value) if isinstance(value, str) else value


@dataclass(frozen=True)
class RoomField:
    """A field of the admin, to be written into or, for whoever may only look, to be read."""

    field: Any  # AdminField or AdminReadonlyField
    kind: str = ""  # on the paper
    reads: Any = ""  # what stands there for whoever may only look

    @property
    def name(self) -> str:
        of_field = self.field.field
        return str(of_field["name"] if self.field.is_readonly else of_field.name)

    @property
    def label(self) -> str:
        of_field = self.field.field
        return capfirst(str(of_field["label"] if self.field.is_readonly else of_field.label))

    @property
    def help_text(self) -> str:
        of_field = self.field.field
        return "" if self.field.is_readonly else str(of_field.help_text or "")

    @property
    def has_many(self) -> bool:
        """Whether it is a list of boxes, which is folded away behind what is ticked."""
        return isinstance(self._widget, forms.CheckboxSelectMultiple)

    @property
    def ticked(self) -> str:
        values = {str(value) for value in self.field.field.value() or []}
        return ", ".join(str(name) for value, name in self._widget.choices if str(value) in values)

    @property
    def is_group(self) -> bool:
        """Of several controls, none of which its label can point to."""
        return not self.field.is_readonly and bool(getattr(self._widget, "use_fieldset", False))

    @property
    def _widget(self) -> Any:
        if self.field.is_readonly:
            return None
        widget = self.field.field.field.widget
        return widget.widget if isinstance(widget, RelatedFieldWidgetWrapper) else widget


@dataclass(frozen=True)
class Group:
    """Fields that stand together in the rail."""

    name: str
    description: str
    fields: list[RoomField]


class Room:
    """The fields of a form by their places."""

    def __init__(self, form: Any, paper: Mapping[str, str], *, may_write: bool) -> None:
        every = [
            Group(
                fieldset.name or "",
                fieldset.description or "",
                [RoomField(field) for line in fieldset for field in line],
            )
            for fieldset in form
        ]
        found = {one.name: one for group in every for one in group.fields}
        reads = {} if may_write else _reads(form.form, paper)
        self.paper = [
            RoomField(found[name].field, kind, reads.get(name, ""))
            for name, kind in paper.items()
            if name in found
        ]
        groups = (
            Group(
                one.name, one.description, [each for each in one.fields if each.name not in paper]
            )
            for one in every
        )
        self.groups = [group for group in groups if group.fields]
        self.fields = {one.name: one for group in self.groups for one in group.fields}


def _reads(form: Any, paper: Mapping[str, str]) -> dict[str, Any]:
    """The text for whoever may only look, as safe as the field says it is."""
    shown = form.shown()
    found = {}
    for name in paper:
        field = form.fields.get(name) or form._meta.model._meta.get_field(name).formfield()
        said = getattr(field, "said", str)
        found[name] = said(shown.get(name) or getattr(form.instance, name, ""))
    return found


class RoomAdmin(admin.ModelAdmin[Any]):
    """Its form is a room to write in. Before `EditorAdmin` and `MergingAdmin`."""

    change_form_template = "admin/room.html"
    paper: ClassVar[Mapping[str, str]] = {"title": TITLE, "body": PROSE}
    # Of a page that search engines find, the fields that they show: {"title": …, "text": …}
    hit: ClassVar[Mapping[str, str]] = {}

    def formfield_for_dbfield(
        self, db_field: Field[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        if self.paper.get(db_field.name) == TITLE:
            kwargs["widget"] = LineInput
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        row = kwargs.get("obj")
        may_write = (
            self.has_change_permission(request, row) if row else self.has_add_permission(request)
        )
        context["room"] = Room(context["adminform"], self.paper, may_write=may_write)
        context |= {"may_write": may_write, "room_hit": self.hit, "host": host()}
        return super().render_change_form(request, context, *args, **kwargs)
