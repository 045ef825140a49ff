"""Is it well? `/healthz`: the process answers. `/readyz`: so does everything behind it."""

import logging
from collections.abc import Callable
from datetime import timedelta

from celery import current_app
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from kombu.exceptions import OperationalError

from leads.models import Inquiry
from mail.models import Message
from pages.jobs import jobs

logger = logging.getLogger(__name__)

# The sweep takes up what is due each ten seconds; older than this, nobody is at work.
LETTER_OVERDUE = timedelta(minutes=5)


def healthz(request: HttpRequest) -> HttpResponse:
    """200 while this process serves requests at all."""
    return HttpResponse("ok\n", content_type="text/plain")


def readyz(request: HttpRequest) -> JsonResponse:
    """200 when all is well, else 503; the body says `ok` or what is wrong, for each part."""
    findings = {name: _finding(check) for name, check in CHECKS.items()}
    is_well = all(finding == "ok" for finding in findings.values())
    return JsonResponse(findings, status=200 if is_well else 503)


def _finding(check: Callable[[], str]) -> str:
    try:
        return check()
    except (DatabaseError, OperationalError, OSError) as error:
        logger.warning("Not ready: %s: %s", check.__name__, error)
        return "cannot be reached"


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def _broker() -> str:
    if settings.REDIS_URL:
        with current_app.connection_for_write() as broker:
            broker.ensure_connection(max_retries=0, timeout=1)
    return "ok"  # without Redis the queue is a folder of ours


def _mail() -> str:
    overdue = Message.objects.undelivered().filter(created_at__lt=timezone.now() - LETTER_OVERDUE)
    return f"{count} overdue" if (count := overdue.count()) else "ok"


def _inquiries() -> str:
    overdue = Inquiry.objects.unannounced().filter(received_at__lt=timezone.now() - LETTER_OVERDUE)
    return f"{count} not announced" if (count := overdue.count()) else "ok"


def _beat() -> str:
    now = timezone.now()
    late = [job.task for job in jobs() if job.is_late(now)]
    return f"late: {', '.join(late)}" if late else "ok"


CHECKS: dict[str, Callable[[], str]] = {
    "database": _database,
    "broker": _broker,
    "mail": _mail,
    "inquiries": _inquiries,
    "beat": _beat,
}
