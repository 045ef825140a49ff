"""How long the admin keeps what colleagues do in it."""

from datetime import timedelta

from django.conf import settings
from django.contrib.admin.models import LogEntry

from desk import presence
from desk.models import Act, AuditEvent, KeptForm, Presence
from web.retention import YEAR, Rule

RULES = (
    Rule(
        "desk.kept_forms",
        "desk.KeptForm",
        "What colleagues typed into a form and have not saved",
        "it was last typed into",
        days=30,
        at_least=7,
        at_most=90,
        due=lambda before: KeptForm.objects.filter(at__lt=before),
    ),
    Rule(
        "desk.presence",
        "desk.Presence",
        "Who had a form open",
        "they left it",
        days=presence.KEPT_FOR.days,
        at_least=presence.KEPT_FOR.days,
        at_most=presence.KEPT_FOR.days,
        due=lambda before: Presence.objects.filter(until__lt=before),
    ),
    # Undo has an hour; what was done stands in the history of what it was done to.
    Rule(
        "desk.acts",
        "desk.Act",
        "What could be undone",
        "it was done",
        days=30,
        at_least=30,
        at_most=30,
        due=lambda before: Act.objects.filter(at__lt=before),
    ),
    Rule(
        "desk.log",
        "admin.LogEntry",
        "Who did what in the admin",
        "it was done",
        days=3 * YEAR,
        at_least=YEAR,
        at_most=10 * YEAR,
        due=lambda before: LogEntry.objects.filter(action_time__lt=before),
        delete=lambda entries: entries.delete()[0],
    ),
    # A line has its own period from when it was written, and the database holds us to that.
    Rule(
        "desk.audit",
        "desk.AuditEvent",
        "The audit log: who signed in, and did what matters to security",
        "it was written",
        days=settings.AUDIT_LOG_DAYS,
        at_least=settings.AUDIT_LOG_DAYS,
        at_most=settings.AUDIT_LOG_DAYS,
        due=lambda before: AuditEvent.objects.outdated(
            before + timedelta(days=settings.AUDIT_LOG_DAYS)
        ),
    ),
)
