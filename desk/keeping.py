"""What a browser sends while someone types, and what of it is kept.

The page of a form sends what was changed on it (`static/admin/keeping/`): values by the name of
their field, in turns. A draft takes what it can; everything else is kept for this person alone
(`KeptForm`), until they save the form or throw it away. Passwords and files are never kept.
"""

import json
import re
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, field, replace
from secrets import token_hex
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.utils import timezone

from desk.kept_fields import Names, words_are_gone
from desk.models import KeptForm
from web.personal import Named

MAX_KEPT = 20  # of one form by one person are offered,
MAX_BEFORE = 5  # and so many of what a change took away; the oldest go
WINDOW = re.compile(r"[A-Za-z0-9-]{8,40}")

Fields = dict[str, list[str]]


class NonsenseError(Exception):
    """Not what our own pages send."""


class TooLongError(Exception):
    """More than the server takes."""


@dataclass(frozen=True)
class Sent:
    """One turn of a window."""

    window: str
    turn: int
    fields: Fields
    labels: dict[str, dict[str, str]]  # of choices that a page has to be told: by name and value
    seen: dict[str, str]
    # Fields that were changed, and are now as the page showed them.
    back: Fields = field(default_factory=dict)
    # Only kept, whatever could be done with it: nobody is looking at the form.
    is_apart: bool = False
    person: str = ""  # whose words they are
    forget: list[str] = field(default_factory=list)  # windows whose words were thrown away

    def as_form(self, names: Container[str]) -> QueryDict:
        data = QueryDict(mutable=True)
        for name, values in self.fields.items():
            if name in names:
                data.setlist(name, values)
        return data

    def without(self, names: Container[str]) -> "Sent":
        rest = {name: values for name, values in self.fields.items() if name not in names}
        return replace(self, fields=rest)


def read(request: HttpRequest) -> Sent:
    """Raises `NonsenseError`, or `TooLongError` for more than the form itself could send."""
    try:
        said = json.loads(request.body)
    except RequestDataTooBig as error:
        raise TooLongError from error
    except (ValueError, RecursionError) as error:
        raise NonsenseError from error
    if not isinstance(said, dict):
        raise NonsenseError
    fields, labels, seen = said.get("fields", {}), said.get("labels", {}), said.get("seen", {})
    window, turn, forget = said.get("window", ""), said.get("turn", 0), said.get("forget", [])
    person, back = said.get("person", ""), said.get("back", {})
    is_whole = (
        _is_window(window)
        and type(turn) is int
        and 0 <= turn < 2**53
        and _maps(fields, lambda values: _are_texts(values))
        and _maps(labels, lambda of_name: _maps(of_name, _is_text))
        and _maps(seen, _is_text)
        and _is_text(person)
        and _maps(back, lambda values: _are_texts(values))
        and isinstance(forget, list)
        and len(fields) + len(labels) + len(forget) <= settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
        and all(map(_is_window, forget))
    )
    if not is_whole:
        raise NonsenseError
    return Sent(
        window=window,
        turn=turn,
        fields=_all_storable(fields),
        back=_all_storable(back),
        labels={
            name: {_storable(value): _storable(label) for value, label in of_name.items()}
            for name, of_name in labels.items()
        },
        seen=seen,
        is_apart=said.get("apart") is True,
        person=person,
        forget=forget,
    )


def _is_text(one: object) -> bool:
    return isinstance(one, str)


def _are_texts(values: object) -> bool:
    return isinstance(values, list) and all(map(_is_text, values))


def _is_window(one: object) -> bool:
    return isinstance(one, str) and bool(WINDOW.fullmatch(one))


def _maps(one: object, holds: Callable[[Any], bool]) -> bool:
    return isinstance(one, dict) and all(map(holds, one.values()))


def _all_storable(fields: Fields) -> Fields:
    return {_storable(name): [*map(_storable, values)] for name, values in fields.items()}


def _storable(text: str) -> str:
    """Without what a database has no place for."""
    return text.replace("\0", "").encode(errors="replace").decode()


# Rows. Whoever calls these holds a transaction. Whoever needs both holds what is kept before the
# row that the words belong to, and an empty form's before that of the row which it became: two that
# wait for each other would never end.


def hold(user: Any, form: str, window: str) -> KeptForm:
    """The row of this window, to which nobody else writes until the transaction ends."""
    rows = KeptForm.objects.select_for_update()
    return rows.get_or_create(user=user, form=form, window=window)[0]


def hold_all(user: Any, form: str, windows: list[str]) -> None:
    for window in sorted(windows):
        hold(user, form, window)


def keep(kept: KeptForm, sent: Sent, names: Names) -> None:
    """Put what was sent in place of what the window had kept, unless that is newer or saved."""
    if kept.over_at or sent.turn < kept.turn:
        return
    fields = {name: values for name, values in sent.fields.items() if name in names}
    labels = {name: one for name, one in sent.labels.items() if name in fields}
    had: Fields = (kept.data or {}).get("fields", {})
    now = sent.back | fields
    gone = {name: was for name, was in had.items() if _is_gone(name, was, now, names)}
    keep_before(kept.user, kept.form, gone)
    kept.turn, kept.at = sent.turn, timezone.now()
    kept.data = {"fields": fields, "labels": labels} if fields else None
    kept.save(update_fields=["turn", "at", "data", "wrote", "made"])


def _is_gone(name: str, was: list[str], now: Fields, names: Names) -> bool:
    after = " ".join(now.get(name, was))  # a name that was not sent says nothing
    return words_are_gone(names.text_of(name), " ".join(was), after)


def keep_before(user: Any, form: str, fields: Fields) -> None:
    """Keep words that a change takes away, so that whoever regrets it can bring them back."""
    if not fields:
        return
    KeptForm.objects.create(
        user=user,
        form=form,
        window=f"before-{token_hex(8)}",
        is_before=True,
        data={"fields": fields, "labels": {}},
    )
    before = KeptForm.objects.of(user, form).filter(is_before=True).newest_first()
    KeptForm.objects.filter(pk__in=[one.pk for one in before[MAX_BEFORE:]]).delete()


def mark_saved(user: Any, form: str, windows: list[str], saved: Fields, names: Names) -> None:
    """The form was saved: what these windows kept of it goes. Words that were typed and are not in
    what was saved are kept as deleted ones.
    """
    now = timezone.now()
    for row in KeptForm.objects.of(user, form).unsaved().filter(window__in=windows):
        had: Fields = (row.data or {})["fields"]
        gone = {name: was for name, was in had.items() if _is_gone(name, was, saved, names)}
        keep_before(user, form, gone)
    for window in windows:
        KeptForm.objects.update_or_create(
            user=user,
            form=form,
            window=window,
            defaults={"data": None, "over_at": now, "at": now},
        )


def forget(user: Any, form: str, windows: list[str]) -> None:
    """The words of these windows were thrown away, or are in another window now."""
    now = timezone.now()
    rows = KeptForm.objects.of(user, form).filter(window__in=windows)
    rows.update(data=None, over_at=now, at=now)


def offered(user: Any, form: str) -> list[KeptForm]:
    """What was typed into this form and never saved, newest first."""
    return list(KeptForm.objects.of(user, form).unsaved().newest_first()[:MAX_KEPT])


def saved(user: Any, form: str, windows: list[str]) -> list[str]:
    """Those of the windows whose form was saved, or whose words were thrown away."""
    over = KeptForm.objects.of(user, form).filter(window__in=windows, over_at__isnull=False)
    return list(over.values_list("window", flat=True))


def turns(user: Any, form: str, windows: list[str]) -> dict[str, int]:
    """The latest turn that was taken of each of the windows. What it had is in the draft, or kept:
    a device that never got the answer has nothing that is not here.
    """
    known = KeptForm.objects.of(user, form).filter(window__in=windows, over_at__isnull=True)
    return dict(known.values_list("window", "turn"))


def naming(person: Named) -> QuerySet[KeptForm]:
    """What the person kept, and what names them. Few rows are there at any time."""
    rows = KeptForm.objects.select_related("user").only("data", "user__email")
    found = [row.pk for row in rows.iterator(100) if _leads_to(row, person)]
    return KeptForm.objects.filter(pk__in=found)


def _leads_to(row: KeptForm, person: Named) -> bool:
    if getattr(row.user, "email", "") in person.spellings:
        return True
    return any(person.is_named_in(text) for text in _texts(row.data))


def _texts(data: Any) -> Iterator[str]:
    match data:
        case str():
            yield data
        case list():
            for one in data:
                yield from _texts(one)
        case dict():
            for one in data.values():
                yield from _texts(one)
