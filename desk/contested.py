"""What a form says of a field that two people changed: who, when, and both versions."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from desk.merging_texts import TwoTexts, fits
from desk.three_way import Choice

DECIDE = "decide"  # the name of the choice ends on it: "street-decide"
MAX_LINE = 80  # of a value that fits into a sentence
MAX_LOG = 20  # entries to look for who changed a field


@dataclass(frozen=True)
class Change:
    """A colleague's, as far as it is known who it was."""

    by: str = "A colleague"
    at: datetime | None = None

    def __str__(self) -> str:
        return self.by

    @property
    def moment(self) -> str:
        return f"{timezone.localtime(self.at):%-d %b, %H:%M}" if self.at else ""


def find_change(page: models.Model, label: str, *, since: datetime | None) -> Change:
    """Who changed the field last, by the log of the admin where it knows."""
    if since is None:
        return Change()
    entries = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(page),
        object_id=str(page.pk),
        action_time__gte=since,
    ).select_related("user")
    for entry in entries.order_by("-action_time")[:MAX_LOG]:
        if f'"{label}"' in json.dumps(_parts(entry.change_message), ensure_ascii=False):
            return Change(str(entry.user), entry.action_time)
    return Change()


def both_versions(
    *, name: str, label: str, mine: str, theirs: str, texts: TwoTexts | None, change: Change
) -> SafeString:
    """Both, and the choice between them. `name` is what the choice is sent as."""
    is_html = isinstance(theirs, SafeString)
    is_long = is_html or any(len(one) > MAX_LINE or "\n" in one for one in (mine, theirs))
    context = {
        "name": name,
        "label": label,
        "change": change,
        "mine": mine,
        "theirs": theirs,
        "is_long": is_long,
        "is_html": is_html,
        "comparison": texts.comparison(f"{name}-change") if texts else None,
        "is_put_together": texts is not None and texts.base is not None,
        "both": texts is not None and fits(texts.field, texts.chosen(Choice.BOTH)),
    }
    return render_to_string("admin/_contested.html", context)


def changed_before_deletion(lines: Iterable[tuple[str, str]], change: Change) -> SafeString:
    """What became of a row that this person is about to delete."""
    context = {"lines": list(lines), "change": change}
    return render_to_string("admin/_changed_before_deletion.html", context)


def also_changed(labels: list[str]) -> SafeString:
    text = (
        "A colleague also changed this while you had the page open: {}. The form shows it as it "
        "is now."
    )
    return format_html(f'<p class="standing">{text}</p>', ", ".join(labels))


def is_frozen(label: str, typed: str) -> SafeString:
    """What was typed into a field that takes nothing any more."""
    return render_to_string("admin/_frozen.html", {"label": label, "typed": typed})


def _parts(change_message: str) -> Any:
    try:
        return json.loads(change_message)
    except ValueError:
        return []
