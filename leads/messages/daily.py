"""Emails to staff that go out once a day and list people: how they are put into the outbox."""

from collections.abc import Iterable
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone

from desk import zones
from leads.models import Digest, Inquiry
from mail import outbox
from mail.rendering import render_html
from offices.models import Office

SENT_AT = time(7)  # in the headquarters' time zone


def morning(now: datetime) -> datetime | None:
    """The moment at the headquarters; None before the hour of daily emails."""
    headquarters = Office.objects.headquarters()
    local = now.astimezone(zones.zone(headquarters.timezone if headquarters else ""))
    return None if local.time() < SENT_AT else local


def put_once(
    key: str,
    *,
    to: str,
    subject: str,
    template: str,
    context: dict[str, Any],
    zone: ZoneInfo,
    inquiries: Iterable[Inquiry],
) -> bool:
    """Put it into the outbox with all the `inquiries` it lists, by which erasure finds it; False
    when it is there already.
    """
    if Digest.objects.filter(message__key=key).exists():
        return False
    with timezone.override(zone):
        text = render_to_string(f"leads/mail/{template}.txt", context)
        html = render_html(f"leads/mail/{template}.html", context)
    with transaction.atomic():
        message = outbox.put(
            key=key,
            to=to,
            subject=subject,
            text=text,
            html=html,
            headers={"Auto-Submitted": "auto-generated"},
        )
        digest, is_new = Digest.objects.get_or_create(message=message)
        if is_new:
            digest.inquiries.set(inquiries)
    return is_new
