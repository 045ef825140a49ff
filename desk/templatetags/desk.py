"""What the templates of the desk ask for."""

from typing import Any

from django import template
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from desk import acts
from desk.matching import mentions
from desk.navigation import Navigation

register = template.Library()


@register.simple_tag(takes_context=True)
def navigation(context: template.Context) -> Navigation:
    """`{% navigation as desk %}`: where the person may go, and where they are."""
    return Navigation(context["request"])


@register.simple_tag(takes_context=True)
def latest_act(context: template.Context) -> acts.Told | None:
    """`{% latest_act as told %}`: what the person did last and can still take back."""
    return acts.latest(context["request"])


@register.filter
def labeled(cells: list[str], headers: list[dict[str, Any]]) -> list[SafeString]:
    """The cells of a row of Django's list, each with the name of its column: on a phone, where a
    row is a card, it stands before what is in the cell.
    """
    names = [header["text"] for header in headers]
    names += [""] * (len(cells) - len(names))  # one cell for the hidden fields of a form
    return [_labeled(cell, name) for cell, name in zip(cells, names, strict=True)]


def _labeled(cell: str, name: str) -> SafeString:
    """Django gives cells as `<td class=…>` or `<th class=…>`."""
    if not name or "<input" in name:  # the box that chooses every row
        return SafeString(cell)
    tag, rest = cell[:3], cell[3:]
    return SafeString(f'{tag} data-label="{escape(capfirst(name))}"{rest}')


@register.filter
def marked(text: str, words: str) -> SafeString:
    """The text with each of the words in it marked, unless that is done: then it is HTML."""
    if isinstance(text, SafeString):
        return text
    pieces: list[str] = []
    end = 0
    for match in mentions(words).finditer(text):
        pieces += [escape(text[end : match.start()]), format_html("<mark>{}</mark>", match[0])]
        end = match.end()
    return SafeString("".join([*pieces, escape(text[end:])]))
