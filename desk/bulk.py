"""Doing one thing to the selected rows of a list, or to all that match it.

Each act is a form of its own in one bar; the fields of the others come along and are not read.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone

from desk import audit
from desk.acts import Done
from desk.audit import Kind
from desk.numbers import row_number
from desk.undo_page import back

MAX_SAID = 10
MAX_TOLD = 20  # rows of which the question tells what follows


@dataclass(frozen=True)
class Press:
    """A button that says what the act's one field does, with its key."""

    value: str
    label: str
    key: str = ""


@dataclass(frozen=True)
class Told:
    """What follows for one row."""

    name: str
    url: str
    text: str


class Bulk(forms.Form):
    """Does one thing to rows."""

    name = ""  # of its address, and before the names of its fields
    label = ""
    verb = ""
    key = ""  # that presses it, as that of the same act on a record
    asks = "Change {}?"  # with the count of what is changed
    question = ""  # asked first, where something is lost
    max_at_once = 0
    field_template = "desk/_field.html"

    def __init__(self, data: Any = None, *, user: Any) -> None:
        super().__init__(data, prefix=self.name)
        self.user = user
        self.auto_id = "act-%s"
        self.label_suffix = ""
        self.use_required_attribute = False  # another act may be meant

    def presses(self) -> list[Press]:
        """Of an act that one press does; none for one with fields to fill in."""
        return []

    def load(self, rows: "Rows", numbers: Sequence[int]) -> QuerySet[Any]:
        model: type[Model] = rows.found.model
        return model._default_manager.filter(pk__in=numbers).order_by("pk")

    def told(self, rows: Sequence[Any]) -> Iterable[Told]:
        """Of each row, for the page that asks."""
        return []

    def do(self, rows: list[Any], at: datetime) -> Done:
        raise NotImplementedError


class Rows(Protocol):
    """What rows are selected from: a list as it is filtered, or a tab of the inbox."""

    one: str  # what a row is: "lead"
    many: str

    @property
    def found(self) -> QuerySet[Any]:
        """All that match, on whatever page."""

    @property
    def count_in_words(self) -> str: ...

    def act_url(self, name: str) -> str: ...


def bar(
    request: HttpRequest, rows: Rows, acts: Iterable[Bulk], bound: Bulk | None = None
) -> dict[str, Any]:
    """What `desk/_bulk.html` needs; the act that was sent wrongly has its errors."""
    return {
        "selected_from": rows,
        "acts": [
            (bound if bound and bound.name == act.name else act, rows.act_url(act.name))
            for act in acts
        ],
        "wrong_act": bound.name if bound else "",
        "selected": _numbers(request) if bound else [],
        "all_selected": bool(bound) and "all" in request.POST,
    }


def act(
    request: HttpRequest, rows: Rows, form: Bulk, show: Callable[[Bulk], HttpResponse]
) -> HttpResponse:
    """Does it, and leads back to where it was pressed. `show` gives the page of the rows with the
    form that was filled in wrongly.

    It asks first where something is lost, and where all that match are others than the page said.
    """
    if not form.is_valid():
        return show(form)
    is_all = "all" in request.POST
    numbers = _all(rows, form) if is_all else _numbers(request)
    if len(numbers) > form.max_at_once:
        most = f"{form.max_at_once:,}"
        so_many = f"More than {most} match, and so many cannot be changed at once. Narrow the list."
        messages.error(request, so_many if is_all else f"At most {most} can be changed at once.")
        return redirect(back(request))
    found = list(form.load(rows, numbers))
    is_other = is_all and row_number(request.POST["all"]) != len(numbers)
    if not found:
        messages.warning(request, "Nothing was selected, or it has been deleted meanwhile.")
    elif is_other or (form.question and "sure" not in request.POST):
        return _ask(request, rows, form, found, is_all=is_all)
    else:
        with transaction.atomic():
            done = form.do(found, timezone.now())
            if done.count:
                what = f"{done.count} {rows.one if done.count == 1 else rows.many}"
                audit.record(Kind.BULK, f"{form.label.rstrip('…')}: {what}.", by=request.user)
        tell(request, done)
    return redirect(back(request))


def _numbers(request: HttpRequest) -> list[int]:
    return [one for text in request.POST.getlist("row") if (one := row_number(text))]


def _all(rows: Rows, form: Bulk) -> list[int]:
    return list(rows.found.order_by().values_list("pk", flat=True)[: form.max_at_once + 1])


def _ask(
    request: HttpRequest, rows: Rows, form: Bulk, found: list[Any], *, is_all: bool
) -> HttpResponse:
    """What was sent is sent again with the answer."""
    count = len(found)
    told = list(form.told(found[:MAX_TOLD]))
    others = {"csrfmiddlewaretoken", "next", "sure", "all"}
    kept = [name for name in request.POST if name not in others]
    sent = [(name, value) for name in kept for value in request.POST.getlist(name)]
    goes_back = resolve_url(back(request))
    sent += [("next", goes_back), ("sure", "yes"), *([("all", str(count))] if is_all else [])]
    context = {
        **admin.site.each_context(request),
        "title": form.asks.format(f"{count} {rows.one if count == 1 else rows.many}"),
        "form": form,
        "act_url": rows.act_url(form.name),
        "is_changed": is_all and row_number(request.POST["all"]),
        "told": told,
        "left_out": count - len(told) if told else 0,
        "goes_back": goes_back,
        "sent": sent,
    }
    return render(request, "desk/bulk_sure.html", context)


def tell(request: HttpRequest, done: Done) -> None:
    """What was done stands beside Undo; what was left alone, and what else there is to know, is
    said.
    """
    for sentence in done.remarks:
        messages.info(request, sentence)
    for sentence in done.left_out[:MAX_SAID]:
        messages.warning(request, sentence)
    if len(done.left_out) > MAX_SAID:
        messages.warning(request, f"And {len(done.left_out) - MAX_SAID} more were left alone.")
