"""A success message with an Undo button, which works without script."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html


def offer(request: HttpRequest, text: str, *, undo_url: str, at: datetime) -> None:
    """Say what was done, with a button that takes it back.

    What one person did in one go has one moment: that moment says what to take back.
    """
    message = format_html(
        '{} <form class="undo" method="post" action="{}">'
        '<input type="hidden" name="csrfmiddlewaretoken" value="{}">'
        '<input type="hidden" name="at" value="{}">'
        '<button class="undo__button">Undo</button></form>',
        text,
        undo_url,
        get_token(request),
        at.isoformat(),
    )
    messages.success(request, message)


def moment(request: HttpRequest, name: str = "at") -> datetime | None:
    """The moment that a button of `offer` names; None for anything else."""
    try:
        found = parse_datetime(request.POST.get(name, ""))
    except ValueError:
        return None
    return found if found and found.tzinfo else None
